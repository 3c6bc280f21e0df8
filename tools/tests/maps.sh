# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by test scripts: feature maps in .npy files.

bytes() { # \x41\x42...
	printf '%b' "$1"
}

noise() { # COUNT: bytes without a pattern, the same each time
	python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(1).randbytes(int(sys.argv[1])))' "$1"
}

# npy DESCR FORTRAN SHAPE DATA_FILE: a .npy file of format 1.0
npy() {
	local header="{'descr': '$1', 'fortran_order': $2, 'shape': ($3), }"
	bytes '\x93NUMPY\x01\x00\x76\x00'
	printf '%-117s\n' "$header"
	cat "$4"
}

# How .npy files name the types.
declare -A npy_types=([u8]='|u1' [s8]='|i1' [u16]='<u2' [s16]='<i2' [f16]='<f2' [bf16]='<V2')

# map_values TYPE: 4 x 6 x 10 values: zeros, slopes and noise; among floats a NaN, an
# infinity and a negative zero
map_values() {
	local i value seed=5 text=
	for ((i = 0; i < 240; i++)); do
		seed=$(((seed * 1103515245 + 12345) & 0x7fffffff))
		case $((i / 60)) in
		0) value=$((i % 10 * 3 + i / 10)) ;;
		1) value=$((seed >> 28 ? 0 : seed >> 20 & 63)) ;;
		2) value=$((40 + i % 10 * 2 + (seed >> 26 & 3))) ;;
		*) value=$((seed >> 16)) ;;
		esac
		case $1:$i in
		*16:*) ;;
		*) printf -v value '\\x%02x' $((value & 255)); text+=$value; continue ;;
		esac
		case $1:$i in
		f16:7) value=$((0x7e01)) ;;
		f16:8) value=$((0x7c00)) ;;
		bf16:7) value=$((0x7fc1)) ;;
		bf16:8) value=$((0xff80)) ;;
		*f16:9) value=$((0x8000)) ;;
		esac
		printf -v value '\\x%02x\\x%02x' $((value & 255)) $((value >> 8 & 255))
		text+=$value
	done
	bytes "$text"
}
