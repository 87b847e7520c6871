#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Runs every test suite that was built, or those below DIRECTORY, and sums up. The last line of the output:
# "N passed, N failed". `make test` builds the suites and calls this.
#
#   tests/run.sh [DIRECTORY]
set -u
shopt -s extglob
cd "$(dirname "$0")/.." || exit 1

# program, who may run it, seconds after which it is taken for hanging, and what emulates its machine. A busy machine
# took four times as long as a quiet one.
suites="
build/tests/unit_tests               anyone  900
build/san/tests/unit_tests           anyone  900
build/tests/bpf_tests                root    1200
build/tests/kernel_tests             root    1800
build/tests/cli_tests                root    1800
tests/model/run                      anyone  900
build/arm64/static/tests/unit_tests  anyone  1200  env AA_TEST_DEADLINE=60 qemu-aarch64-static
tests/vm/run                         anyone  3600
"
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
passed=0 failed=0

# Some kernel tests look at the tracing files; the mount is all that this adds to the machine.
mount_tracefs() {
	[ "$(id -u)" = 0 ] && [ -d /sys/kernel/tracing ] && [ ! -e /sys/kernel/tracing/events ] || return 0
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || echo "note: cannot mount tracefs at /sys/kernel/tracing"
}

# Sets suite_passed and suite_failed from the summary in $output: a last line as that of this script, or doctest's, of
# which skipped cases count as failed. Returns 1 if there is no summary.
read_summary() {
	[[ $(tail -n 1 "$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] &&
		suite_passed=${BASH_REMATCH[1]} suite_failed=${BASH_REMATCH[2]} && return
	local number=' *([0-9]+)' line
	line=$(grep -a '^\[doctest\] test cases:' "$output" | tail -n 1)
	[[ $line =~ ^"[doctest] test cases:"${number}\ *\|${number}\ passed\ *\|${number}\ failed\ *(\|${number}\ skipped)? ]] || return 1
	suite_passed=${BASH_REMATCH[2]}
	suite_failed=$((BASH_REMATCH[3] + ${BASH_REMATCH[5]:-0}))
	suite_skipped=${BASH_REMATCH[5]:-0}
}

run_suite() {
	local suite=$1 who=$2 limit=$3 emulator=$4 began=$SECONDS status problem=
	local suite_passed=0 suite_failed=0 suite_skipped=0
	if [ "$who" = root ] && [ "$(id -u)" != 0 ]; then
		echo "$suite: needs root: counted as failed"
		failed=$((failed + 1))
		return
	fi
	# shellcheck disable=SC2086
	timeout -k 10 "$limit" $emulator "$suite" </dev/null >"$output" 2>&1
	status=$?
	if [ $status = 124 ] || { [ $status = 137 ] && [ $((SECONDS - began)) -ge "$limit" ]; }; then
		problem="not done after $limit s"
	elif ! read_summary; then
		problem="ended with status $status and without a summary"
	elif [ $((suite_passed + suite_failed)) = 0 ]; then
		problem="ran no test"
	elif [ $suite_failed = 0 ] && [ $status != 0 ]; then
		problem="ended with status $status"
	fi
	# what a timeout or a crash interrupted may have told its numbers before
	[ -z "$problem" ] || { read_summary; suite_failed=$((suite_failed + 1)); }
	if [ $suite_failed != 0 ]; then
		echo "$suite: FAILED${problem:+: $problem}"
		cat "$output"
	else
		grep -a '^kernel ' "$output"
	fi
	echo "$suite: $suite_passed passed, $suite_failed failed$([ "$suite_skipped" = 0 ] ||
		echo " ($suite_skipped of them skipped)"), $((SECONDS - began)) s"
	passed=$((passed + suite_passed))
	failed=$((failed + suite_failed))
}

mount_tracefs
while read -r suite who limit emulator; do
	[[ $suite = tests/* && -n ${1:-} ]] && continue
	[[ -x ${suite:-/nowhere} && $suite/ = @(${1:-build}|tests)/* ]] && run_suite "$suite" "$who" "$limit" "$emulator"
done <<<"$suites"

[ $((passed + failed)) != 0 ] || echo "no suite was built: make tests"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
