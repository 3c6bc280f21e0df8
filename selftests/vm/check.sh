#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check.sh: every test.  Ends in one line "N passed, N failed, N skipped"; the
# logs are in build/check.

. "$(dirname "$0")/common.sh"
. "$VM_DIR/suites.sh"
cd "$TOP_DIR" || exit 1
logs=build/check
start_suites

"$VM_DIR/install-packages.sh" build vm check cross docs || exit 1
# everything is built anew, and most of it is what it was the last time
PATH=/usr/lib/ccache:$PATH
stock=$("$VM_DIR/fetch-kernel.sh" stock) || exit 1
ksft=$("$VM_DIR/fetch-kernel.sh" source-6.12)/tools/testing/selftests || exit 1
uml=$("$VM_DIR/build-uml.sh" 6.12 "$VM_DIR/uml-debug.config") || exit 1
new=$("$VM_DIR/build-uml.sh" 7.3 "$VM_DIR/uml-smp.config") || exit 1
udevadm=$("$VM_DIR/fetch-udevadm.sh") || exit 1
version=$(cat "$stock/boot-version")
headers=$stock/lib/modules/$version/build
# what intree_test.sh makes for each
uml_out=build/intree/$(cat "$uml/include/config/kernel.release")
new_out=build/intree/$(cat "$new/include/config/kernel.release")

# one NAME COMMAND...: a test that is a command; silent if it works
one() {
	local name=$1
	shift
	if timed "$name" "$logs/$name.log" "$@"; then
		echo "ok 0 $name" >> "$logs/commands.tap"
	else
		echo "not ok 0 $name" | tee -a "$logs/commands.tap"
		tail -n 40 "$logs/$name.log" | sed "s/^/$name: /"
	fi
}

say "building"
# what was built with other flags would hide warnings
rm -rf build/{codec,libascdev,tools,examples,tests,selftests,selftests32,fuzz,cross}
one build-userspace make -j"$(nproc)" userspace build/codec-bench CFLAGS="-O2 -g -Werror"
one build-tests make -j"$(nproc)" tests KSFT_SRC="$ksft" CFLAGS="-O2 -g -Werror"
one build-tests32 make -j"$(nproc)" tests32 KSFT_SRC="$ksft" CFLAGS="-O2 -g -Werror"
one build-fuzzers make -j"$(nproc)" fuzzers CFLAGS="-O2 -g -Werror"
one build-cross make -j"$(nproc)" cross-tests KSFT_SRC="$ksft" CFLAGS="-O2 -g -Werror"
one build-module-stock "$VM_DIR/build-module.sh" "$headers" "build/modules/$version" \
	W=1 KCFLAGS=-Werror

# Lanes of suites run side by side, as many as there are CPUs, but two at least; each is a process
# group, which goes with this script.
set -m
trap 'for job in $(jobs -p); do kill -TERM -- "-$job"; done; exit 130' INT TERM
lanes=$(($(nproc) > 2 ? $(nproc) : 2))

run_lanes() { # FUNCTION...: the first ones first
	local lane
	for lane; do
		while [ "$(jobs -pr | wc -l)" -ge "$lanes" ]; do wait -n; done
		"$lane" &
	done
	wait
}

