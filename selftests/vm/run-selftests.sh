#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run-selftests.sh TESTS_DIR [INSTALLED_DIR]: loads nothing, runs every kselftest,
# prints TAP.  Exits non-zero if one fails or there is none.  Runs on any machine
# with the module loaded.
#
# In INSTALLED_DIR are the tests of a kernel tree: `make -C tools/testing/selftests
# install`.  Its runner runs these, and of TESTS_DIR only those are run that are not
# among them.

collection=drivers/accel/ascdev
installed=${2-}
ret=1
for test in "$1"/ascdev_*; do
	[ -x "$test" ] && ret=0
done
[ $ret -eq 0 ] || echo "not ok 0 no tests in $1"

# The results of a program's tests are comments to the runner's.  Into a pipe, for it
# opens its output again.
if [ -n "$installed" ]; then
	"$installed/run_kselftest.sh" -c $collection | cat > /tmp/kselftest.tap
	grep -q '^ok' /tmp/kselftest.tap && ! grep '^not ok' /tmp/kselftest.tap || ret=1
	sed -nE 's/^# ((not )?ok |# )/\1/p' /tmp/kselftest.tap
fi
for test in "$1"/ascdev_*; do
	[ -x "$test" ] && [ -f "$test" ] || continue
	[ -n "$installed" ] && [ -e "$installed/$collection/$(basename "$test")" ] && continue
	echo "# $(basename "$test")"
	begin=$SECONDS
	timeout 3000 "$test"
	rc=$?
	echo "# $(basename "$test"): $((SECONDS - begin)) s"
	if [ $rc -ne 0 ] && [ $rc -ne 4 ]; then
		echo "# $(basename "$test"): exit code $rc"
		[ $rc -gt 4 ] && echo "not ok 0 $(basename "$test") ended with $rc"
		ret=1
	fi
done
exit $ret
