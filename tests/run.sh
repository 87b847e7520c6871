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

# program, who may run it, seconds after which it is taken for hanging (a busy machine took four times as long as a quiet
# one), when: each in its turn, or beside the others from the beginning; and what emulates its machine.
suites="
tests/vm/run                         anyone  5400  beside
build/san/tests/unit_tests           anyone  900   in-turn
build/tests/bpf_tests                root    2400  in-turn
build/tests/kernel_tests             root    3600  in-turn  env AA_TEST_ENGINE=tracepoint AA_TEST_NAMES=lexical AA_TEST_FUNCTIONS=no
build/tests/cli_tests                root    3600  in-turn
tests/model/run                      anyone  900   in-turn
tests/house/run                      anyone  300   in-turn
tests/schema/run                     anyone  300   in-turn
build/arm64/static/tests/unit_tests  anyone  1200  in-turn  env AA_TEST_DEADLINE=60 qemu-aarch64-static
"
results=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$results"' EXIT
trap 'exit 143' INT TERM HUP

# Some kernel tests look at the tracing files; the mount is all that this adds to the machine.
mount_tracefs() {
	[ "$(id -u)" = 0 ] && [ -d /sys/kernel/tracing ] && [ ! -e /sys/kernel/tracing/events ] || return 0
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || echo "note: cannot mount tracefs at /sys/kernel/tracing"
}

# Sets suite_passed and suite_failed from the summary in $output: a last line as that of this script, or doctest's, of
# which cases that were left out count as failed. Returns 1 if there is no summary.
read_summary() {
	[[ $(tail -n 1 "$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]] &&
		suite_passed=${BASH_REMATCH[1]} suite_failed=${BASH_REMATCH[2]} suite_skipped=${BASH_REMATCH[4]:-0} && return
	local number=' *([0-9]+)' line
	line=$(grep -a '^\[doctest\] test cases:' "$output" | tail -n 1)
	[[ $line =~ ^"[doctest] test cases:"${number}\ *\|${number}\ passed\ *\|${number}\ failed\ *(\|${number}\ skipped)? ]] || return 1
	suite_passed=${BASH_REMATCH[2]}
	suite_failed=$((BASH_REMATCH[3] + ${BASH_REMATCH[5]:-0}))
	suite_skipped=${BASH_REMATCH[5]:-0}
}

# Leaves what it has to tell in $results: a line of the table in NUMBER.row, "PASSED FAILED" in NUMBER.sum.
run_suite() {
	local number=$1 suite=$2 who=$3 limit=$4 emulator=$5 began=$SECONDS status problem= output=$results/$1.output
	local suite_passed=0 suite_failed=0 suite_skipped=0
	if [ "$who" = root ] && [ "$(id -u)" != 0 ]; then
		echo "$suite: needs root: counted as failed" >"$results/$number.row"
		echo 0 1 >"$results/$number.sum"
		cat "$results/$number.row"
		return
	fi
	# shellcheck disable=SC2086
	timeout -k 10 "$limit" $emulator "$suite" </dev/null >"$output" 2>&1 &
	# so that what runs beside the others ends with this script
	[ $BASHPID = $$ ] || trap "kill $! 2>/dev/null" TERM
	wait $!
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
	{
		if [ $suite_failed != 0 ]; then
			echo "$suite: FAILED${problem:+: $problem}"
			cat "$output"
			tests/failed-cases "$output" >"$results/$number.cases"
			[ -z "$problem" ] || echo "failed: $problem" >>"$results/$number.cases"
			sed -i "s|^failed: |&${suite##*/tests/}: |" "$results/$number.cases"
		else
			grep -aE '^(kernel |skipped: )' "$output"
		fi
	} >"$results/$number.told"
	echo "$suite: $suite_passed passed, $suite_failed failed$([ "$suite_skipped" = 0 ] ||
		echo ", $suite_skipped skipped"), $((SECONDS - began)) s" >"$results/$number.row"
	echo "$suite_passed $suite_failed" >"$results/$number.sum"
	# whole, also beside others
	cat "$results/$number.told" "$results/$number.row"
}

# Those that run beside the others, or those that take turns, of this directory.
run_all() {
	local when=$1 directory=$2 number=0 suite who limit its_turn emulator
	while read -r suite who limit its_turn emulator; do
		number=$((number + 1))
		[ "$its_turn" = "$when" ] || continue
		[[ $suite = tests/* && -n $directory ]] && continue
		[[ -x ${suite:-/nowhere} && $suite/ = @(${directory:-build}|tests)/* ]] || continue
		if [ "$when" = beside ]; then
			run_suite $number "$suite" "$who" "$limit" "$emulator" &
		else
			run_suite $number "$suite" "$who" "$limit" "$emulator"
		fi
	done <<<"$suites"
}

# what the suites read of aa-trace's JSON, for tests/schema/run
export AA_TEST_JSON_LINES=$results/json-lines
mount_tracefs
run_all beside "${1:-}"
run_all in-turn "${1:-}"
wait

# once more at the end, which is all that is kept of some logs: of each suite the first few, and short
names=6
echo
for cases in "$results"/*.cases; do
	[ -e "$cases" ] || continue
	head -n $names "$cases" | cut -c 1-160
	more=$(($(wc -l <"$cases") - names))
	[ $more -le 0 ] || echo "and $more more"
done
cat "$results"/*.row 2>/dev/null || echo "no suite was built: make tests"
cat "$results"/*.sum 2>/dev/null | awk '{ passed += $1; failed += $2 } END {
	print passed + 0 " passed, " failed + 0 " failed"
	exit passed == 0 || failed != 0 }'