codec_suites() {
	local source name

	for source in codec/tests/*_test.c; do
		name=$(basename "$source" _test.c)
		suite "codec-$name" "build/tests/${name}_test"
	done
	suite codec-fuzz codec/fuzz/fuzz_test.sh build/fuzz
	suite ebpc-vectors codec/tests/ebpc_vectors_test.sh build/ebpc-vectors
}

cross_suites() {
	suite codec-cross codec/tests/cross_test.sh build/cross
}

# What the guests need comes first, and they come when it is there.
intree_suites() {
	suite intree "$VM_DIR/intree_test.sh" build/intree "$uml" "$new"
	: > "$logs/intree.done"
}

after_intree() {
	until [ -e "$logs/intree.done" ]; do sleep 1; done
}

text_checks() {
	one style "$VM_DIR/check-style.sh" "$ksft/../../.." "$headers" "$new"
	one docs Documentation/build-docs.sh build/docs
	suite dkms "$VM_DIR/dkms_test.sh" "$headers"
}

measure_suites() {
	suite superres examples/superres/superres_test.sh build "$logs/native"
	suite evaluation tools/eval/evaluate_test.sh build
	suite bench tools/bench/bench_test.sh build
}

user_suites() {
	suite library build/tests/api_test
	suite library-async build/tests/async_test
	suite library-errors build/tests/errors_test
	suite documented /usr/bin/python3 -B libascdev/tests/documented_test.py
	suite discovery build/tests/discovery_test
	suite library-tsan env TSAN_OPTIONS=halt_on_error=1 build/tests/api_test_tsan
	suite async-tsan env TSAN_OPTIONS=halt_on_error=1 build/tests/async_test_tsan
	suite valgrind libascdev/tests/valgrind_test.sh build api_test errors_test discovery_test examples command
	suite abi libascdev/tests/abi_test.sh build
	suite man libascdev/tests/man_test.sh build
	suite command tools/tests/asc_test.sh build/asc
	# a library that is preloaded comes first
	suite command-asan env ASAN_OPTIONS=verify_asan_link_order=0 tools/tests/asc_test.sh build/tests/asc
	suite command-stat tools/tests/stat_test.sh build/asc
	suite command-measure tools/tests/measure_test.sh build/asc
	suite large tools/tests/large_test.sh build/asc
	suite examples tools/tests/examples_test.sh build/asc
	suite python /usr/bin/python3 -B python/tests/run.py build
	suite uapi uapi/tests/layout_test.sh
	suite install libascdev/tests/install_test.sh
}

uml_suites() {
	after_intree
	suite uml env VM_KEEP="$logs/uml" VM_LOG="$logs/uml.dmesg" VM_KMEMLEAK=1 \
		"$VM_DIR/run-vm.sh" "$uml" "cd '$TOP_DIR' && UDEVADM='$udevadm' \
			selftests/vm/guest-check.sh build \
			$uml_out/modules/ascdev.ko $uml/drivers/gpu/drm/drm_exec.ko"
}

uml_smp_suites() {
	after_intree
	suite uml-7.3 env VM_KEEP="$logs/uml-7.3" VM_LOG="$logs/uml-7.3.dmesg" \
		VM_APPEND="ncpus=2 seccomp=on kunit.enable=1 kunit.autorun=1" \
		"$VM_DIR/run-vm.sh" "$new" "cd '$TOP_DIR' && INSTALLED='$new_out/kselftest' \
			selftests/vm/guest-check.sh build $new_out/modules/ascdev.ko $new/drivers/gpu/drm/drm_exec.ko"
}

stock_suites() {
	suite stock env VM_KEEP="$logs/stock" VM_LOG="$logs/stock.dmesg" STOCK="$stock" \
		"$VM_DIR/run-vm.sh" stock "cd '$TOP_DIR' && STOCK='$stock' selftests/vm/guest-check.sh build \
			build/modules/$version/ascdev.ko configfs drm drm_exec gpu-sched drm_shmem_helper vgem"
}

stock_short_suites() {
	suite stock-scalar env VM_CPU="max,-avx2" VM_LOG="$logs/stock-scalar.dmesg" STOCK="$stock" \
		"$VM_DIR/run-vm.sh" stock "cd '$TOP_DIR' && STOCK='$stock' &&
			. selftests/vm/guest-load.sh && load_module build/modules/$version/ascdev.ko configfs \
				drm drm_exec gpu-sched drm_shmem_helper vgem &&
			[ \$(cat /sys/class/accel/accel0/device/cpu) = scalar ] &&
			build/selftests/ascdev_codec && build/selftests/ascdev_payload && rmmod ascdev"
	suite stock-sleep "$VM_DIR/sleep_test.sh" build/selftests/ascdev_pm "build/modules/$version/ascdev.ko"
	suite stock-32 env VM_LOG="$logs/stock-32.dmesg" STOCK="$stock" \
		"$VM_DIR/run-vm.sh" stock "cd '$TOP_DIR' && STOCK='$stock' &&
			. selftests/vm/guest-load.sh && load_module build/modules/$version/ascdev.ko configfs \
				drm drm_exec gpu-sched drm_shmem_helper vgem &&
			selftests/vm/run-selftests.sh build/selftests32 && rmmod ascdev"
}

mkdir -p "$logs/uml" "$logs/uml-7.3" "$logs/stock"
# man pages' examples and all else that guests read has been built; the long ones first
run_lanes intree_suites stock_suites uml_suites cross_suites user_suites uml_smp_suites \
	codec_suites stock_short_suites measure_suites text_checks
trap - INT TERM

one same-bytes-uml diff -r "$logs/native" "$logs/uml"
one same-bytes-uml-7.3 diff -r "$logs/native" "$logs/uml-7.3"
one same-bytes-stock diff -r "$logs/native" "$logs/stock"

sum_up
