#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build-uml.sh SERIES CONFIG: builds User Mode Linux in the cache, once for each
# source and configuration, and prints the build directory (with ./linux in it).

. "$(dirname "$0")/common.sh"

series=${1-} config=${2-}
[ -r "$config" ] || die "usage: build-uml.sh SERIES CONFIG"
source_dir=$("$VM_DIR/fetch-kernel.sh" "source-$series") || exit 1
key=$(cat "$config" "$source_dir/Makefile" | sha256sum | cut -c1-12)
out=$CACHE/uml-$series-$(basename "$config" .config)-$key

run_make() {
	make -s -C "$source_dir" ARCH=um O="$out" "$@" >> "$out/build.log" 2>&1 ||
		{ tail -n 40 "$out/build.log"; die "make $* failed, see $out/build.log"; }
}

# What the configuration asks for and the kernel does not have, one a line.
refused_options() {
	grep '^CONFIG_' "$config" | while IFS='=' read -r option value; do
		[ "$value" = n ] && value=
		[ "$(grep "^$option=" "$out/.config" | cut -d= -f2-)" = "$value" ] ||
			echo "$option=$value"
	done
}

build() {
	[ -e "$out/complete" ] && return
	mkdir -p "$out"
	: > "$out/build.log"
	run_make KCONFIG_ALLCONFIG="$(realpath "$config")" allnoconfig
	say "building User Mode Linux $series in $out (minutes, once)"
	refused=$(refused_options)
	[ -z "$refused" ] || die "Linux $series refuses" $refused
	run_make -j"$(nproc)" linux modules
	: > "$out/complete"
}

with_lock "uml-$series" build >&2 || exit 1
echo "$out"
