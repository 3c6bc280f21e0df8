# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by scripts that run suites of tests: each suite's TAP goes to a file in the
# directory $logs, what failed to the screen.

start_suites() {
	rm -rf "$logs"
	mkdir -p "$logs"
}

# suite NAME COMMAND...
suite() {
	local name=$1 rc
	shift
	say "$name"
	"$@" > "$logs/$name.tap" 2>&1
	rc=$?
	if [ $rc -ne 0 ] && ! grep -q '^not ok' "$logs/$name.tap"; then
		echo "not ok 0 $name ended with $rc" >> "$logs/$name.tap"
	elif ! grep -qE '^(not )?ok' "$logs/$name.tap"; then
		echo "not ok 0 $name has run no test" >> "$logs/$name.tap"
		rc=1
	fi
	[ $rc -eq 0 ] || grep -vE '^(ok|# +(OK|RUN))' "$logs/$name.tap" | tail -n 80
}

# sum_up [TEXT]: the last line, with TEXT in front; fails if a test did, or none was run
sum_up() {
	local failed skipped passed

	cat "$logs"/*.tap > "$logs/all"
	failed=$(grep -c '^not ok' "$logs/all")
	skipped=$(grep -c '^ok.*# SKIP' "$logs/all")
	passed=$(($(grep -c '^ok' "$logs/all") - skipped))
	grep '^not ok' "$logs/all"
	echo "${1-}$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
