#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build-uml.sh SERIES CONFIG: builds User Mode Linux in the cache, once for each
# source and configuration, and prints the build directory (with ./linux in it).
#
# build-uml.sh SERIES CONFIG prepare: goes only so far that modules compile.

. "$(dirname "$0")/common.sh"

series=${1-} config=${2-} goal=${3-complete}
[ -r "$config" ] || die "usage: build-uml.sh SERIES CONFIG [prepare]"
source_dir=$("$VM_DIR/fetch-kernel.sh" "source-$series") || exit 1
key=$(cat "$config" "$source_dir/Makefile" | sha256sum | cut -c1-12)
out=$CACHE/uml-$series-$(basename "$config" .config)-$key

run_make() {
	make -s -C "$source_dir" ARCH=um O="$out" "$@" >> "$out/build.log" 2>&1 ||
		{ tail -n 40 "$out/build.log"; die "make $* failed, see $out/build.log"; }
}

check_options() {
	grep '^CONFIG_' "$config" | while IFS='=' read -r option value; do
		[ "$value" = n ] && value=
		got=$(grep "^$option=" "$out/.config" | cut -d= -f2-)
		[ "$got" = "$value" ] || die "$option=$value is not to be had in $series"
	done
}

build() {
	[ -e "$out/$goal" ] && return
	mkdir -p "$out"
	: > "$out/build.log"
	run_make KCONFIG_ALLCONFIG="$(realpath "$config")" allnoconfig
	if [ "$goal" = prepare ]; then
		say "preparing Linux $series in $out (once)"
		run_make -j"$(nproc)" modules_prepare
	else
		say "building User Mode Linux $series in $out (minutes, once)"
		check_options || exit 1
		run_make -j"$(nproc)" linux modules
	fi
	: > "$out/$goal"
}

with_lock "uml-$series" build >&2 || exit 1
echo "$out"
