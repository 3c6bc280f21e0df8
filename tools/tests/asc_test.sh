#!/bin/bash
# SPDX-License-Identifier: MIT
#
# asc_test.sh ASC: the command on its software backend; prints TAP.

set -u
asc=$(realpath "$1")
tools=$(realpath "$(dirname "$0")/..")
. "$(dirname "$0")/../../selftests/tap.sh"
. "$(dirname "$0")/maps.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
# run EXPECTED_CODE COMMAND ARGUMENT...: runs asc, which may overwrite what there is; its
# output is in out and err
force=-f
run() {
	local expected=$1 code
	shift
	case $1 in
	compress | decompress) set -- "$1" $force "${@:2}" ;;
	esac
	"$asc" "$@" > out 2> err < /dev/null
	code=$?
	[ $code -eq "$expected" ] && return 0
	echo "# asc $*: exit code $code, not $expected"
	sed 's/^/# /' err
	return 1
}

# fails NAME CODE TEXT ARGUMENT...: one line on stderr that holds TEXT, nothing
# on stdout, and no output file or temporary one left
fails() {
	local name=$1 code=$2 text=$3 ok=0
	shift 3
	rm -f bad.out
	run "$code" "$@" || ok=1
	[ "$(wc -l < err)" -eq 1 ] && grep -qF -- "$text" err && [ ! -s out ] || {
		echo "# said: $(head -c 300 err)"
		ok=1
	}
	[ -z "$(ls -d bad.out .asc.* 2> /dev/null)" ] || { echo "# left something"; ok=1; }
	result $ok "$name"
}

# Values 0 1 2 ... of C x H x W = 4 x 6 x 10, then 480 bytes of them for 16 bits
for i in $(seq 0 239); do printf "\\x$(printf %02x "$i")"; done > values
cat values values > values16
npy '|u1' False '4, 6, 10' values > u8.npy
for i in $(seq 0 239); do printf "\\x$(printf %02x $((i * i * 7 % 251)))"; done > mixed
npy '|u1' False '4, 6, 10' mixed > mixed.npy
npy '|i1' False '4, 6, 10' values > s8.npy
npy '<i2' False '4, 6, 10' values16 > s16.npy
npy '>i2' False '4, 6, 10' values16 > s16be.npy
npy '|u1' True '10, 6, 4' values > fortran.npy
npy '|u1' False '2, 2, 6, 10' values > nchw.npy
npy '|u1' False '240,' values > line.npy

run 0 info --backend sw && grep -q '^backend  sw' out; result $? "info"
run 0 info -b sw --json && grep -q '"backend": "sw"' out; result $? "info --json"
run 0 --version && grep -q '^asc [0-9]' out; result $? "--version"
run 0 help && grep -q '^usage: asc' out; result $? "help"

# the doctor, and machines that are directories
run 0 info --doctor -b sw && [ "$(sed -n 2p out)" = "ok    software: every codec works" ] &&
	grep -q '^ok    versions: libascdev ' out && [ "$(wc -l < out)" -eq 2 ]
result $? "info --doctor -b sw"
mkdir -p none/sys/class none/dev
run 3 info --doctor --root none && grep -q '^BAD   device: no codec device.*modprobe ascdev' out
result $? "the doctor finds no device"
run 0 info --root none && grep -q '^device   none' out; result $? "info finds none"
class=sys/class/accel/accel0/device
mkdir -p gone/$class gone/dev/accel nobody/$class nobody/dev/accel
for machine in gone nobody; do ln -s ../../../../bus/platform/drivers/ascdev $machine/$class/driver; done
run 3 info --doctor --root gone && grep -q '^BAD   .*gone/dev/accel/accel0: ' out
result $? "the doctor finds a device without a node"
run 0 info --root gone && grep -q '^device   .*gone/dev/accel/accel0' out && grep -q '^backend  sw (' out
result $? "info lists it with the reason"
: > nobody/dev/accel/accel0
chmod 000 nobody/dev/accel/accel0
run 3 info --doctor -j --root nobody && grep -q '"ok": false' out &&
	grep -q '"check": ".*nobody/dev/accel/accel0"' out
result $? "the doctor finds a node that is none, in JSON"
fails "compress has no doctor" 2 "does not take --doctor" compress --doctor x

npy '<u2' False '4, 6, 10' values16 > u16.npy

for f in u8 s8 s16 s16be u16 fortran nchw line; do
	run 0 verify -b sw $f.npy && grep -q 'SQNR' out; result $? "verify $f.npy"
done
run 0 verify -b sw --json -p block=4x4x1,endpoints=two u8.npy && grep -q '"sqnr_db": [0-9]' out &&
	grep -q '"ratio": 1.25' out && grep -q '"block": "4x4x1"' out
result $? "verify --json"

for f in u8 s8 s16 u16 nchw line; do
	run 0 compress -b sw $f.npy -o $f.asc && run 0 decompress -b sw $f.asc -o back.npy &&
		[ "$(stat -c %s back.npy)" -eq "$(stat -c %s $f.npy)" ] &&
		cmp -s <(head -c 128 $f.npy | tr -d ' \n') <(head -c 128 back.npy | tr -d ' \n')
	result $? "compress and decompress $f.npy: same shape and type"
	run 0 compress -b sw back.npy -o again.asc && run 0 decompress -b sw again.asc -o again.npy
	result $? "compress $f.npy again"
done

dd conv=swab if=values16 of=swapped 2> /dev/null
npy '<i2' False '4, 6, 10' swapped > swapped.npy
run 0 compress -b sw s16be.npy -o be.asc && run 0 compress -b sw swapped.npy -o le.asc &&
	cmp -s be.asc le.asc && ! cmp -s be.asc s16.asc
result $? "big-endian values are read"
run 0 compress -b sw fortran.npy -o fortran.asc && run 0 decompress -b sw fortran.asc -o back.npy &&
	grep -aq "'shape': (10, 6, 4)" back.npy
result $? "Fortran order is read, C order is written"

run 0 compress -b sw --dtype u8 --shape 4,6,10 values -o raw.asc && cmp -s raw.asc u8.asc
result $? "raw values give the same file as .npy"
for p in endpoints=one scale=linear scale=log effort=best block=2x2x4 block=run16; do
	run 0 compress -b sw -C asc-cbr -p block=4x4x1,endpoints=two mixed.npy -o a.asc &&
		run 0 compress -b sw -p block=4x4x1,endpoints=two,$p mixed.npy -o b.asc &&
		run 0 decompress -b sw b.asc -o back.npy && ! cmp -s a.asc b.asc
	result $? "-p $p makes a difference"
done
# offsets in a container of one tensor without a name and with a payload of one chunk
payload_at=108
[ "$(head -c 32 u8.asc | tail -c 4 | od -An -tx1)" != " 00 00 00 00" ]
result $? "the header has a checksum"
# CRC-32C of the payload, known from outside: of 32 zero bytes it is 8a9136aa
head -c 64 /dev/zero > zeros
run 0 compress -b sw -d u8 -s 1,4,16 -p endpoints=two,block=4x4x1 zeros -o z.asc &&
	[ "$(tail -c +105 z.asc | head -c 4 | od -An -tx1)" = " aa 36 91 8a" ]
