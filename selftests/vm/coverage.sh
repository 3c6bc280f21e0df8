#!/bin/bash
# SPDX-License-Identifier: MIT
#
# coverage.sh: which lines of driver/ and codec/ the tests in a guest reach: KUnit and
# kselftests in User Mode Linux.  In build/coverage: coverage.txt, a line a file;
# uncovered.txt, the other lines; index.html, all of it.
#
# The kernel is that of the suite uml; only the module is built for gcov.

. "$(dirname "$0")/common.sh"
cd "$TOP_DIR" || exit 1
out=build/coverage

"$VM_DIR/install-packages.sh" build vm check coverage || exit 1
ksft=$("$VM_DIR/fetch-kernel.sh" source-6.12)/tools/testing/selftests || exit 1
uml=$("$VM_DIR/build-uml.sh" 6.12 "$VM_DIR/uml-debug.config") || exit 1

say "building"
rm -rf "$out"
mkdir -p "$out"
make -s -j"$(nproc)" userspace || exit 1
make -s -j"$(nproc)" tests KSFT_SRC="$ksft" > "$out/tests.log" 2>&1 ||
	{ tail -n 40 "$out/tests.log"; exit 1; }
"$VM_DIR/build-module.sh" "$uml" "$out/module" ARCH=um GCOV_PROFILE=y || exit 1

say "running the tests"
VM_KEEP="$out" VM_LOG="$out/dmesg" "$VM_DIR/run-vm.sh" "$uml" "cd '$TOP_DIR' &&
	selftests/vm/guest-check.sh build $out/module/ascdev.ko $uml/drivers/gpu/drm/drm_exec.ko
	rc=\$?
	cd '/sys/kernel/debug/gcov$(realpath "$out/module")' || exit
	for f in */*.gcda */*/*.gcda; do
		install -D /dev/null /tmp/job/keep/module/\$f && cat \$f > /tmp/job/keep/module/\$f
	done
	exit \$rc" > "$out/guest.tap"
rc=$?
grep '^not ok' "$out/guest.tap"
[ $rc -eq 0 ] || say "the tests failed, see $out/guest.tap"
[ -s "$out/module/driver/ascdev_drv.gcda" ] || die "the guest has counted nothing"

# Bodies of trace events are macros of the kernel's, and the tests are no subject.
set -- --root "$out/module" --exclude '.*/tests/' --exclude '.*/ascdev_trace' "$out/module"
gcovr "$@" --txt "$out/coverage.txt" --json "$out/coverage.json" \
	--html-details "$out/index.html" || exit 1
"$VM_DIR/uncovered.py" "$out/coverage.json" > "$out/uncovered.txt" || exit 1
cat "$out/coverage.txt"
exit $rc
