#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# docs/example.sh build/aa-trace: aa-trace on a small script of its own. Ends with 0 if the trace worked.
set -eu

if [ $# -ne 1 ] || [ ! -x "$1" ]; then
	echo "usage: docs/example.sh PATH-OF-AA-TRACE" >&2
	exit 2
fi
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "docs/example.sh: aa-trace needs root, and there is no sudo: run this as root" >&2
		exit 1
	fi
	as_root=sudo
fi

place=$(mktemp -d "${TMPDIR:-/tmp}/aa-trace-example.XXXXXX")
trap 'rm -rf "$place"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$place" # under sudo the example runs as the calling user

cat >"$place/example.sh" <<'SCRIPT'
#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
env no-such-tool 2>/dev/null
./greet.sh "two words" >/dev/null
{ sh -c 'kill -KILL $$'; } 2>/dev/null
exit 0
SCRIPT
cat >"$place/greet.sh" <<'SCRIPT'
#!/bin/sh
echo "hello, $1"
exit 3
SCRIPT
chmod 755 "$place/example.sh" "$place/greet.sh"

echo "aa-trace watches a script that searches PATH for a program that does not exist, runs a script with"
echo "\"#!\" that ends with 3, and starts a shell that is killed. Each line is one exec or exit:"
cd "$place"
$as_root "$program" -- ./example.sh