result $? "CRC-32C of a known payload"

# every codec and type
for type in u8 s8 u16 s16 f16 bf16; do
	map_values $type > $type.values
	npy "${npy_types[$type]}" False '4, 6, 10' $type.values > $type.map
	for codec in asc-cbr asc-vbr ebpc dcac zvc raw auto; do
		ok=0
		run 0 compress -b sw -C $codec $type.map -o c.asc &&
			run 0 decompress -b sw c.asc -o back.npy || ok=1
		run 0 verify -b sw -j -C $codec $type.map || ok=1
		grep -q "\"dtype\": \"$type\"" out || ok=1
		[ $codec = auto ] || grep -q "\"codec\": \"$codec\"" out || ok=1
		grep -qE '"codec": "(auto|default)"' out && ok=1
		if [ $codec = asc-cbr ]; then
			grep -q '"lossless": false' out && grep -q '"sqnr_db": [0-9]' out || ok=1
			# the shape and the type come back all the same
			cmp -s -n 128 $type.map back.npy || ok=1
		else
			grep -q '"lossless": true' out && grep -q '"sqnr_db": null' out || ok=1
			cmp $type.map back.npy || ok=1
		fi
		result $ok "$codec, $type"
	done
done
run 0 compress -b sw -d bf16 -s 4,6,10 -C dcac bf16.values -o raw.asc &&
	run 0 compress -b sw -C dcac bf16.map -o c.asc && cmp -s raw.asc c.asc
result $? "raw values of bf16"
npy '|V2' False '4, 6, 10' bf16.values > v2.npy
run 0 compress -b sw -C dcac v2.npy -o raw.asc && cmp -s raw.asc c.asc
result $? "values of type |V2 are bf16, too"

# number KEY: what verify --json said
number() {
	sed -n "s/^ *\"$1\": \([-0-9.e]*\),*$/\1/p" out
}

# holds EXPRESSION: of awk
holds() {
	awk "BEGIN { exit !($1) }" || { echo "# not: $1"; return 1; }
}

# The rate, and errors, as the two files show them
run 0 compress -b sw -C asc-cbr -p block=4x4x1,endpoints=two u8.map -o c.asc &&
	run 0 decompress -b sw c.asc -o back.npy &&
	run 0 verify -b sw -j -C asc-cbr -p block=4x4x1,endpoints=two u8.map
ok=$?
paste -d' ' <(tail -c 240 u8.map | od -An -v -w1 -tu1) <(tail -c 240 back.npy | od -An -v -w1 -tu1) |
	awk '{ e = $1 - $2; s += $1 * $1; n += e * e; if (e < 0) e = -e; if (e > m) m = e }
		END { print m, 10 * log(s / n) / log(10) }' > errors
read -r largest sqnr < errors
holds "$(number max_error) == $largest && $(number sqnr_db) - $sqnr < 1e-4 &&
	$sqnr - $(number sqnr_db) < 1e-4" || ok=1
payload=$(($(stat -c %s c.asc) - payload_at))
holds "$(number payload_bytes) == $payload && $(number elements) == 240 && $(number bytes) == 240 &&
	$(number bpe) == $payload / 30 && $(number ratio) - 240 / $payload < 1e-6 &&
	240 / $payload - $(number ratio) < 1e-6 &&
	$(number linear_blocks) + $(number log_blocks) == 24" || ok=1
grep -q '"endpoints": "two"' out && grep -q '"block": "4x4x1"' out &&
	grep -q '"profile": "full"' out && grep -q '"reorder": "none"' out || ok=1
result $ok "verify tells what the files show"
run 0 verify -b sw -C asc-cbr -p block=4x4x1,endpoints=two,reorder=greedy u8.map &&
	grep -q 'endpoints two, block 4x4x1, profile full, reorder greedy, backend sw' out &&
	grep -qE '^240 bytes to [0-9]+: ratio [0-9.]+, [0-9.]+ bpe$' out && grep -q '^SQNR [0-9]' out
result $? "verify in words"
run 0 verify -b sw -C raw u8.map && grep -q 'ratio 1.000, 8.000 bpe' out &&
	grep -q 'SQNR infinite, nothing was lost' out
result $? "verify of raw"

# every parameter
for e in 1 3 20; do
	run 0 verify -b sw -j -C asc-vbr -p max_error=$e s16.map &&
		holds "$(number max_error) <= $e && $(number max_error) > 0"
	result $? "asc-vbr -p max_error=$e"
done
for r in 2 3.5 6.25; do
	for codec in asc-vbr auto; do
		run 0 verify -b sw -j -C $codec -p target_bpe=$r u16.map && holds "$(number bpe) <= $r"
		result $? "$codec -p target_bpe=$r"
	done
done
for p in profile=narrow profile=pooled effort=best reorder=heuristic reorder=greedy zero_point=40 block=run24 \
	scale=linear endpoints=one profile=pooled,endpoints=one profile=pooled,effort=best; do
	run 0 compress -b sw -C asc-cbr -p block=4x4x1,endpoints=two,profile=full s16.map -o a.asc &&
		run 0 compress -b sw -C asc-cbr -p block=4x4x1,endpoints=two,profile=full,$p s16.map \
			-o b.asc && ! cmp -s a.asc b.asc && run 0 decompress -b sw b.asc -o back.npy &&
		cmp -s -n 128 s16.map back.npy
	result $? "-p $p makes a difference to s16"
done
for codec in asc-vbr ebpc dcac zvc auto; do
	for p in reorder=heuristic reorder=greedy effort=best zero_point=-3; do
		run 0 compress -b sw -C $codec -p $p s8.map -o c.asc &&
			run 0 decompress -b sw c.asc -o back.npy && cmp -s s8.map back.npy
		result $? "$codec -p $p loses nothing"
	done
done
run 0 compress -b sw -p codec=zvc u8.map -o a.asc && run 0 compress -b sw -C zvc u8.map -o b.asc &&
	cmp -s a.asc b.asc
result $? "-p codec= is -C"
for codec in asc-vbr ebpc dcac zvc raw auto; do
	for p in block=4x4x1 endpoints=two scale=log profile=full; do
		fails "$codec has no $p" 1 "$codec of u8 values does not take $p" \
			compress -b sw -C $codec -p $p u8.map -o bad.out
	done
done
for codec in asc-cbr ebpc dcac zvc raw; do
	for p in max_error=1 target_bpe=4; do
		fails "$codec has no $p" 1 "$codec of u8 values does not take $p" \
			compress -b sw -C $codec -p $p u8.map -o bad.out
	done
done
fails "raw has no reorder" 1 "raw of u8 values does not take reorder=greedy" \
	compress -b sw -C raw -p reorder=greedy u8.map -o bad.out
