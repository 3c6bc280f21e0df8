#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run-selftests.sh TESTS_DIR: loads nothing, runs every kselftest, prints TAP.
# Exits non-zero if one fails or there is none.  Runs on any machine with the
# module loaded.

ret=1
for test in "$1"/ascdev_*; do
	[ -x "$test" ] && ret=0
done
[ $ret -eq 0 ] || echo "not ok 0 no tests in $1"
for test in "$1"/ascdev_*; do
	[ -x "$test" ] && [ -f "$test" ] || continue
	echo "# $(basename "$test")"
	timeout 600 "$test"
	rc=$?
	if [ $rc -ne 0 ] && [ $rc -ne 4 ]; then
		echo "# $(basename "$test"): exit code $rc"
		[ $rc -gt 4 ] && echo "not ok 0 $(basename "$test") ended with $rc"
		ret=1
	fi
done
exit $ret
