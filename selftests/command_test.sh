#!/bin/bash
# SPDX-License-Identifier: MIT
#
# command_test.sh ASC: asc stat, bench, tune and eval on a device; prints TAP.

set -u
asc=$(realpath "$1")
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/../tools/tests/maps.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

if ! "$asc" info -b hw > /dev/null 2>&1; then
	skip "commands on a device" "no device"
	finish
	exit
fi
device=$(echo /sys/class/accel/accel*/device | cut -d' ' -f1)
map_values u8 > values
npy '|u1' False '4, 6, 10' values > u8.npy

number() { # FILE KEY
	sed -n "s/^ *\"$2\": \([-0-9.e]*\),*$/\1/p" "$1"
}

# grew KEY BY: from before to after
grew() {
	[ $(($(number after "$1") - $(number before "$1"))) -eq "$2" ] && return
	echo "# $1: $(number before "$1") to $(number after "$1"), not $2 more"
	return 1
}

"$asc" stat -j > before &&
	for i in 1 2 3; do "$asc" compress -f -b hw -C zvc u8.npy -o $i.asc; done &&
	"$asc" decompress -f -b hw 1.asc -o back.npy && "$asc" stat -j > after &&
	cmp u8.npy back.npy && grew jobs_submitted 4 && grew jobs_completed 4 &&
	grew compress_jobs 3 && grew compress_bytes_in 720 && grew decompress_jobs 1 &&
	grew decompress_bytes_out 240 && [ "$(number after queued)" -eq 0 ]
result $? "stat counts jobs and bytes"

"$asc" stat 0.02 3 > out && [ "$(wc -l < out)" -eq 5 ] && ! sed 1,2d out | grep -q '[a-z]'
result $? "stat INTERVAL COUNT"

# a client that has opened the device, and waits for its input
mkfifo fifo
"$asc" compress -b hw -C zvc - < fifo > piped &
client=$!
exec 4> fifo
for ((i = 0; i < 500; i++)); do
	"$asc" stat --clients -j > clients && grep -q "\"pid\": $client," clients && break
	sleep 0.02
done
grep -q "\"pid\": $client," clients && grep -q '"command": "asc"' clients &&
	grep -q '"device": "accel[0-9]*"' clients && grep -q '"busy": null' clients
result $? "stat --clients shows who has the device open"
cat u8.npy >&4
exec 4>&-
wait $client && cmp piped 1.asc
result $? "and does not disturb"
"$asc" stat --clients -j > clients && ! grep -q "\"pid\": $client," clients
result $? "until it is closed"

"$asc" bench -b hw --repeats 1 --try codec=asc-cbr --try codec=zvc u8.npy > out &&
	[ "$(grep -c '^hw .*codec=' out)" -eq 2 ] && ! grep -q '^sw' out
result $? "bench on the device alone"
"$asc" bench --repeats 1 --try codec=zvc u8.npy > out && grep -q '^sw ' out && grep -q '^hw ' out
result $? "bench on both"

# all but the times
untimed() {
	"$asc" eval --csv -b "$1" u8.npy | cut -d, -f1-14 | sed -E 's/,[^,]*,[^,]*$//'
}
untimed hw > hw && untimed sw > sw && cmp hw sw && [ "$(wc -l < hw)" -eq 16 ]
result $? "eval on the device gives the figures of the process"

for key in "$device"/defaults/*; do
	cp "$key" "default.${key##*/}"
done
"$asc" tune -b hw --max-error 2 --sysfs u8.npy > table &&
	params=$(sed -n 's/^\* //p' table) && [[ $params == *max_error=2* ]] &&
	[ "$(cat "$device/defaults/codec")" = asc-vbr ] &&
	[ "$(cat "$device/defaults/max_error")" = 2 ] &&
	"$asc" compress -f -b hw -C default u8.npy -o default.asc &&
	"$asc" compress -f -b hw -p "$params" u8.npy -o tuned.asc && cmp default.asc tuned.asc
result $? "tune --sysfs sets what a job gets that leaves the codec open"
"$asc" tune -b hw --target-bpe 5 --try codec=asc-vbr,target_bpe=5 --sysfs u8.npy > /dev/null &&
	[ "$(cat "$device/defaults/max_error") $(cat "$device/defaults/target_bpe")" = "0 5" ]
result $? "one goal after the other"
echo 0 > "$device/defaults/max_error"
echo 0 > "$device/defaults/target_bpe"
for key in default.*[a-z]; do
	[ "$key" = default.asc ] || cat "$key" > "$device/defaults/${key#default.}"
done

finish
