#!/bin/bash
# SPDX-License-Identifier: MIT
#
# cross_test.sh DIR: the codec's tests under qemu-user; DIR/MACHINE holds those built
# for a machine; prints TAP.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh

for machine in aarch64-linux-gnu s390x-linux-gnu arm-linux-gnueabihf; do
	cpu=${machine%%-*}
	for source in codec/tests/*_test.c; do
		name=$(basename "$source" .c)
		ASCDEV_FEW_ROUNDS=1 "qemu-$cpu" "$1/$machine/$name" > "$1/$machine/$name.log" 2>&1
		result $? "$cpu: $name" || grep -vE '^(ok|# +(OK|RUN))' "$1/$machine/$name.log" | sed 's/^/# /'
	done
done
finish
