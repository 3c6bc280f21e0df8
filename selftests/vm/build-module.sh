#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build-module.sh HEADERS OUTPUT [MAKE_ARGUMENT...]: builds ascdev.ko in OUTPUT
# from links to the source, so that several kernels do not meet in one tree.

top=$(cd "$(dirname "$0")/../.." && pwd)
headers=$1 output=$2
shift 2

# make does not see that objects are of another kernel; and nobody else's files go
if [ "$(cat "$output/headers" 2>/dev/null)" != "$headers" ]; then
	[ -z "$(ls -A "$output" 2>/dev/null)" ] || [ -e "$output/headers" ] ||
		{ echo "error: $output has something else in it" >&2; exit 1; }
	rm -rf "$output"
fi
mkdir -p "$output" || exit 1
echo "$headers" > "$output/headers"
find "$output" -xtype l -delete
cp -rsf "$top/Kbuild" "$top/driver" "$top/codec" "$top/uapi" "$output/" || exit 1
# without pahole there is no type information for BPF, and nothing else is lost
command -v pahole > /dev/null || set -- "$@" CONFIG_DEBUG_INFO_BTF_MODULES=
unset MAKEFLAGS MAKELEVEL
exec make -s -j"$(nproc)" -C "$headers" M="$(cd "$output" && pwd)" "$@" modules
