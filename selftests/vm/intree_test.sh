#!/bin/bash
# SPDX-License-Identifier: MIT
#
# intree_test.sh OUTPUT UML_BUILD_DIR...: the project as a part of kernel trees, as
# TAP.  Builds what is ours, and no more, in copies of User Mode Linux builds and in
# trees of links to their sources.  Leaves the modules for each kernel in
# OUTPUT/RELEASE/modules, and its tests, installed, in OUTPUT/RELEASE/kselftest.
#
# Environment: CLANG_ARCHES (x86_64), what clang builds them for.

. "$(dirname "$0")/common.sh"
. "$VM_DIR/../tap.sh"
unset MAKEFLAGS MAKELEVEL

mkdir -p "$1" || exit 1
output=$(realpath "$1")
shift

# Where add-to-tree.sh writes, and include/uapi, which is searched for headers, and kunit.py,
# which goes to where it really is; everything else is a link.
WRITTEN=". drivers drivers/accel include
	tools tools/testing tools/testing/selftests tools/testing/selftests/drivers
	Documentation Documentation/accel Documentation/ABI Documentation/ABI/testing"

CLANG=19

# link_tree SOURCE TREE
link_tree() {
	local directory

	for directory in $WRITTEN; do
		[ ! -L "$2/$directory" ] || rm "$2/$directory"
		mkdir -p "$2/$directory" &&
			find "$1/$directory" -mindepth 1 -maxdepth 1 -exec ln -s -t "$2/$directory" {} + ||
			return
	done
	rm "$2/include/uapi" "$2/tools/testing/kunit" && cp -as "$1/include/uapi" "$2/include/" &&
		cp -r "$1/tools/testing/kunit" "$2/tools/testing/"
}

# try NAME COMMAND...
try() {
	local name=$1 rc
	shift
	"$@" >> "$log" 2>&1
	rc=$?
	[ $rc -eq 0 ] || tail -n 30 "$log" | sed 's/^/# /'
	result $rc "$release: $name"
	return $rc
}

make_uml() {
	make -j"$(nproc)" -C "$tree" ARCH=um O="$out" "$@"
}

configure() {
	printf 'CONFIG_DRM_ACCEL_ASCDEV%s=m\n' '' _KUNIT_TEST >> "$out/.config"
	make_uml olddefconfig || return
	[ "$(grep -c '^CONFIG_DRM_ACCEL_ASCDEV.*=m' "$out/.config")" -eq 2 ]
}

# Of a build of single modules modpost knows the symbols of vmlinux only, and drm_exec
# is a module.
build_modules() {
	local directory=drivers/accel/ascdev

	make_uml W=1 KCFLAGS=-Werror KBUILD_MODPOST_WARN=1 $directory/ascdev.ko \
		$directory/ascdev_kunit.ko > "$out/build.log" 2>&1
	local rc=$?
	cat "$out/build.log"
	[ $rc -eq 0 ] && ! grep -i warning "$out/build.log" | grep -v 'modpost: .*drm_exec_' &&
		install -D -t "$output/$release/modules" "$out/$directory"/ascdev{,_kunit}.ko
}

add_again() {
	cp -a "$tree" "$tree.again" && "$VM_DIR/add-to-tree.sh" "$tree.again" &&
		diff -r --no-dereference "$tree" "$tree.again"
}

# Not for User Mode Linux, where a header of the kernel's makes clang warn.  Of 32 bits, nothing may
# need the compiler's own division.
build_by_clang() { # ARCH
	local made=$out/clang-$1/drivers/accel/ascdev

	printf 'CONFIG_%s=y\n' 64BIT COMPAT IA32_EMULATION MODULES PCI PM KUNIT DRM DRM_ACCEL \
		> "$out/clang.config"
	printf 'CONFIG_DRM_ACCEL_ASCDEV%s=m\n' '' _KUNIT_TEST >> "$out/clang.config"
	set -- make -j"$(nproc)" -C "$tree" ARCH="$1" LLVM=-$CLANG O="$out/clang-$1"
	"$@" KCONFIG_ALLCONFIG="$out/clang.config" allnoconfig &&
		"$@" W=1 KCFLAGS=-Werror drivers/accel/ascdev/ &&
		[ -e "$made/ascdev_kunit.o" ] &&
		! "llvm-nm-$CLANG" -u "$made/ascdev.o" | grep -E "__(u?(div|mod)di3|aeabi_u?l)"
}

# What it would build has all that the tests' configuration asks for.
configure_kunit() {
	( cd "$tree" && tools/testing/kunit/kunit.py config --build_dir="$out/kunit" \
		--kunitconfig=drivers/accel/ascdev/driver/tests )
}

install_header() {
	make -C "$tree" O="$out/headers" headers && [ -e "$out/headers/usr/include/drm/ascdev_accel.h" ]
}

build_selftests() {
	make -C "$tree/tools/testing/selftests" O="$out/headers" TARGETS=drivers/accel/ascdev \
		USERCFLAGS=-Werror INSTALL_PATH="$output/$release/kselftest" install &&
		[ -x "$output/$release/kselftest/drivers/accel/ascdev/ascdev_submit" ]
}

# Sphinx writes warnings, of which a kernel has some, and is satisfied; these are ours.
build_docs() {
	make -C "$tree" O="$out/docs" SPHINXDIRS=accel/ascdev htmldocs > "$out/docs.log" 2>&1
	local rc=$?
	cat "$out/docs.log"
	[ $rc -eq 0 ] && ! grep -E 'ascdev.*(WARNING|ERROR|warning:)' "$out/docs.log" &&
		[ -e "$out/docs/Documentation/output/accel/ascdev/uapi.html" ]
}

# Those of the ABI are named one by one.
find_maintainers() {
	local file

	for file in Documentation/ABI/testing/*ascdev*; do
		grep -xF "F:	$file" "$tree/MAINTAINERS" || return
	done
	( cd "$tree" && scripts/get_maintainer.pl --no-git --no-git-fallback --sections \
		-f drivers/accel/ascdev/Makefile ) | grep -x 'ASCDEV FEATURE-MAP CODEC DRIVER'
}

for uml; do
	release=$(cat "$uml/include/config/kernel.release")
	tree=$output/$release/tree out=$output/$release/out log=$output/$release.log
	rm -rf "${output:?}/$release"
	mkdir -p "$output/$release"
	: > "$log"
	try "a tree to add to" link_tree "$(realpath "$uml/source")" "$tree" &&
		try "driver, tests and documentation are added" "$VM_DIR/add-to-tree.sh" "$tree" &&
		try "a second time changes nothing" add_again &&
		try "MAINTAINERS has an entry" find_maintainers &&
		try "a build to build in" cp -a "$uml" "$out" &&
		try "the configuration has driver and KUnit tests" configure &&
		try "driver and KUnit tests build without warnings, W=1" build_modules
	needed=$("$tree/scripts/min-tool-version.sh" llvm)
	if [ "${needed%%.*}" -le $CLANG ]; then
		for arch in ${CLANG_ARCHES:-x86_64}; do
			try "driver and KUnit tests build without warnings by clang for $arch, W=1" \
				build_by_clang "$arch"
		done
	else
		skip "$release: build by clang" "it needs clang $needed"
	fi
	try "kunit.py takes the configuration of the KUnit tests" configure_kunit
	try "the uapi header is installed" install_header &&
		try "selftests build and are installed" build_selftests
	try "documentation builds without warnings" build_docs
	rm -rf "$tree" "$tree.again" "$out"
done
finish
