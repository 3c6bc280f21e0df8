#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh [ARGUMENT...]: what jobs cost, in User Mode Linux 7.3 and in Debian's kernel.
# Tables go to the screen; the same as JSON to build/bench.

. "$(dirname "$0")/common.sh"
cd "$TOP_DIR" || exit 1

"$VM_DIR/install-packages.sh" build vm check || exit 1
stock=$("$VM_DIR/fetch-kernel.sh" stock) || exit 1
new=$("$VM_DIR/build-uml.sh" 7.3 "$VM_DIR/uml-smp.config") || exit 1
version=$(cat "$stock/boot-version")
make -s -j"$(nproc)" userspace || exit 1
"$VM_DIR/build-module.sh" "$stock/lib/modules/$version/build" "build/modules/$version" &&
	"$VM_DIR/build-module.sh" "$new" build/modules/uml-7.3 ARCH=um ||
	die "the module does not build"

# bench NAME KERNEL MODULE NEEDED_MODULE...
bench() {
	local name=$1 kernel=$2 module=$3
	shift 3
	mkdir -p "build/bench/$name"
	say "$name"
	VM_TIMEOUT=${VM_TIMEOUT:-1800} VM_KEEP=build/bench/$name "$VM_DIR/run-vm.sh" "$kernel" \
		"cd '$TOP_DIR' && STOCK='$stock' && . selftests/vm/guest-load.sh &&
		load_module '$module' $* &&
		build/driver-bench --json /tmp/job/keep/driver-bench.json $arguments && rmmod ascdev"
}

arguments=$*
VM_APPEND="ncpus=2 seccomp=on" bench uml-7.3 "$new" build/modules/uml-7.3/ascdev.ko \
	"$new/drivers/gpu/drm/drm_exec.ko" || exit
bench stock stock "build/modules/$version/ascdev.ko" configfs drm drm_exec gpu-sched drm_shmem_helper vgem