fails "two goals" 1 "parameters: they do not go together" \
	compress -b sw -C asc-vbr -p max_error=1,target_bpe=4 u8.map -o bad.out
fails "narrow endpoints of 8 bits" 1 "asc-cbr of u8 values does not take profile=narrow" \
	compress -b sw -C asc-cbr -p profile=narrow u8.map -o bad.out
fails "a pooled block of 24 values" 1 "they do not go together" \
	compress -b sw -C asc-cbr -p profile=pooled,block=run24 u8.map -o bad.out
fails "a zero point of floats" 1 "zvc of f16 values does not take zero_point=1" compress -b sw -C zvc -p zero_point=1 f16.map -o bad.out
for p in codec=zip endpoints=three scale=lin block=4x4 profile=wide effort=most reorder=given \
	max_error=32768 target_bpe=65 zero_point=x max_error= , max_error=1,; do
	fails "-p $p" 2 "bad parameters" compress -b sw -p $p u8.map -o bad.out
done

# containers whose checksums are right, and nothing else

# crc32c < BYTES: four bytes, the lowest first
crc32c() {
	local crc=$((0xffffffff)) byte i
	for byte in $(od -An -v -tu1); do
		crc=$((crc ^ byte))
		for ((i = 0; i < 8; i++)); do
			crc=$((crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0)))
		done
	done
	crc=$((crc ^ 0xffffffff))
	for i in 0 8 16 24; do printf "\\x$(printf %02x $((crc >> i & 255)))"; done
}

# put FILE OFFSET BYTES: over what is there
put() {
	bytes "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2> /dev/null
}

# forge FILE: make the checksums right, that of the payload where there is one
forge() {
	local end
	end=$((32 + $(od -An -tu4 -j16 -N4 "$1")))
	[ $end -lt $payload_at ] ||
		tail -c +$((payload_at + 1)) "$1" | crc32c | dd of="$1" bs=1 seek=104 conv=notrunc 2> /dev/null
	head -c $end "$1" | tail -c +33 | crc32c | dd of="$1" bs=1 seek=20 conv=notrunc 2> /dev/null
	head -c 28 "$1" | crc32c | dd of="$1" bs=1 seek=28 conv=notrunc 2> /dev/null
}

cp u8.asc same.asc && forge same.asc && cmp -s u8.asc same.asc
result $? "a container made by hand"
for codec in asc-vbr ebpc dcac zvc; do
	run 0 compress -b sw -C $codec u8.map -o c.asc
	put c.asc $payload_at '\xff\xff\xff\x7f' && forge c.asc
	fails "$codec: an index that makes no sense" 4 "makes no sense" \
		decompress -b sw c.asc -o bad.out
	head -c 104 c.asc > cut.asc && put cut.asc 88 '\x00\x00\x00\x00' && put cut.asc 16 '\x48' &&
		forge cut.asc
	fails "$codec: no payload" 4 "" decompress -b sw cut.asc -o bad.out
done
run 0 compress -b sw -C zvc -p reorder=greedy u8.map -o c.asc
put c.asc $payload_at '\x01\x01' && forge c.asc
fails "an order that makes no sense" 4 "makes no sense" decompress -b sw c.asc -o bad.out
# OFFSET BYTES TEXT: of the header
while read -r at value text; do
	cp u8.asc c.asc && put c.asc "$at" "$value" && forge c.asc
	fails "a header with $value at $at" 4 "$text" decompress -b sw c.asc -o bad.out
done << 'END'
8 \x01 another version
12 \x00 makes no sense
12 \x02 makes no sense
19 \x11 makes no sense
16 \x4d cut off
24 \x01 reserved
32 \x00 left open
32 \x07 left open
32 \x08 unknown codec
32 \x02 does not fit
36 \x06 does not fit
40 \x00 dimensions
40 \x05 dimensions
44 \x02 dimensions
48 \x00 does not fit
60 \x00 left open
60 \x03 does not fit
64 \x00\x01 does not fit
68 \x03 does not fit
74 \x00 left open
74 \x02 does not fit
75 \x04 does not fit
76 \x09 does not fit
78 \x02 unknown layout
79 \x01 reserved
87 \x80 bad scale
86 \xf0\x7f bad scale
88 \x00 does not fit
96 \x01 directory is cut off
96 \xff\xff\xff\xff directory is cut off
100 \x01 reserved
END

# several tensors: .npz, deflated and not, and .safetensors, made by somebody else
cat > make.py << 'END'
import json, struct, sys, zipfile
maps = {'conv1/out': ('u8.npy', 'U8'), 'b': ('s16.npy', 'I16'), 'c\u00e9': ('bf16.map', 'BF16')}
for name, method in ('stored', zipfile.ZIP_STORED), ('deflated', zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name + '.npz', 'w', method) as z:
        for key, (file, dtype) in maps.items():
            z.write(file, key + '.npy')
def save(name, entries, values, head=None):
    text = head if head is not None else json.dumps(entries, ensure_ascii=False).encode()
    open(name, 'wb').write(struct.pack('<Q', len(text)) + text + values)
header, values = {'__metadata__': {'format': 'pt'}}, b''
for key, (file, dtype) in maps.items():
    data = open(file, 'rb').read()[128:]
    header[key] = {'dtype': dtype, 'shape': [4, 6, 10],
                   'data_offsets': [len(values), len(values) + len(data)]}
    values += data
save('three.safetensors', header, values)
one = lambda **kw: {'x': {**{'dtype': 'U8', 'shape': [4, 6, 10], 'data_offsets': [0, 240]}, **kw}}
save('f32.safetensors', one(dtype='F32'), values)
save('empty.safetensors', one(shape=[0], data_offsets=[0, 0]), values)
save('escape.safetensors', {'\x1b[2J\x9by': one(dtype='F32')['x']}, values)
save('five.safetensors', one(shape=[1] * 5), values)
save('beyond.safetensors', one(data_offsets=[2000, 2240]), values)
save('short.safetensors', one(data_offsets=[0, 239]), values)
save('negative.safetensors', one(data_offsets=[-240, 0]), values)
save('backward.safetensors', one(data_offsets=[240, 0]), values)
save('shape.safetensors', one(shape='4'), values)
save('less.safetensors', {'x': {'dtype': 'U8'}}, values)
save('none.safetensors', {}, b'')
save('json.safetensors', {}, values, b'{"x": [}')
save('twice.safetensors', {}, values, b'{"x": {}, "x": {}}')
open('cut.safetensors', 'wb').write(struct.pack('<Q', 5000) + b'{"x"')
with zipfile.ZipFile('other.npz', 'w') as z:
    z.writestr('readme.txt', 'no map')
with zipfile.ZipFile('inner.npz', 'w') as z:
    z.writestr('x.npy', open('u8.npy', 'rb').read()[:200])
with zipfile.ZipFile('none.npz', 'w') as z:
    pass
