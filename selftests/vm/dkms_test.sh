#!/bin/bash
# SPDX-License-Identifier: MIT
#
# dkms_test.sh HEADERS: DKMS builds the module for the kernel of these headers, in
# trees of its own; as TAP.

. "$(dirname "$0")/common.sh"
. "$VM_DIR/../tap.sh"
cd "$TOP_DIR" || exit 1
unset MAKEFLAGS MAKELEVEL
PATH=$PATH:/usr/sbin:/sbin

headers=$1
kernel=$(cat "$headers/include/config/kernel.release") || exit 1
if ! command -v dkms > /dev/null; then
	skip "DKMS" "dkms is missing"
	finish
	exit
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/ascdev-dkms.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
log=$dir/log

make -s dkms_install DESTDIR="$dir" > "$log" 2>&1
result $? "source for DKMS"
source_dir=$(echo "$dir"/usr/src/ascdev-*)
version=${source_dir##*-}
mkdir "$dir/tree" "$dir/modules"

run_dkms() {
	local command=$1
	shift
	dkms "$command" --dkmstree "$dir/tree" --sourcetree "$dir/usr/src" \
		--installtree "$dir/modules" -m ascdev -v "$version" "$@" >> "$log" 2>&1
	result $? "dkms $command"
}

run_dkms add
run_dkms build -k "$kernel" --kernelsourcedir "$headers"
module=$dir/tree/ascdev/$version/$kernel/$(uname -m)/module/ascdev.ko
[ -e "$module" ] || module=$(echo "$module".*)
[ "$(modinfo -F vermagic "$module" 2>> "$log" | cut -d' ' -f1)" = "$kernel" ]
result $? "the module is for $kernel"
[ $tap_failed -eq 0 ] || sed "s/^/# /" "$dir"/tree/ascdev/*/build/make.log
run_dkms remove --all
[ $tap_failed -eq 0 ] || sed "s/^/# /" "$log"
finish
