#!/bin/bash
# SPDX-License-Identifier: MIT
#
# superres_test.sh BUILD DUMP_DIR: the demo in process; leaves the compressed maps
# of each photograph in DUMP_DIR; prints TAP.

cd "$(dirname "$0")/../.." || exit 1
program=$1/superres dump=$2
. selftests/tap.sh
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
weights=examples/superres/weights.bin
for photo in coffee chelsea; do
	mkdir -p "$dump/$photo"
	"$program" --backend sw -w $weights -o "$dir/$photo.png" --dump "$dump/$photo" \
		examples/superres/$photo.png | tee "$dir/out"
	result "${PIPESTATUS[0]}" "$photo.png"
	# PSNR of the luma: bicubic A dB, network B dB, with every map compressed C dB (...)
	awk '/^PSNR/ { seen = 1; exit !($6 < $9 && $6 < $15 && $15 <= $9 + 0.1) }
	     END { if (!seen) exit 1 }' "$dir/out"
	result $? "$photo.png: the network beats bicubic, also with every map compressed"
	# every map at 4 bits per element, but for the edges
	awk '/^[0-9]/ { n++; if ($11 > 4.15) bad = 1 } END { exit n != 4 || bad }' "$dir/out"
	result $? "$photo.png: four maps at 4 bits per element"
	[ "$(od -An -tx1 -N8 "$dir/$photo.png" | tr -d ' ')" = 89504e470d0a1a0a ]
	result $? "$photo.png: a picture is written"
	[ "$(stat -c %s "$dump/$photo"/layer*.bin | paste -sd+ | bc)" -eq \
		"$(awk '/^[0-9]/ { s += $9 } END { print s }' "$dir/out")" ]
	result $? "$photo.png: compressed maps are written"
done

# 16 bytes less, another start, and no file
head -c 21000 $weights > "$dir/cut"
{ head -c 4 /dev/zero; tail -c +5 $weights; } > "$dir/other"
for bad in cut other nothing; do
	"$program" --backend sw -w "$dir/$bad" examples/superres/coffee.png > "$dir/out" 2> "$dir/err"
	[ $? -eq 1 ] && [ "$(wc -l < "$dir/err")" -eq 1 ]
	result $? "weights: $bad"
done
"$program" --backend sw -w $weights $weights > "$dir/out" 2> "$dir/err"
[ $? -eq 1 ] && grep -q PNG "$dir/err"
result $? "a photograph that is none"
finish
