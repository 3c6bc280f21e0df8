# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by test scripts: results as TAP.

# Whoever starts a test decides neither the language of messages, nor who may read its files,
# nor how it builds.
export LC_ALL=C.UTF-8
umask 022
unset LANGUAGE CDPATH NO_COLOR MAKEFLAGS MFLAGS MAKELEVEL

tap_count=0 tap_failed=0

result() { # STATUS NAME
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count $2"
	else
		echo "not ok $tap_count $2"
		tap_failed=1
	fi
}

skip() { # NAME REASON
	tap_count=$((tap_count + 1))
	echo "ok $tap_count $1 # SKIP $2"
}

# The plan comes last; its status is that of the script.
finish() {
	echo "1..$tap_count"
	return $tap_failed
}
