#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guest-check.sh BUILD_DIR MODULE [NEEDED_MODULE...]: in a guest, from the top of
# the tree: load the module, run all tests of it, unload it; prints TAP.
#
# Environment: INSTALLED, where a kernel tree's kselftests are installed; UDEVADM, a
# program.

build=$1 module=$2
shift 2
. "$(dirname "$0")/guest-load.sh"

. selftests/tap.sh
load_module "$module" "$@"
result $? "the module loads"
kunit=$(dirname "$module")/ascdev_kunit.ko
if [ -e "$kunit" ]; then
	"$(dirname "$0")/run-kunit.sh" "$kunit" || tap_failed=1
else
	skip "KUnit" "the kernel has none"
fi
ASCDEV_ABI=$PWD/Documentation/ABI/testing/sysfs-driver-ascdev ASCDEV_MODULE=$(realpath "$module") \
	"$(dirname "$0")/run-selftests.sh" "$build/selftests" ${INSTALLED:+"$INSTALLED"} ||
	tap_failed=1
selftests/backends_test.sh "$build/asc" || tap_failed=1
selftests/command_test.sh "$build/asc" || tap_failed=1
# numpy takes its time where a CPU is interpreted
[ -n "${STOCK-}" ] || /usr/bin/python3 -B python/tests/run.py "$build" hw test_codec test_jobs ||
	tap_failed=1
[ -z "${UDEVADM-}" ] || "$(dirname "$0")/udev_test.sh" "$UDEVADM" || tap_failed=1

# the compressed maps of the demo, to be compared with those of other machines
for photo in coffee chelsea; do
	mkdir -p "/tmp/job/keep/$photo"
	"$build/superres" --backend hw -w examples/superres/weights.bin \
		--dump "/tmp/job/keep/$photo" "examples/superres/$photo.png" > /tmp/superres.out
	result $? "super-resolution of $photo.png on the device"
done
"$build/minimal" > /tmp/minimal.out && grep -q 'backend hw' /tmp/minimal.out
result $? "the example of the README on the device"

for example in "$build"/man-examples/*; do
	"$example" > /tmp/example.out 2>&1
	result $? "the example of $(basename "$example") on the device"
done

"$build/driver-bench" --rounds 1 --ms 1 --max 4096 > /tmp/driver-bench.out
result $? "the benchmark runs, and device and codec in process give the same bytes"

# with no device but one of configfs, whose directory keeps the module
only_configfs() {
	local rc config=/sys/kernel/config/ascdev
	insmod "$module" default_device=0 || return
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
	[ ! -e /sys/class/accel/accel0 ] && mkdir $config/only && echo 1 > $config/only/enabled &&
		[ "$(cat /sys/class/accel/accel0/device/name)" = only ] &&
		"$build/selftests/ascdev_query" && ! rmmod ascdev && rmdir $config/only
	rc=$?
	rmmod ascdev && return $rc
}

# unless told otherwise, engines and the library find the same in the CPU
cpu=$(cat /sys/class/accel/accel*/device/cpu)
"$build/asc" info -b sw | grep -q "^cpu  *$cpu$"
result $? "engines run code for $cpu"
rmmod ascdev
result $? "rmmod ascdev"
# and what other CPUs have; in Debian's kernel, the suite stock-scalar has such a CPU
others=
[ -n "${STOCK-}" ] || others=scalar
[ "$cpu" != avx512 ] || others+=" avx2"
for cpu in $others; do
	for step in "insmod $module cpu=$cpu" "build/selftests/ascdev_codec" \
			"build/selftests/ascdev_payload" "rmmod ascdev"; do
		$step > /tmp/step.out 2>&1 || { sed 's/^/# /' /tmp/step.out; false; }
		result $? "$cpu: $step"
	done
done
for parameter in cpu=none cpu= engines=0 engines=9 pinned_percent=101; do
	! insmod "$module" "$parameter" 2> /tmp/insmod.err && [ ! -e /sys/module/ascdev ]
	result $? "insmod with $parameter is refused"
done
only_configfs > /tmp/only_configfs.out 2>&1 || { sed 's/^/# /' /tmp/only_configfs.out; false; }
result $? "the module without a device of its own"
finish
