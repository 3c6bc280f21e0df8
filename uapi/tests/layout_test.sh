#!/bin/bash
# SPDX-License-Identifier: MIT
#
# layout_test.sh: the uapi header has one layout for 32 and 64 bit, no hidden
# padding, sizes of multiples of 8, and compiles as C90 and C++; prints TAP.

cd "$(dirname "$0")/../.." || exit 1
. selftests/tap.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
include=$(pkg-config --cflags-only-I libdrm | sed 's/-I/-isystem /')
multiarch=/usr/include/$(gcc -print-multiarch)
flags="$include -isystem $multiarch -Iuapi/drm -Wall -Wextra -Werror"
structs=$(grep -oE '^struct drm_ascdev_[a-z_]+ \{' uapi/drm/ascdev_accel.h | cut -d' ' -f2)
{
	echo '#include "ascdev_accel.h"'
	for s in $structs; do
		# the address of each field tells the layout as well as the size does
		echo "char size_$s[sizeof(struct $s)];"
	done
} > "$dir/sizes.c"

for bits in 32 64; do
	# shellcheck disable=SC2086
	gcc -m$bits $flags -Wpadded -c "$dir/sizes.c" -o "$dir/$bits.o"
	result $? "compiles for $bits bit without padding"
	nm -S "$dir/$bits.o" | awk '$4 ~ /^size_/ { print $4, $2 }' | sed 's/ 0*/ /' | sort > "$dir/$bits"
done
[ "$(wc -l < "$dir/64")" -eq "$(echo "$structs" | wc -l)" ] && diff "$dir/32" "$dir/64"
result $? "32 and 64 bit have the same sizes"
! awk '{ print $2 }' "$dir/64" | grep -qvE '[08]$'
result $? "sizes are multiples of 8"
# shellcheck disable=SC2086
echo '#include "ascdev_accel.h"' | gcc -std=c90 -pedantic-errors $flags -fsyntax-only -xc -
result $? "C90"
# shellcheck disable=SC2086
echo '#include "ascdev_accel.h"' | g++ -std=c++17 $flags -fsyntax-only -xc++ -
result $? "C++"
finish