data = bytearray(open('stored.npz', 'rb').read())
data[data.index(b'NUMPY') + 150] ^= 1
open('crc.npz', 'wb').write(data)
open('cut.npz', 'wb').write(data[:300])
END
python3 make.py || exit 1
for file in stored.npz deflated.npz three.safetensors; do
	run 0 compress -b sw -C dcac $file -o $file.asc && run 0 list -j $file.asc &&
		grep -q '"name": "conv1/out"' out && [ "$(grep -c '"codec": "dcac"' out)" -eq 3 ]
	result $? "$file"
done
cmp -s stored.npz.asc three.safetensors.asc && cmp -s stored.npz.asc deflated.npz.asc
result $? "the same tensors in each are the same container"
cat > same.py << 'END'
import json, struct, sys, zipfile
want = {'conv1/out': 'u8.npy', 'b': 's16.npy', 'c\u00e9': 'bf16.map'}
if sys.argv[1].endswith('.npz'):
    got = {n[:-4]: zipfile.ZipFile(sys.argv[1]).read(n)[128:] for n in zipfile.ZipFile(sys.argv[1]).namelist()}
else:
    data = open(sys.argv[1], 'rb').read()
    n, = struct.unpack('<Q', data[:8])
    assert n % 8 == 0
    head = json.loads(data[8:8 + n])
    got = {k: data[8 + n:][v['data_offsets'][0]:v['data_offsets'][1]] for k, v in head.items()}
    assert head['b'] == {'dtype': 'I16', 'shape': [4, 6, 10], 'data_offsets': [240, 720]}, head
assert list(got) == list(want), got
for k, f in want.items():
    assert got[k] == open(f, 'rb').read()[128:], k
END
for file in back.npz back.safetensors; do
	run 0 decompress -b sw three.safetensors.asc -o $file && python3 same.py $file
	result $? "several tensors to $file"
done
cp back.npz first.npz
run 0 decompress -b sw stored.npz.asc -o back.npz && cmp -s back.npz first.npz
result $? "the same tensors are the same .npz"
rm -f stored.npz
run 0 decompress -b sw stored.npz.asc && python3 same.py stored.npz
result $? "X.npz.asc to X.npz"
run 0 decompress -b sw --tensor b stored.npz.asc -o back.npy && cmp -s back.npy s16.npy
result $? "--tensor"
run 0 decompress -b sw --tensor b --box 0,1,2,3+1,2,3,4 stored.npz.asc -o back.npy &&
	grep -aq "'shape': (2, 3, 4)" back.npy && [ "$(stat -c %s back.npy)" -eq 176 ]
result $? "--tensor and --box"
run 0 compress -b sw -C zvc u8.npy -o one.asc && run 0 decompress -b sw one.asc -o back.npz &&
	python3 -c 'import zipfile; assert zipfile.ZipFile("back.npz").read("arr_0.npy") == open("u8.npy", "rb").read()'
result $? "what has no name is arr_0"
"$asc" compress -b sw -C zvc - < first.npz | "$asc" decompress -b sw - -o back.safetensors -f &&
	python3 same.py back.safetensors
result $? "several tensors through a pipe"
run 0 verify -b sw -C zvc -j first.npz && [ "$(grep -c '"lossless": true' out)" -eq 3 ] &&
	grep -q '"tensor": "b"' out
result $? "verify of several tensors"
fails "several tensors to .npy" 1 "3 tensors are no .npy file" decompress -b sw stored.npz.asc -o bad.out
fails "a box of several tensors" 1 "--tensor names one" \
	decompress -b sw --box 0,0,0,0+1,1,1,1 stored.npz.asc -o bad.out
fails "a tensor that is not there" 1 "no tensor 'x' in it" \
	decompress -b sw --tensor x stored.npz.asc -o bad.out
for f in beyond:4:values short:4:expected negative:4:expected backward:4:expected f32:1:'values of F32; maps are of u8' \
	five:1:dimensions shape:1:dimensions less:4:description none:1:'no tensors' json:4:JSON \
	twice:4:duplicate cut:4:'cut off' 'empty:1:empty.safetensors: x: a shape of no values' \
	'escape:1:escape.safetensors: ?[2J??y: values'; do
	IFS=: read -r name code text <<< "$f"
	fails "$name.safetensors" "$code" "$text" compress -b sw "$name.safetensors" -o bad.out
done
for f in other:1:'no .npy' 'inner:4:inner.npz: x.npy: damaged' none:1:'no tensors' crc:4:CRC cut:4:damaged; do
	IFS=: read -r name code text <<< "$f"
	fails "$name.npz" "$code" "$text" compress -b sw "$name.npz" -o bad.out
done
# one chunk of many is damaged: the index has a checksum for each
noise 300000 > noise
run 0 compress -b sw -C raw -d u8 -s 3,100,1000 noise -o c.asc &&
	[ "$(stat -c %s c.asc)" -eq $((32 + 72 + 5 * 4 + 300000)) ]
result $? "a checksum for each 64 KiB"
tail -c +$((32 + 72 + 20 + 1 + 196608)) c.asc | head -c 65536 | crc32c |
	cmp -s - <(tail -c +$((32 + 72 + 12 + 1)) c.asc | head -c 4)
result $? "that of the fourth chunk"
for at in 0 70000 299999; do
	run 0 compress -b sw -C raw -d u8 -s 3,100,1000 noise -o c.asc
	byte=$(tail -c +$((125 + at)) c.asc | head -c 1 | od -An -tu1)
	put c.asc $((124 + at)) "\\x$(printf %02x $((byte ^ 1)))"
	fails "damage at $at of the payload" 4 "checksum of the payload" decompress -b sw c.asc -o bad.out
done

# layout and scale
run 0 compress -b sw -C asc-cbr -p block=4x4x1,endpoints=two --layout nhwc -d u8 -s 6,10,4 values -o a.asc
python3 -c '
v = open("values", "rb").read()
open("nchw", "wb").write(bytes(v[(h * 10 + w) * 4 + c] for c in range(4) for h in range(6) for w in range(10)))'
run 0 compress -b sw -C asc-cbr -p block=4x4x1,endpoints=two -d u8 -s 4,6,10 nchw -o b.asc &&
	cmp -s <(tail -c +109 a.asc) <(tail -c +109 b.asc) && ! cmp -s a.asc b.asc
result $? "--layout nhwc: the payload is that of the same map in nchw"
run 0 compress -b sw -C zvc --layout nhwc -d u8 -s 6,10,4 values -o a.asc &&
	run 0 decompress -b sw a.asc -o back.npy && tail -c 240 back.npy | cmp -s - values &&
	grep -aq "'shape': (6, 10, 4)" back.npy
result $? "and comes back in its layout"
run 0 decompress -b sw --box 0,1,0,0+1,2,6,10 a.asc -o back.npy &&
	grep -aq "'shape': (6, 10, 2)" back.npy
result $? "and a box, too"
run 0 compress -b sw --scale 0.125 u8.npy -o a.asc && run 0 list -j a.asc && grep -q '"scale": 0.125' out
result $? "--scale"
fails "a layout that is none" 2 "unknown layout" compress --layout chw u8.npy -o bad.out
for scale in 0 -1 nan inf x 1x ''; do
	fails "--scale '$scale'" 2 "bad scale" compress --scale "$scale" u8.npy -o bad.out
