#!/bin/bash
# SPDX-License-Identifier: MIT
#
# large_test.sh ASC [tensors]: files that are mapped, and of more than 4 GiB, which are sparse;
# with "tensors" 4.5 GiB of values are compressed as well, which takes minutes; prints TAP.

set -u
asc=$(realpath "$1")
. "$(dirname "$0")/../../selftests/tap.sh"
. "$(dirname "$0")/maps.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
GIB=$((1 << 30))

# Values of zero need no place, but what they become does.
truncate -s $((9 * GIB / 2)) probe 2> /dev/null && [ "$(stat -c %b probe)" -lt 1000 ] || {
	skip "large files" "$dir takes no sparse file of 4.5 GiB"
	finish
	exit
}
rm probe
free_mib=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
disk_mib=$(df -m --output=avail . | tail -n 1)

# peak COMMAND...: its code; the most memory that it had is in peak, in MiB, and in anonymous
# what of it is no file, as far as looking often tells
peak() {
	/usr/bin/python3 - "$@" <<-'END'
		import resource, subprocess, sys, time
		def anonymous(pid):
		    with open(f"/proc/{pid}/status") as status:
		        lines = [line for line in status if line.startswith("RssAnon:")]
		    return int(lines[0].split()[1]) // 1024 if lines else 0
		most = 0
		with open("out", "wb") as out, open("err", "wb") as err:
		    process = subprocess.Popen(sys.argv[1:], stdout=out, stderr=err)
		    while process.poll() is None:
		        most = max(most, anonymous(process.pid))
		        time.sleep(0.002)
		for name, value in ("anonymous", most), (
		        "peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024):
		    with open(name, "w") as file:
		        print(value, file=file)
		sys.exit(process.returncode)
	END
}

# A .npy file has one tensor, and a tensor no more than 2^30 values.
npy '|u1' False '9, 512, 1024, 1024' /dev/null > over.npy
truncate -s $((128 + 9 * GIB / 2)) over.npy
for command in compress verify; do
	peak "$asc" $command -b sw over.npy
	[ $? -eq 1 ] && grep -q '^asc: over.npy: .*more than 2^30 values' err &&
		[ "$(wc -l < err)" -eq 1 ] && [ ! -e over.npy.asc ]
	result $? "$command names the limit of a .npy file of 4.5 GiB"
	[ "$(cat peak)" -lt 64 ]
	result $? "$command has not read it: $(cat peak) MiB of memory"
done
peak "$asc" compress -b sw --dtype u8 --shape 9,512,1024,1024 over.npy
[ $? -eq 1 ] && grep -q 'more than 2^30 values' err
result $? "the limit of raw values"
rm over.npy

# Large enough to be mapped; from a pipe, to be moved to a mapping.
head -c $((GIB / 16)) /dev/zero > zeros
"$asc" compress -q -b sw -C zvc --dtype u8 --shape 64,1024,1024 zeros -o zeros.asc &&
	"$asc" compress -q -b sw -C zvc --dtype u8 --shape 64,1024,1024 - < <(cat zeros) > pipe.asc &&
	cmp zeros.asc pipe.asc
result $? "64 MiB from a file and from a pipe"
"$asc" decompress -q -b sw - < pipe.asc | tail -c +129 | cmp - zeros
result $? "they come back through a pipe"
npy '>i2' False '32, 1024, 1024' zeros > swapped.npy
printf '\1\2' | dd of=swapped.npy bs=1 seek=128 conv=notrunc 2> /dev/null
sum=$(cksum < swapped.npy)
"$asc" compress -q -b sw -C raw swapped.npy -o swapped.asc &&
	"$asc" decompress -q -b sw swapped.asc -o native.npy &&
	[ "$(head -c 130 native.npy | tail -c 2 | xxd -p)" = 0201 ] && [ "$sum" = "$(cksum < swapped.npy)" ]
result $? "the other byte order is turned in memory, not in the file"
rm zeros* pipe.asc swapped* native.npy

# Four tensors of 64 MiB, of which one is in memory at a time.
entries=
for i in 0 1 2 3; do
	entries+=",\"t$i\":{\"dtype\":\"U8\",\"shape\":[64,1024,1024],"
	entries+="\"data_offsets\":[$((i * GIB / 16)),$(((i + 1) * GIB / 16))]}"
done
printf -v header '%-800s' "{${entries:1}}"
{ bytes '\x20\x03\0\0\0\0\0\0'; printf %s "$header"; } > four.safetensors
truncate -s $((808 + 4 * GIB / 16)) four.safetensors
for i in 0 1 2 3; do
	printf '\1' | dd of=four.safetensors bs=1 seek=$((808 + i * GIB / 16 + i)) conv=notrunc 2> /dev/null
done
peak "$asc" compress -b sw -C raw four.safetensors -o four.asc
result $? "compress four tensors"
[ "$(cat anonymous)" -lt 100 ]
result $? "one of them in memory: $(cat anonymous) MiB"
"$asc" compress -q -b sw -C raw -c four.safetensors | cmp - four.asc
result $? "the same to a pipe"
TMPDIR=/proc "$asc" compress -q -b sw -C raw -c four.safetensors | cmp - four.asc
result $? "the same where no temporary file can be"
peak "$asc" decompress -b sw four.asc -o back.safetensors
cmp -s <(tail -c $((4 * GIB / 16)) four.safetensors) <(tail -c $((4 * GIB / 16)) back.safetensors)
result $? "they come back"
[ "$(cat anonymous)" -lt 100 ]
result $? "one of them in memory: $(cat anonymous) MiB"
[ -z "$(ls -A | grep '^\.asc')" ]
result $? "no temporary file is left"
rm four* back*

[ "${2-}" = tensors ] || { finish; exit; }
if [ "$free_mib" -lt 7000 ] || [ "$disk_mib" -lt 6000 ]; then
	skip "tensors of 4.5 GiB" "$free_mib MiB of memory and $disk_mib MiB of disk; it takes 7000 and 6000"
	finish
	exit
fi

# Tensors as large as can be, whose offsets are beyond 32 bits; the last value of each is 1.
header='{"a":{"dtype":"F16","shape":[16,64,1024,1024],"data_offsets":[0,2147483648]},'
header+='"b":{"dtype":"U8","shape":[1,1024,1024,1024],"data_offsets":[2147483648,3221225472]},'
header+='"c":{"dtype":"I8","shape":[1073741824],"data_offsets":[3221225472,4294967296]},'
header+='"d":{"dtype":"U8","shape":[512,1024,1024],"data_offsets":[4294967296,4831838208]}}'
printf -v header '%-400s' "$header"
{ bytes '\x90\x01\0\0\0\0\0\0'; printf %s "$header"; } > large.safetensors
for end in 2147483648 3221225472 4294967296 4831838208; do
	printf '\1' | dd of=large.safetensors bs=1 seek=$((408 + end - 1)) conv=notrunc 2> /dev/null
done
values=$((9 * GIB / 2))

peak "$asc" compress -b sw -T 0 -C zvc large.safetensors -o large.asc
[ $? -eq 0 ] && [ "$(stat -c %s large.asc)" -lt $GIB ]
result $? "compress 4.5 GiB: $(cat anonymous) MiB of memory"
"$asc" list -j large.asc > out && [ "$(grep -c '"name"' out)" -eq 4 ]
result $? "list has all tensors"
peak "$asc" decompress -b sw -T 0 large.asc -o back.safetensors
result $? "decompress: $(cat anonymous) MiB of memory"
[ "$(stat -c %s back.safetensors)" -gt $values ] &&
	cmp -s <(tail -c $values large.safetensors) <(tail -c $values back.safetensors)
result $? "the same values come back"
rm back.safetensors
"$asc" decompress -b sw --tensor d --box 0,511,1023,1020+1,1,1,4 large.asc -o part.npy &&
	[ "$(tail -c 4 part.npy | xxd -p)" = 00000001 ]
result $? "a part at the end"
"$asc" verify -b sw -T 0 -C zvc large.safetensors > out && [ "$(grep -c 'nothing was lost' out)" -eq 4 ]
result $? "verify"
finish
