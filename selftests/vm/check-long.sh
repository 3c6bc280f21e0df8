#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check-long.sh [SUITE...]: what is too slow for check.sh, or some of it.  Ends like it;
# the logs are in build/check-long.
#
# Environment: LONG_SECONDS (600) for the fuzzer of ioctls, KILL_SECONDS (60) for clients
# that are killed, UNPLUG_SECONDS (120) for devices that come and go, FUZZ_SECONDS (120)
# for each fuzzer of a codec, FAULT_STEP (1) to have one in so many of the faults of
# probe and init, ASCDEV_FUZZ_SEED.

. "$(dirname "$0")/common.sh"
. "$VM_DIR/suites.sh"
cd "$TOP_DIR" || exit 1
only=$*
logs=build/check-long
start_suites

"$VM_DIR/install-packages.sh" build vm check prove || exit 1
ksft=$("$VM_DIR/fetch-kernel.sh" source-6.12)/tools/testing/selftests || exit 1
uml=$("$VM_DIR/build-uml.sh" 6.12 "$VM_DIR/uml-debug.config") || exit 1
new=$("$VM_DIR/build-uml.sh" 7.3 "$VM_DIR/uml-smp.config") || exit 1
seconds=${LONG_SECONDS:-600}
kill_seconds=${KILL_SECONDS:-60}
unplug_seconds=${UNPLUG_SECONDS:-120}
seed=${ASCDEV_FUZZ_SEED:-$(date +%s)}

say "building"
{
	make -j"$(nproc)" userspace &&
	make -j"$(nproc)" tests KSFT_SRC="$ksft" &&
	"$VM_DIR/build-module.sh" "$uml" build/modules/uml ARCH=um &&
	"$VM_DIR/build-module.sh" "$new" build/modules/uml-7.3 ARCH=um
} > "$logs/build.log" 2>&1 || { tail -n 40 "$logs/build.log"; exit 1; }

# wanted NAME COMMAND...: a suite, if it is among those to run
wanted() {
	[[ -n $only && " $only " != *" $1 "* ]] || suite "$@"
}

# in_guest NAME UML MODULE SECONDS COMMAND: with the module loaded, for so long at most
in_guest() {
	local name=$1 kernel=$2 module=$3 limit=$4 command=$5
	wanted "$name" env VM_TIMEOUT="$limit" VM_LOG="$logs/$name.dmesg" \
		VM_KMEMLEAK="${leaks-}" VM_APPEND="${append-}" "$VM_DIR/run-vm.sh" "$kernel" \
		"cd '$TOP_DIR' && . selftests/vm/guest-load.sh &&
		load_module $module $kernel/drivers/gpu/drm/drm_exec.ko || exit 1
		$command
		rc=\$?
		rmmod ascdev && exit \$rc"
}

fuzz="ASCDEV_FUZZ_SEED=$seed ASCDEV_FUZZ_SECONDS=$seconds build/selftests/ascdev_fuzz"
kills="ASCDEV_STRESS_SECONDS=$kill_seconds build/selftests/ascdev_stress"
faults="ASCDEV_MODULE=build/modules/uml/ascdev.ko ASCDEV_FAULT_STEP=${FAULT_STEP:-1} build/selftests/ascdev_fault"
unplug="ASCDEV_SEED=$seed ASCDEV_UNPLUG_SECONDS=$unplug_seconds build/selftests/ascdev_unplug"

leaks=1 in_guest fuzz "$uml" build/modules/uml/ascdev.ko $((seconds + 300)) "$fuzz"
leaks=1 in_guest stress "$uml" build/modules/uml/ascdev.ko $((kill_seconds + 600)) "$kills"
leaks=1 in_guest fault "$uml" build/modules/uml/ascdev.ko 1800 "$faults"
append="ncpus=2 seccomp=on"
in_guest fuzz-7.3 "$new" build/modules/uml-7.3/ascdev.ko $((seconds + 300)) "$fuzz"
in_guest stress-7.3 "$new" build/modules/uml-7.3/ascdev.ko $((kill_seconds + 600)) "$kills"
in_guest unplug-7.3 "$new" build/modules/uml-7.3/ascdev.ko $((unplug_seconds + 600)) "$unplug"
append=
leaks=1 in_guest unplug "$uml" build/modules/uml/ascdev.ko $((unplug_seconds + 600)) "$unplug"
wanted arches env CLANG_ARCHES="arm64 i386" "$VM_DIR/intree_test.sh" build/intree-long "$uml" "$new"
wanted large tools/tests/large_test.sh build/asc tensors
wanted valgrind libascdev/tests/valgrind_test.sh build async_test
wanted codec-fuzz make -s fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-120}"
wanted prove make -s prove

sum_up "seed $seed: "
