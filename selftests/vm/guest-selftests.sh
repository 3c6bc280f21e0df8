#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guest-selftests.sh MODULE TESTS_DIR [MODULE_TO_LOAD_FIRST...]: in a guest, load
# the module, run the tests, unload it; prints TAP.

module=$1 tests=$2
shift 2
. "$(dirname "$0")/guest-load.sh"

load_module "$module" "$@" || exit 1
"$(dirname "$0")/run-selftests.sh" "$tests"
ret=$?

# without users it must go, and come back
for step in "rmmod ascdev" "insmod $module" "rmmod ascdev"; do
	if $step; then
		echo "ok 0 $step"
	else
		echo "not ok 0 $step"
		ret=1
	fi
done
exit $ret
