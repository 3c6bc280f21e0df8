#!/bin/bash
# SPDX-License-Identifier: MIT
#
# backends_test.sh ASC: the device and the codec in process give the same files, and each
# decodes those of the other to the same values.  Needs a device; prints TAP.

set -u
asc=$(realpath "$1")
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/../tools/tests/maps.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

if ! "$asc" info -b hw > /dev/null 2>&1; then
	skip "the same files" "no device"
	finish
	exit
fi

# same CODEC TYPE PARAMETERS: of the map of that type
same() {
	local arguments=(-C "$1" -p "$3" "$2.npy")
	"$asc" compress -f -b hw "${arguments[@]}" -o hw.asc &&
		"$asc" compress -f -b sw "${arguments[@]}" -o sw.asc &&
		cmp hw.asc sw.asc &&
		"$asc" decompress -f -b hw sw.asc -o hw.npy &&
		"$asc" decompress -f -b sw hw.asc -o sw.npy &&
		cmp hw.npy sw.npy && return
	echo "# $1 -p $3"
	return 1
}

# CODEC TYPE PARAMETERS; ascdev_codec.c has them all
while read -r codec type p; do
	map_values "$type" > values
	npy "${npy_types[$type]}" False '4, 6, 10' values > "$type.npy"
	same "$codec" "$type" "$p"
	result $? "$codec, $type: the device and the process give the same files"
done << 'END'
asc-cbr s16 profile=narrow,effort=best
asc-cbr u8 profile=pooled
asc-vbr f16 max_error=9,reorder=heuristic
dcac bf16 effort=best
auto u8 target_bpe=3
END
finish
