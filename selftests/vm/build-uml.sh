#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build-uml.sh 6.12 CONFIG: builds User Mode Linux in the cache, once for each
# source and configuration, and prints the build directory (with ./linux in it).

. "$(dirname "$0")/common.sh"

series=${1-} config=${2-}
[ -r "$config" ] || die "usage: build-uml.sh SERIES CONFIG"
source_dir=$("$VM_DIR/fetch-kernel.sh" "source-$series") || exit 1
key=$(cat "$config" "$source_dir/Makefile" | sha256sum | cut -c1-12)
out=$CACHE/uml-$series-$(basename "$config" .config)-$key

build() {
	[ -x "$out/linux" ] && [ -e "$out/complete" ] && return
	say "building User Mode Linux $series in $out (minutes, once)"
	mkdir -p "$out"
	make -s -C "$source_dir" ARCH=um O="$out" KCONFIG_ALLCONFIG="$(realpath "$config")" \
		allnoconfig > "$out/build.log" 2>&1 ||
		{ tail -n 20 "$out/build.log"; die "configuration failed"; }
	grep '^CONFIG_' "$config" | while IFS='=' read -r option value; do
		[ "$value" = n ] && value=
		got=$(grep "^$option=" "$out/.config" | cut -d= -f2-)
		[ "$got" = "$value" ] || die "$option=$value is not to be had in $series"
	done || exit 1
	make -s -j"$(nproc)" -C "$source_dir" ARCH=um O="$out" linux modules \
		>> "$out/build.log" 2>&1 ||
		{ tail -n 40 "$out/build.log"; die "build failed, see $out/build.log"; }
	: > "$out/complete"
}

with_lock "uml-$series" build >&2 || exit 1
echo "$out"
