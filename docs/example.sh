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

cat >"$place/example.sh" <<'SCRIPT'
#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
env no-such-tool 2>/dev/null
./greet.sh "two words" >greeting.tmp
mv greeting.tmp greeting.txt
cat greeting.txt no-such-file.txt >/dev/null 2>&1
rm greeting.txt
{ sh -c 'kill -KILL $$'; } 2>/dev/null
exit 0
SCRIPT
cat >"$place/greet.sh" <<'SCRIPT'
#!/bin/sh
echo "hello, $1"
exit 3
SCRIPT
chmod 755 "$place" "$place/example.sh" "$place/greet.sh"
# called by sudo, aa-trace runs the example as the user who called it, and that one makes files
[ -z "${SUDO_UID:-}" ] || [ "$(id -u)" -ne 0 ] || chown -R "$SUDO_UID:${SUDO_GID:-}" "$place"

echo "aa-trace watches a script that searches PATH for a program that does not exist, runs a script with"
echo "\"#!\" that ends with 3, writes, renames, reads and removes a file, opens one that does not exist, and"
echo "starts a shell that is killed. Each line is one event; -P leaves out files of other directories:"
cd "$place"
$as_root "$program" -P 'aa-trace-example.*/' -- ./example.sh
