#!/bin/bash
# SPDX-License-Identifier: MIT
#
# demo.sh: from nothing to a network whose feature maps go through the driver,
# in a guest with Debian's kernel.

. "$(dirname "$0")/common.sh"
cd "$TOP_DIR" || exit 1

"$VM_DIR/install-packages.sh" build vm || exit 1
stock=$("$VM_DIR/fetch-kernel.sh" stock) || exit 1
version=$(cat "$stock/boot-version")
say "building"
make -s -j"$(nproc)" userspace || exit 1
"$VM_DIR/build-module.sh" "$stock/lib/modules/$version/build" "build/modules/$version" ||
	die "the module does not build"

mkdir -p build/demo
say "booting Linux $version in QEMU"
VM_KEEP=build/demo VM_TIMEOUT=200 "$VM_DIR/run-vm.sh" stock \
	"cd '$TOP_DIR' && STOCK='$stock' selftests/vm/guest-demo.sh build \
		build/modules/$version/ascdev.ko configfs drm drm_exec gpu-sched drm_shmem_helper"
ret=$?
[ $ret -eq 0 ] || die "the demo failed with code $ret"
echo
echo "Pictures (bicubic, network, network with every map compressed):"
ls build/demo/*.png
