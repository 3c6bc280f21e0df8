#!/bin/bash
# SPDX-License-Identifier: MIT
#
# valgrind_test.sh BUILD PART...: memcheck over what was built without sanitisers; prints TAP.
# Parts: tests of the library by their names, examples (of the man pages), command.

build=$(realpath "$1")
shift
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
. selftests/tap.sh
. tools/tests/maps.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# What valgrind says goes to a file of its own, for programs print, and children as well.
ERROR=99
memcheck() {
	valgrind -q --error-exitcode=$ERROR --leak-check=full --show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible --log-file="$dir/said" "$@"
}

# check EXPECTED_CODE NAME COMMAND...
check() {
	local expected=$1 name=$2 code
	shift 2
	: > "$dir/said"
	memcheck "$@" > "$dir/out" 2>&1 < /dev/null
	code=$?
	[ $code -eq "$expected" ] && [ ! -s "$dir/said" ] || {
		echo "# exit code $code, not $expected"
		grep '^not ok' "$dir/out" | sed 's/^/# /'
		head -n 30 "$dir/said" | sed 's/^/# /'
		code=1 expected=0
	}
	[ $code -eq "$expected" ]
	result $? "valgrind: $name"
}

# Does it find anything at all?
canary() {
	cat > "$dir/canary.c" <<-'END'
		#include <stdlib.h>
		#include <ascdev.h>

		int main(int argc, char **argv)
		{
			static unsigned char map[64];
			unsigned char *payload = malloc(31);
			struct ascdev_surface surface;
			struct ascdev_ctx *ctx;

			(void)argv;
			ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 1, 8, 8);
			if (ascdev_open(NULL, NULL, &ctx))
				return 1;
			if (argc > 1)	/* a context is lost */
				return 0;
			ascdev_compress(ctx, NULL, &surface, map, payload, 64, NULL);
			ascdev_close(ctx);
			free(payload);
			return 0;
		}
	END
	gcc -O1 -g -Ilibascdev -o "$dir/canary" "$dir/canary.c" "$build/libascdev.a" \
		$(pkg-config --libs libdrm) -pthread || return 1
	memcheck "$dir/canary" > /dev/null
	[ $? -eq $ERROR ] && grep -q 'Invalid write' "$dir/said" || return 1
	memcheck "$dir/canary" leak > /dev/null
	[ $? -eq $ERROR ] && grep -q 'definitely lost' "$dir/said"
}

examples() {
	local example

	for example in "$build"/man-examples/* "$build/minimal"; do
		check 0 "example $(basename "$example")" "$example"
	done
}

asc() { # EXPECTED_CODE ARGUMENT...
	local expected=$1
	shift
	check "$expected" "asc $*" "$build/asc" "$@"
}

command_of_asc() {
	local type

	cd "$dir" || return
	map_values f16 > values
	npy '<f2' False '4, 6, 10' values > f16.npy
	map_values u8 > values
	npy '|u1' True '10, 6, 4' values > u8.npy
	asc 0 info -b sw
	asc 3 info --doctor --root none
	asc 0 compress -f -T 2 -C asc-vbr -p max_error=2,reorder=greedy u8.npy -o u8.asc
	asc 0 list -j u8.asc
	asc 0 decompress -f u8.asc -o u8.npz
	asc 0 decompress -f --box 0,1,1,1+1,1,2,3 u8.asc -o part.npy
	asc 0 compress -f u8.npz -o again.asc
	asc 0 decompress -f again.asc -o u8.safetensors
	for type in asc-cbr dcac auto; do
		asc 0 verify -j -C $type f16.npy u8.safetensors
	done
	asc 0 view -f u8.npy -o u8.png
	head -c 150 u8.asc > cut.asc
	asc 4 decompress -f cut.asc -o cut.npy
	head -c 200 u8.npy > cut.npy
	asc 4 compress -f cut.npy -o cut.asc
	asc 2 compress -p codec=best u8.npy
	cd "$top" || return
}

canary
result $? "valgrind finds a write beyond the end and a leak"
for part in "$@"; do
	case $part in
	examples) examples ;;
	command) command_of_asc ;;
	# memory of valgrind's own counts among the files that a process may have
	discovery_test) check 0 $part "$build/tests/${part}_plain" -T too_many_files ;;
	*_test) check 0 "$part" "$build/tests/${part}_plain" ;;
	*) echo "Bail out! unknown part: $part"; exit 1 ;;
	esac
done
finish