done
fails "verify has no --scale" 2 "does not take --scale" verify --scale 1 u8.npy

# list
run 0 compress -b sw -C ebpc --scale 0.5 u8.npy -o a.asc && run 0 list a.asc && cat > expected << END
a.asc
codec    type  shape               layout       bytes     payload     bpe  scale       name
ebpc     u8    4x6x10              nchw           240  $(printf '%10d  %6.3f' $(($(stat -c %s a.asc) - 108)) \
	"$(awk "BEGIN { print ($(stat -c %s a.asc) - 108) / 30 }")")  0.5         -
END
diff expected out
result $? "list"
"$asc" list - < a.asc | diff <(sed '1s/.*/standard input/' expected) -
result $? "list of a pipe"
truncate -s -3 a.asc
fails "list of a file that is cut off" 4 "cut off" list a.asc
fails "list of something else" 4 "not a .asc file" list u8.npy
fails "list of a directory" 5 "Is a directory" list .
fails "list of nothing" 5 "No such file" list nothing.asc
run 0 list -j u8.asc stored.npz.asc && python3 -c '
import json, sys
text, decoder = open("out").read(), json.JSONDecoder()
one, end = decoder.raw_decode(text)
two, end = decoder.raw_decode(text[end:].lstrip())
assert one["tensors"][0]["shape"] == [4, 6, 10] and one["tensors"][0]["params"].startswith("codec=asc-cbr,")
assert [t["name"] for t in two["tensors"]] == ["conv1/out", "b", "c\u00e9"]'
result $? "list --json"
head -c 108 u8.asc > c.asc &&
	noise $(($(stat -c %s u8.asc) - 108)) >> c.asc && run 0 list c.asc
result $? "list reads headers only"
# view: pixels, as another decoder has them
cat > png.py << 'END'
import struct, sys, zlib
data, at, idat = open(sys.argv[1], 'rb').read(), 8, b''
while at < len(data):
    n, kind = struct.unpack('>I4s', data[at:at + 8])
    body = data[at + 8:at + 8 + n]
    assert zlib.crc32(kind + body) == struct.unpack('>I', data[at + 8 + n:at + 12 + n])[0]
    if kind == b'IHDR':
        w, h, depth, colour = struct.unpack('>IIBB', body[:10])
    idat += body if kind == b'IDAT' else b''
    at += 12 + n
