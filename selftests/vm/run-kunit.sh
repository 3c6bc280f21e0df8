#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run-kunit.sh MODULE: in a guest, runs the KUnit tests of a module and prints TAP,
# a line a case.  KUnit's own report is in the kernel's log, nested.

mark="ascdev-kunit $$"
echo "$mark" > /dev/kmsg
insmod "$1" || { echo "not ok 0 $(basename "$1") loads"; exit 1; }
rmmod "$(basename "$1" .ko)"

dmesg | sed -E 's/^\[[^]]*\] //' | awk -v mark="$mark" '
	index($0, mark) { seen = 1 }
	!seen { next }
	/^    # Subtest: / { suite = $3 }
	/^    (not )?ok [0-9]+ / {
		ok = sub(/^ *ok [0-9]+ /, "")
		sub(/^ *not ok [0-9]+ /, "")
		print (ok ? "ok " : "not ok ") ++count " " suite ": " $0
		failed += !ok
		next
	}
	/^ +[^ ]/ { print "#" $0 }
	END {
		if (!count)
			print "not ok 0 KUnit has run no test"
		print "1.." count + 0
		exit failed || !count
	}'
