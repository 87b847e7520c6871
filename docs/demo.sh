#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# docs/demo.sh: draws docs/demo.svg anew, the picture of README.md, from a run of build/aa-trace as root.
set -eu
cd "$(dirname "$0")/.."
here=$PWD place=/tmp/demo
mkdir "$place"
trap 'rm -rf "$place"' EXIT
cat >"$place/install.sh" <<'SCRIPT'
#!/bin/sh
env gcc-99 2>/dev/null
mkdir bin
echo 'echo hello' >bin/hello.tmp
mv bin/hello.tmp bin/hello
cat /etc/shadow >/dev/null
rm old.cfg
SCRIPT
chmod 755 "$place/install.sh"
touch "$place/old.cfg"
cd "$place"
"$here/docs/record.py" "$here/docs/demo.svg" 100 "sudo aa-trace -q -P /tmp/demo/ -P /etc/shadow -- ./install.sh" \
	"$here/build/aa-trace" -q -P /tmp/demo/ -P /etc/shadow -- ./install.sh