assert (depth, colour) == (8, 2)
raw, rows, last = zlib.decompress(idat), [], bytes(3 * w)
for y in range(h):
    f, line = raw[y * (3 * w + 1)], bytearray(raw[y * (3 * w + 1) + 1:(y + 1) * (3 * w + 1)])
    for i in range(3 * w):
        a, b, c = line[i - 3] if i > 2 else 0, last[i], last[i - 3] if i > 2 else 0
        p = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        line[i] = (line[i] + (0, a, b, (a + b) // 2, p)[f]) & 255
    rows.append(line)
    last = line
pixel = lambda x, y: tuple(rows[y][3 * x:3 * x + 3])
# 4 channels of 6 x 10, 9 times as large, in 2 x 2
left, right = 12, 12 + 2 * (90 + 2) - 2 + 12 + 12 + 2 + 24 + 12
low, high, white = (68, 1, 84), (253, 231, 37), (255, 255, 255)
if sys.argv[2] == 'one':
    assert w == right and h == 2 * 12 + 2 * (54 + 2) - 2, (w, h)
    assert pixel(left, 12) == pixel(left + 8, 20) == low and pixel(left + 9, 12) != low
    assert pixel(left + 92 + 89, 12 + 56 + 53) == high
    assert pixel(left + 90, 12) == pixel(0, 0) == (208, 208, 208)
    assert pixel(left + 182 + 12, 12) == high and pixel(left + 182 + 12, h - 13) == low
else:
    lossless = sys.argv[2] == 'lossless'
    move = right - left
    assert all(pixel(x, y) == pixel(x + move, y) for x in range(left, right) for y in range(h)) == lossless
    errors = {pixel(x, y) for x in range(2 * move + 12, 2 * move + 102) for y in range(12, 66)}
    assert (errors == {white}) == lossless, errors
END
cp u8.npy u8.other.asc
run 0 compress -b sw -C raw u8.npy -o raw.asc && run 0 view -b sw -f raw.asc && python3 png.py raw.asc.png one
result $? "view of a container"
"$asc" view -b sw - < raw.asc | cmp -s - raw.asc.png; result $? "view of a container from a pipe"
cp raw.asc raw.other && run 0 view -b sw -f -o v.png raw.other && cmp -s v.png raw.asc.png
result $? "view of a container of another name"
fails "view of no container" 4 "not a .asc file" view -b sw u8.other.asc -o bad.out
run 0 view -b sw -f -C dcac u8.npy && python3 png.py u8.npy.png lossless; result $? "view of a lossless codec"
run 0 view -b sw -j -C asc-vbr -p max_error=9 u8.npy -f -o v.png && python3 png.py v.png lossy &&
	run 0 view -b sw -j -C asc-vbr -p max_error=9 -o v.png -f u8.npy && holds "$(number max_error) <= 9 &&
		$(number max_error) > 0 && $(number min) == 0 && $(number max) == 239 &&
		$(number channels) == 4"
result $? "view of a lossy codec"
"$asc" view -b sw -C dcac - < u8.npy | cmp -s - u8.npy.png; result $? "view of a pipe"
run 0 view -b sw -j --channels 1+2 -f -o v.png u8.npy && holds "$(number min) == 60 &&
	$(number max) == 179 && $(number channels) == 2 && $(number first_channel) == 1"
result $? "view --channels"
run 0 view -b sw --tensor b -f -o v.png first.npz && run 0 view -b sw --tensor b -f -o v.png stored.npz.asc
result $? "view --tensor"
for type in u8 s8 u16 s16 f16 bf16; do
	run 0 view -b sw -f -o v.png $type.map && ! cmp -s v.png u8.npy.png
	result $? "view of $type"
done
head -c 1000000 /dev/zero > big
run 0 view -b sw -j -f -d u8 -s 1,1,1000000 -C zvc -o v.png big && [ "$(number max_error)" = 0.0 ]
result $? "view of a long map, all 0"
fails "view of several tensors" 1 "--tensor names one" view -b sw first.npz -o bad.out
fails "view of a tensor that is not there" 1 "no tensor 'x'" view -b sw --tensor x first.npz -o bad.out
fails "view beyond the channels" 1 "channel 4 of 4" view -b sw --channels 4+1 u8.npy -o bad.out
fails "view over a file" 5 "exists" view -b sw u8.npy -o first.npz
for channels in 1 +1 0+0 0+1025 0-4 1+2x ''; do
	fails "--channels '$channels'" 2 "bad channels" view --channels "$channels" u8.npy -o bad.out
done
fails "view has no --rm" 2 "does not take --rm" view --rm u8.npy

fails "no input" 5 "nothing.npy: No such file" compress -b sw nothing.npy -o bad.out
fails "a directory" 5 "Is a directory" compress -b sw . -o bad.out
fails "no output directory" 5 "No such file" compress -b sw u8.npy -o nowhere/bad.out
head -c 65536 /dev/zero > zeros
(
	trap '' XFSZ
	ulimit -f 8
	"$asc" compress -b sw -d u8 -s 16,64,64 zeros -o bad.out 2> err
	[ $? -eq 5 ] && grep -q 'File too large' err && [ -z "$(ls -d bad.out .asc.* 2> /dev/null)" ]
)
result $? "an output that cannot be written whole"
head -c 100 u8.npy > cut.npy
fails "a cut header" 4 "cut off" compress -b sw cut.npy -o bad.out
head -c 300 u8.npy > cut.npy
fails "cut values" 4 "240 bytes of values expected, 172 found" compress -b sw cut.npy -o bad.out
cat u8.npy u8.npy > long.npy
fails "values too many" 4 "damaged" verify -b sw long.npy
npy '<f4' False '4, 6, 10' values > f4.npy
fails "another type" 1 "f4.npy: values of f4; maps are of u8" compress -b sw f4.npy -o bad.out
npy '|u1' False '1, 1, 1, 1, 240' values > five.npy
fails "five dimensions" 1 "more than 4 dimensions; maps" compress -b sw five.npy -o bad.out
npy '|u1' False '0, 6, 10' /dev/null > empty.npy
fails "no values" 1 "no values" compress -b sw empty.npy -o bad.out
npy '|u1' False '4294967296, 1' /dev/null > huge.npy
fails "a huge extent" 4 "beyond 2^32" compress -b sw huge.npy -o bad.out
npy '|u1' False '65536, 65536, 65536' /dev/null > huge.npy
fails "a huge shape" 1 "more than 2^30" compress -b sw huge.npy -o bad.out
: > empty
fails "an empty file" 1 "no .npy file, nor .npz" compress -b sw empty -o bad.out
fails "raw without a shape" 1 "--dtype and --shape" compress -b sw values -o bad.out
fails "raw of another size" 1 "want 300 bytes, the file has 240" \
	compress -b sw -d u8 -s 5,6,10 values -o bad.out
fails "a zero point beyond the type" 1 "zero_point" compress -b sw -p zero_point=-1 u8.npy -o bad.out

fails "not a container" 4 "not a .asc file" decompress -b sw u8.npy -o bad.out
fails "an empty container" 4 "not a .asc file" decompress -b sw empty -o bad.out
for n in 8 31 32 103 104 107 108 150; do
	head -c $n u8.asc > cut.asc
	fails "a container cut at $n" 4 "cut off" decompress -b sw cut.asc -o bad.out
done
cat u8.asc values > long.asc
fails "a container with a tail" 4 "behind the payload" decompress -b sw long.asc -o bad.out
size=$(stat -c %s u8.asc) ok=0
for at in $(seq 0 3 $((size - 1))); do
	# turn one bit over
	byte=$(tail -c +$((at + 1)) u8.asc | head -c 1 | od -An -tu1)
	{
		head -c "$at" u8.asc
		printf "\\x$(printf %02x $(((byte ^ 4) & 255)))"
		tail -c +$((at + 2)) u8.asc
	} > flip.asc
	run 4 decompress -b sw flip.asc -o bad.out || ok=1
	[ -e bad.out ] && ok=1
done
result $ok "every third byte damaged"

fails "no command" 2 "unknown command" frobnicate
fails "an unknown backend" 2 "unknown backend" info -b fpga
fails "an unknown codec" 2 "unknown codec" compress -C zip u8.npy -o bad.out
fails "bad parameters" 2 "bad parameters" compress -p what=1 u8.npy -o bad.out
fails "a bad shape" 2 "bad shape" compress -s 1,2,x u8.npy -o bad.out
fails "five extents" 2 "bad shape" compress -s 1,2,3,4,5 u8.npy -o bad.out
fails "an output that is not wanted" 2 "does not take -o" verify u8.npy -o bad.out
fails "two inputs for one output" 2 "cannot go to one output" view u8.npy s8.npy -o bad.out
fails "two inputs for standard output" 2 "cannot go to one output; without -o and -c" decompress u8.asc s8.asc -c
fails "standard input twice" 2 "but once" verify - -
fails "a file and JSON on standard output" 2 "cannot take both" compress -c -j u8.npy
fails "a file from a pipe and JSON" 2 "cannot take both" compress -j -
fails "arguments of info" 2 "unexpected argument" info u8.npy
for option in "-C zvc" "-p codec=zvc" "-d u8" "-s 4,4" "--order-from x"; do
	# shellcheck disable=SC2086
	fails "decompress has no $option" 2 "does not take ${option%% *}" decompress $option u8.asc
done
for option in -c -f -k "-o x" --rm "--box 0,0,0,0+1,1,1,1"; do
	# shellcheck disable=SC2086
	fails "verify has no $option" 2 "does not take ${option%% *}" verify $option u8.npy
done
for n in x -1 257 1x ''; do
	fails "threads: '$n'" 2 "bad number of threads" verify -T "$n" u8.npy
done
fails "no such topic" 2 "no help on 'nothing'" help nothing
fails "no input named" 2 "needs an input" compress -o bad.out
if [ -e /dev/accel ]; then
	skip "hw without a device" "there is one"
else
	fails "hw without a device" 3 "no codec device" compress --backend hw u8.npy -o bad.out
fi
run 0 compress --backend auto u8.npy -o auto.asc && cmp -s auto.asc u8.asc
result $? "auto gives the same bytes"
for words in "info -b sw" help --version; do
	# shellcheck disable=SC2086
	"$asc" $words > /dev/full 2> err; [ $? -eq 5 ] && grep -q 'No space' err
	result $? "standard output is full: $words"
done

# the man page and the completion know every option and command, and nothing else
grep -o '^	{ "[a-z-]*", [a-z]*_argument' "$tools/options.c" | sed 's/^[^"]*"//; s/".*//' | sort > options
grep -o 'Fl -[a-z-]*' "$tools/asc.1" | sed 's/^Fl -//' | sort -u | diff options -
result $? "options in the man page"
grep -oE -- '--[a-z-]+' "$tools/asc.bash" | sed 's/^--//' | sort -u | grep -v '^$' | diff options -
result $? "options in the completion"
ok=0
for topic in '' compress decompress info view verify list eval bench tune stat; do
	# shellcheck disable=SC2086
	"$asc" help $topic
done > help
while read -r option; do
	letter=$(sed -n "s/.*{ \"$option\", .*, '\(.\)' .*/\1/p" "$tools/options.c")
	grep -q -- "${letter:+-$letter, }--$option\>" help || { echo "# no help on --$option"; ok=1; }
done < options
result $ok "options in the help"
sed -n 's/^	{ "\([a-z]*\)", cmd_.*/\1/p' "$tools/asc.c" | sort > commands
sed -n 's/^\.It Cm \([a-z]*\)$/\1/p' "$tools/asc.1" | grep -v help | sort | diff commands -
result $? "commands in the man page"
if command -v man > /dev/null; then
	[ -z "$(man --warnings -l "$tools/asc.1" 2>&1 > page)" ] && grep -q 'EXIT STATUS' page
	result $? "the man page is well-formed"
else
	skip "the man page is well-formed" "no man(1)"
fi
# completes WORDS EXPECTED: of the last word
completes() {
	bash -c '. "$1"; read -ra COMP_WORDS <<< "$2"; [[ $2 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _asc; echo "${COMPREPLY[@]}"' - \
		"$tools/asc.bash" "$1" > out
	[ "$(cat out)" = "$2" ]
	result $? "completion of '$1'"
}
mkdir complete && cp u8.npy u8.asc complete
completes "asc comp" "compress"
completes "asc compress -C asc" "asc-cbr asc-vbr"
completes "asc decompress --bo" "--box"
completes "asc decompress complete/" "complete/u8.asc"
completes "asc compress complete/" "complete/u8.npy"
completes "asc help exit" "exit-codes"
completes "asc view -p prof" "profile=full profile=narrow profile=pooled"
completes "asc info " ""
completes "asc st" "stat"
completes "asc tune --m" "--min-sqnr --max-error"
completes "asc help ta" "tables"
completes "asc eval --try prof" "profile=full profile=narrow profile=pooled"

# the examples of the man page
mkdir examples && cp u8.npy examples/map.npy
"$asc" compress -b sw -d u8 -s 8,56,56 -o examples/map8.asc <(head -c 25088 /dev/zero)
grep '^\.Dl \$ ' "$tools/asc.1" | sed 's/^\.Dl \$ //; s/map.npy.asc/map8.asc/' > lines
ok=0
while read -r line; do
	(PATH=$(dirname "$asc"):$PATH; cd examples && eval "$line") 2> err || { echo "# $line: $(cat err)"; ok=1; }
done < lines
[ "$(wc -l < lines)" -ge 4 ] && [ "$(stat -c %s examples/box.npy)" -eq 12672 ] &&
	cmp -s examples/back.npy examples/map.npy || ok=1
result $ok "the man page's examples"

# outputs that are not plain files
mkfifo fifo
cat fifo > piped & "$asc" compress -b sw u8.npy -o fifo; wait $!
[ -p fifo ] && cmp -s piped u8.asc
result $? "a pipe as output stays one"
echo old > real
ln -s real link
"$asc" compress -f -b sw u8.npy -o link && [ -L link ] && cmp -s real u8.asc
result $? "a link as output leads to the file"
"$asc" compress -b sw u8.npy -o /dev/stdout | cmp -s - u8.asc
result $? "standard output as output"
name=$(printf 'x%.0s' $(seq 250))
run 0 compress -b sw u8.npy -o "$name" && cmp -s "$name" u8.asc
result $? "a long name"

# names of outputs, several files, pipes
mkdir many && cp u8.npy many/a.npy && cp s16.npy many/b.npy && cp values many/raw && cp cut.npy many/c.npy
force=
run 0 compress -b sw many/a.npy many/b.npy && cmp -s many/a.npy.asc u8.asc &&
	cmp -s many/b.npy.asc s16.asc && [ ! -s out ] && [ ! -s err ]
result $? "several inputs, each with its output, without a word"

# several inputs to one output
force=-f
names() { # of the tensors of a container, in a line
	"$asc" list "$1" | sed 1,2d | awk '{ printf "%s ", $NF }'
}
"$asc" compress -b sw many/a.npy many/b.npy -c > both.asc && [ "$(names both.asc)" = "a b " ] &&
	run 0 decompress -b sw both.asc --tensor b -o back.npy &&
	run 0 decompress -b sw s16.asc -o other.npy && cmp -s back.npy other.npy &&
	run 0 decompress -b sw both.asc -o both.npz
result $? "several inputs to standard output"
run 0 compress -b sw both.npz u8.npy -o more.asc && [ "$(names more.asc)" = "a b u8 " ] &&
	"$asc" compress -b sw -c - both.npz < u8.npy > more.asc && [ "$(names more.asc)" = "- a b " ]
result $? "several inputs of which one has names, or is a pipe"
run 0 compress -b sw -j u8.npy both.npz -o more.asc && [ "$(grep -c '"output": "more.asc"' out)" -eq 2 ] &&
	grep -q '"tensors": 2' out && grep -q '"input": "u8.npy"' out
result $? "several inputs to one output tell of each"
mkdir twice && cp many/a.npy twice/
fails "two tensors of one name" 1 "twice/a.npy: a tensor 'a' is among those of another input" \
	compress -b sw many/a.npy twice/a.npy -o bad.out
fails "one of several inputs is damaged" 4 "many/c.npy: damaged" \
	compress -b sw --rm many/a.npy many/c.npy -o bad.out
fails "one of several inputs is not there" 5 "nothing.npy: No such" \
	compress -b sw --rm many/a.npy nothing.npy -o bad.out
[ -e many/a.npy ]
result $? "and none of them was removed"
run 0 compress -b sw --rm twice/a.npy s8.npy -o twice/both.asc && [ ! -e twice/a.npy ] && [ ! -e s8.npy ]
result $? "--rm removes all of them"
npy '|i1' False '4, 6, 10' values > s8.npy
cp u8.npy twice/a.npy
run 0 compress -b sw --rm twice/a.npy -o twice/a.npy && cmp -s twice/a.npy u8.asc
result $? "--rm leaves an output that has replaced its input"
force=
fails "outputs that exist" 5 "many/a.npy.asc: exists; -f overwrites it" compress -b sw many/a.npy
fails "-o that exists" 5 "s16.asc: exists" compress -b sw many/a.npy -o s16.asc
cmp -s many/b.npy.asc s16.asc
result $? "it is still what it was"
force=-f
run 0 compress -b sw many/a.npy && run 0 compress -b sw u8.npy -o many/b.npy.asc &&
	cmp -s many/b.npy.asc u8.asc
result $? "-f overwrites"
run 1 compress -b sw many/a.npy many/c.npy nothing.npy many/b.npy &&
	[ "$(wc -l < err)" -eq 2 ] && grep -q 'many/c.npy: damaged' err &&
	grep -q 'nothing.npy: No such' err && cmp -s many/b.npy.asc s16.asc && [ ! -e many/c.npy.asc ]
result $? "files behind one that fails"
rm many/*.asc many/c.npy
run 0 compress -b sw 'many/[ab].n*' && [ "$(ls many/*.asc | wc -l)" -eq 2 ]
result $? "a pattern"
cp u8.npy 'many/[x].npy' && run 0 compress -b sw 'many/[x].npy' && [ -e 'many/[x].npy.asc' ]
result $? "a name that looks like a pattern"
fails "a pattern of nothing" 5 "nothing*.npy: No such file" compress -b sw 'nothing*.npy'
run 0 compress -b sw -d u8 -s 4,6,10 many/raw && run 0 decompress -b sw many/raw.asc &&
	head -c 10 many/raw.npy | grep -aq NUMPY && cmp -s many/raw values
result $? "values that were no .npy become one"
mv many/a.npy a.old
run 0 decompress -b sw many/a.npy.asc && [ "$(stat -c %s many/a.npy)" -eq "$(stat -c %s a.old)" ]
result $? "decompress strips .asc"
cp u8.asc u8.other
fails "decompress of another suffix" 1 "does not end in .asc" decompress -b sw u8.other
run 0 verify -b sw -j u8.npy s16.npy && [ "$(grep -c '"sqnr_db"' out)" -eq 2 ] &&
	[ "$(grep -c '^{' out)" -eq 2 ]
result $? "verify of several, in JSON"
for command in "compress -b sw -" "compress -b sw - -o -" "compress -b sw -c -"; do
	# shellcheck disable=SC2086
	"$asc" $command < u8.npy 2> err | cmp -s - u8.asc && [ ! -s err ]
	result $? "$command"
done
"$asc" compress -b sw -c u8.npy | cmp -s - u8.asc && [ -e u8.npy ]
result $? "compress -c"
run 0 decompress -b sw u8.asc -o back.npy && "$asc" compress -b sw - < u8.npy |
	"$asc" decompress -b sw - | cmp -s - back.npy
result $? "a pipe of both"
"$asc" verify -b sw - < u8.npy > out && grep -q '^standard input: asc-cbr' out
result $? "verify -"
"$asc" decompress -b sw - < values > out 2> err
[ $? -eq 4 ] && [ ! -s out ] && grep -q '^asc: standard input: not a .asc' err
result $? "a pipe of something else"
cp u8.npy rm.npy
run 0 compress -b sw --rm -k rm.npy && [ -e rm.npy ] && run 0 compress -b sw -k --rm rm.npy &&
	[ ! -e rm.npy ] && cmp -s rm.npy.asc u8.asc
result $? "--rm, and -k"
cp cut.npy rm.npy
run 4 compress -b sw --rm rm.npy; [ -e rm.npy ]
result $? "--rm leaves what failed"
run 0 compress -b sw -v u8.npy -o u8.asc && grep -q '^u8.npy: 240 bytes of values, .* to u8.asc$' err
result $? "-v"
run 0 compress -b sw -v -q u8.npy -o u8.asc && [ ! -s err ]
result $? "-q"
noise 131072 > noise
for codec in asc-cbr asc-vbr dcac; do
	run 0 compress -b sw -C $codec -d u8 -s 32,64,64 noise -o a.asc &&
		run 0 compress -b sw -T 2 -C $codec -d u8 -s 32,64,64 noise -o b.asc && cmp -s a.asc b.asc &&
		run 0 decompress -b sw -T 0 b.asc -o b.npy && run 0 decompress -b sw a.asc -o a.npy &&
		cmp -s a.npy b.npy
	result $? "$codec in threads gives the same bytes"
done
for topic in info compress decompress list verify view eval bench tune stat codecs files boxes \
	tables exit-codes; do
	run 0 help $topic && [ "$(wc -l < out)" -ge 3 ] && [ ! -s err ]
	result $? "help $topic"
done

# outputs that fail
head -c 1048576 /dev/zero > zeros
"$asc" compress -b sw -C raw -d u8 -s 16,256,256 zeros -c 2> err | true
[ "${PIPESTATUS[0]}" -eq 5 ] && [ "$(cat err)" = "asc: standard output: Broken pipe" ]
result $? "a pipe that nobody reads"
# a text fits into a pipe: its reader must have gone before
mkfifo unread
exec 3<> unread 4> unread 3<&-
"$asc" help >&4 2> err
[ $? -eq 5 ] && [ ! -s err ]
result $? "a text that nobody reads"
exec 4>&-
"$asc" compress -b sw -c u8.npy > /dev/full 2> err
[ $? -eq 5 ] && [ "$(cat err)" = "asc: standard output: No space left on device" ]
result $? "standard output is full"
"$asc" compress -b sw u8.npy -o /dev/full 2> err
[ $? -eq 5 ] && [ "$(cat err)" = "asc: /dev/full: No space left on device" ]
result $? "the output is full"

# Signals, while the temporary file is there: what is to rename it waits for them.  Jobs of a
# script ignore SIGINT otherwise.
printf '#include <unistd.h>\n%s { return pause(); }\n%s { return pause(); }\n' \
	'int rename(const char *from, const char *to)' \
	'int renameat2(int a, const char *from, int b, const char *to, unsigned int flags)' |
	${CC:-cc} -w -shared -fPIC -x c - -o wait.so
for signal in INT:130 TERM:143 HUP:129; do
	LD_PRELOAD=./wait.so env --default-signal="${signal%:*}" \
		"$asc" compress -b sw u8.npy -o bad.out 2> err &
	job=$!
	until compgen -G '.asc.*' > /dev/null || ! kill -0 $job 2> /dev/null; do sleep 0.02; done
	kill -"${signal%:*}" $job
	{ wait $job; } 2> /dev/null
	[ $? -eq "${signal#*:}" ] && [ -z "$(ls -d bad.out .asc.* 2> /dev/null)" ]
	result $? "SIG${signal%:*} leaves nothing"
done

# On a terminal, which script(1) makes: colours, progress, no binary output
if command -v script > /dev/null; then
	# terminal ARGUMENT...: what asc writes to the terminal is in out
	terminal() {
		printf ' %q' env -u NO_COLOR TERM=xterm "$asc" "$@" > line
		script -qec "$(cat line)" /dev/null > out 2>&1 < /dev/null
	}
	terminal compress -b sw -c u8.npy
	[ $? -eq 2 ] && grep -q 'standard output: a terminal' out && ! grep -aq ASC out
	result $? "a terminal is no place for a file"
	terminal compress -b sw -f -c u8.npy && grep -aq ASC out
	result $? "unless there is -f"
	terminal compress -b sw nothing.npy
	grep -q $'\033\\[1;31masc:\033\\[0m nothing.npy: No such' out
	result $? "complaints in colour"
	terminal compress -b sw -f u8.npy mixed.npy && grep -q $'2 of 2: mixed.npy\r\033\\[K' out &&
		grep -q 'u8.npy: 240 bytes of values' out
	result $? "progress, and a line for each file"
	terminal compress -b sw -q -f u8.npy mixed.npy && [ ! -s out ]
	result $? "-q on a terminal"
else
	skip "asc on a terminal" "no script(1)"
fi

bad=$(printf 'a\377b.npy')
cp u8.npy "$bad" && run 0 verify -b sw -j "$bad" && grep -q '"input": "a?b.npy"' out
result $? "a name that is no UTF-8, in JSON"
[ -z "$(ls -A | grep '^\.asc')" ]
result $? "no temporary file is left"

finish
