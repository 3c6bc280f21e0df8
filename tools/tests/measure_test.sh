#!/bin/bash
# SPDX-License-Identifier: MIT
#
# measure_test.sh ASC: asc eval, bench and tune, and tables of parameters, on the software
# backend; prints TAP.

set -u
asc=$(realpath "$1")
. "$(dirname "$0")/../../selftests/tap.sh"
. "$(dirname "$0")/maps.sh"
export ASC=$asc
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

# run EXPECTED_CODE ARGUMENT...: output is in out and err
run() {
	local expected=$1 code
	shift
	"$asc" "$@" > out 2> err < /dev/null
	code=$?
	[ $code -eq "$expected" ] && return 0
	echo "# asc $*: exit code $code, not $expected: $(cat err)"
	return 1
}

# fails NAME CODE TEXT ARGUMENT...: one line on stderr that holds TEXT, nothing on stdout, no
# output file
fails() {
	local name=$1 code=$2 text=$3 ok=0
	shift 3
	rm -f bad.out
	run "$code" "$@" || ok=1
	[ "$(wc -l < err)" -eq 1 ] && grep -qF -- "$text" err && [ ! -s out ] && [ ! -e bad.out ] || {
		echo "# said: $(head -c 300 err)"
		ok=1
	}
	result $ok "$name"
}

# holds NAME: the Python that follows on standard input, with the JSON of out as j
holds() {
	{ echo 'import json; j = json.load(open("out"))'; cat; } > check.py
	python3 check.py 2>&1 | sed 's/^/# /'
	result "${PIPESTATUS[0]}" "$1"
}

for type in u8 s8 u16 s16 f16 bf16; do
	map_values $type > $type.values
	npy "${npy_types[$type]}" False '4, 6, 10' $type.values > $type.npy
done

# --- eval ---------------------------------------------------------------------------

run 0 eval -b sw --try codec=raw --try=codec=asc-vbr,max_error={1,30} u8.npy &&
	sed -E 's/ +[0-9.]+ +[0-9.]+  codec/ TIMES codec/' out > stripped
"$asc" verify -b sw -j -C asc-vbr -p max_error=30 u8.npy > out
python3 - << 'END' | diff - stripped | sed 's/^/# /'
import json, math, subprocess, sys, os
j = json.load(open('out'))
v = open('u8.values', 'rb').read()
peak = max(v) - min(v)
signal = sum(x * x for x in v)
noise = signal / 10 ** (j['sqnr_db'] / 10)
psnr = 10 * math.log10(peak * peak * len(v) / noise)
open('psnr', 'w').write(str(psnr))
one = json.loads(os.popen('"%s" verify -b sw -j -C asc-vbr -p max_error=1 u8.npy' %
                          os.environ.get('ASC', 'asc')).read()) if 'ASC' in os.environ else None
def row(j, psnr):
    sqnr = math.inf if j['sqnr_db'] is None else j['sqnr_db']
    return '%7.3f %7.3f %8.2f %8.2f %10.6g TIMES' % (j['bpe'], j['ratio'], sqnr, psnr, j['max_error'])
print('    bpe   ratio  SQNR dB  PSNR dB  max error compress ms decompress ms  parameters')
print('u8.npy: u8, 1 x 4 x 6 x 10')
print('  8.000   1.000      inf      inf          0 TIMES codec=raw')
n1 = signal / 10 ** (one['sqnr_db'] / 10)
print(row(one, 10 * math.log10(peak * peak * len(v) / n1)), 'codec=asc-vbr,max_error=1')
print(row(j, psnr), 'codec=asc-vbr,max_error=30')
END
result "${PIPESTATUS[1]}" "eval: the numbers of verify, and PSNR"

run 0 eval -b sw -j ./*.npy && cp out eval.json && holds "eval of every type with the usual settings" << 'END'
rows, every = j['rows'], j['all']
assert len({r['input'] for r in rows}) == 6 and {r['dtype'] for r in rows} == {'u8', 's8', 'u16', 's16', 'f16', 'bf16'}
assert len(every) == 15 and {r['maps'] for r in every} == {6} and len(rows) == 90
for r in rows:
    assert abs(r['bpe'] - 8 * r['payload_bytes'] / 240) < 1e-3 and r['elements'] == 240
    assert abs(r['ratio'] - r['bytes'] / r['payload_bytes']) < 1e-3
    assert (r['sqnr_db'] is None) == (r['psnr_db'] is None) == (r['max_error'] == 0)
    assert r['compress_s'] > 0 and r['decompress_s'] > 0
    if 'codec=asc-vbr' == r['params'] or r['params'] in ('codec=dcac', 'codec=ebpc', 'codec=zvc'):
        assert r['sqnr_db'] is None
    if 'max_error=' in r['params'] and 'f16' not in r['dtype']:
        assert r['max_error'] <= int(r['params'].split('=')[-1])
    if 'target_bpe=' in r['params']:
        assert r['bpe'] <= float(r['params'].split('=')[-1])
for a in every:
    of = [r for r in rows if r['params'] == a['params']]
    assert a['payload_bytes'] == sum(r['payload_bytes'] for r in of)
    assert a['max_error'] == max(r['max_error'] for r in of)
    lossy = [r['sqnr_db'] for r in of if r['sqnr_db'] is not None]
    if lossy:
        assert abs(a['sqnr_db'] - sum(lossy) / len(lossy)) < 1e-3
    else:
        assert a['sqnr_db'] is None
END
run 0 eval -b sw --csv --try codec=dcac --try codec=asc-cbr,profile=narrow u8.npy s16.npy
python3 -c '
import csv
rows = list(csv.DictReader(open("out")))
assert [(r["input"], r["dtype"], r["params"]) for r in rows] == [
    ("u8.npy", "u8", "codec=dcac"), ("s16.npy", "s16", "codec=dcac"),
    ("s16.npy", "s16", "codec=asc-cbr,profile=narrow")], rows
assert rows[0]["sqnr_db"] == "inf" and float(rows[0]["bpe"]) == 8 * int(rows[0]["payload_bytes"]) / 240
'
result $? "eval --csv, without what a type does not have"
run 0 eval -b sw --plot plot.svg ./*.npy && grep -q '^all of 6 maps$' out && python3 -c '
import xml.etree.ElementTree as e
s = "{http://www.w3.org/2000/svg}"
svg = e.parse("plot.svg").getroot()
text = [t.text for t in svg.iter(s + "text")]
for label in ("bits per value", "SQNR, dB", "lossless", "codec=asc-cbr", "codec=dcac",
              "codec=asc-vbr, by max_error", "codec=asc-vbr, by target_bpe"):
    assert label in text, text
lines = [p.get("points").split() for p in svg.iter(s + "polyline")]
assert sorted(map(len, lines)) == [1, 1, 1, 1, 1, 5, 5], lines
for points in lines:
    points = [tuple(map(float, p.split(","))) for p in points]
    # more bits to the right, what is lossless at the upper edge, and all within the frame
    assert points == sorted(points) and all(60 <= x <= 620 and 30 <= y <= 430 for x, y in points)
assert sum(y == "30.0" for points in lines for x, y in [p.split(",") for p in points]) >= 4
'
result $? "eval --plot"
cp plot.svg old.svg
fails "a plot that exists" 5 "plot.svg: exists" eval -b sw --plot plot.svg u8.npy
run 0 eval -b sw -f --plot plot.svg u8.npy && ! cmp -s plot.svg old.svg
result $? "eval -f --plot"
head -c 4096 /dev/zero > zeros
run 0 eval -b sw -j --plot zeros.svg -d s8 -s 4,32,32 zeros && [ -s zeros.svg ] && ! grep -q nan zeros.svg
result $? "eval of zeros"
run 1 eval -b sw --try codec=zvc nothing.npy u8.npy && [ "$(wc -l < err)" -eq 1 ] && grep -q 'codec=zvc$' out
result $? "eval: a file that fails does not keep the others from it"
fails "a plot that is no SVG" 2 "plots are SVG" eval -b sw --plot plot.png u8.npy
fails "eval has no codec" 2 "does not take -C" eval -C zvc u8.npy
fails "--try codec=zip" 2 "bad parameters 'codec=zip'" eval --try codec=zip u8.npy
fails "--json and --csv" 2 "not both" eval -j --csv u8.npy
fails "verify has no plot" 2 "does not take --plot" verify --plot x u8.npy
fails "no input" 2 "needs an input" eval

# --- bench --------------------------------------------------------------------------

run 0 bench -b sw -j --repeats 4 -d f16 -s 4,8,16 && holds "bench of the made-up map" << 'END'
assert (j['input'], j['dtype'], j['repeats'], j['threads']) == ('synthetic', 'f16', 4, 1)
assert [r['params'].split(',')[0] for r in j['results']] == ['codec=' + c for c in
    ('asc-cbr', 'asc-vbr', 'asc-vbr', 'dcac', 'ebpc', 'zvc', 'raw')]
for r in j['results']:
    assert r['backend'] == 'sw' and abs(r['ratio'] - 1024 / r['payload_bytes']) < 1e-3
    for what in 'compress', 'decompress', 'memcpy':
        t = r[what]
        assert 0 < t['min_s'] <= t['q1_s'] <= t['median_s'] <= t['q3_s'] <= t['max_s']
        assert abs(t['mb_per_s'] * t['median_s'] * 1e6 / 1024 - 1) < 1e-4
        assert abs(t['to_memcpy'] * r['memcpy']['mb_per_s'] / t['mb_per_s'] - 1) < 1e-4
END
for type in u8 s8 u16 s16 bf16; do
	run 0 bench -b sw --repeats 1 -d $type -s 2,4,8 --try codec=zvc --try codec=asc-vbr &&
		[ "$(sed -n 3p out)" = "synthetic: $type, 1 x 2 x 4 x 8" ] &&
		[ "$(grep -c '^sw .*codec=' out)" -eq 2 ]
	result $? "bench of $type"
done
run 0 bench -b sw --repeats 1 --try codec=raw u8.npy s16.npy &&
	[ "$(grep -cE '^sw +1\.000( +[0-9.]+){7}  codec=raw$' out)" -eq 2 ]
result $? "bench of files"
run 0 bench -b sw --repeats 1 --try codec=asc-cbr,profile=narrow u8.npy && [ "$(wc -l < out)" -eq 3 ]
result $? "bench without what a type does not have"
run 0 bench -b sw -T 2 -j --repeats 1 --try codec=raw u8.npy && grep -q '"threads": 2' out
result $? "bench in threads"
for n in 0 x 10001 ''; do
	fails "--repeats '$n'" 2 "bad number of repeats" bench --repeats "$n"
done
fails "bench of a file that is not there" 5 "nothing.npy: No such" bench -b sw -j nothing.npy
if [ -e /dev/accel ]; then
	skip "bench without a device" "there is one"
else
	fails "bench without a device" 3 "no codec device" bench -b hw
fi

# --- tables -------------------------------------------------------------------------

cat > make.py << 'END'
import json, struct
names = {'conv1/out': 'u8', 'two words': 'u8', '#3': 's8', 'a*b?[c]\\d': 'u8', 'aXb': 'u8', 'new\nline': 's8'}
head, values = {}, b''
for name, dtype in names.items():
    data = open(dtype + '.values', 'rb').read()
    head[name] = {'dtype': dtype.replace('s', 'i').upper(), 'shape': [4, 6, 10],
                  'data_offsets': [len(values), len(values) + len(data)]}
    values += data
text = json.dumps(head).encode()
open('net.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + values)
END
python3 make.py || exit 1
# codecs FILE: name=codec of each tensor
codecs() {
	"$asc" list -j "$1" | python3 -c '
import json, sys
for t in json.load(sys.stdin)["tensors"]: print(repr(t["name"]), t["params"])'
}
cat > table << 'END'
# layers
conv*      codec=zvc
two\ words codec=dcac,reorder=heuristic
\#3        codec=ebpc
aXb        codec=asc-vbr,max_error=3
END
run 0 compress -b sw -f --params-from table -C raw net.safetensors && codecs net.safetensors.asc > got
diff - got << 'END'
'conv1/out' codec=zvc
'two words' codec=dcac,reorder=heuristic
'#3' codec=ebpc
'a*b?[c]\\d' codec=raw
'aXb' codec=asc-vbr
'new\nline' codec=raw
END
result $? "compress --params-from; what the table has not is as -C says"
cp net.safetensors.asc first.asc
"$asc" compress -b sw --params-from <(cat table) -C raw net.safetensors -o - | cmp -s - first.asc
result $? "a table from a pipe"
"$asc" compress -b sw --params-from - -C raw net.safetensors -o - < table | cmp -s - first.asc
result $? "a table from standard input"
mkdir -p maps && cp u8.npy maps/conv9.npy
run 0 compress -b sw --params-from table -C raw maps/conv9.npy && [ "$(codecs maps/conv9.npy.asc)" = "'' codec=zvc" ]
result $? "what has no name is called as its file"
"$asc" compress -b sw --params-from table -C raw - < u8.npy > c.asc && [ "$(codecs c.asc)" = "'' codec=raw" ]
result $? "nor has standard input one"
run 0 verify -b sw --params-from table maps/conv9.npy && grep -q ': zvc u8' out
result $? "verify --params-from"
run 0 view -b sw --params-from table maps/conv9.npy -j -o v.png && grep -q '"max_error": 0.0' out
result $? "view --params-from"
printf '* codec=zvc\n\nconv codec=zip\n' > wrong
fails "a table that makes no sense" 1 "wrong: line 3 makes no sense; see asc help tables" \
	compress -b sw --params-from wrong u8.npy -o bad.out
printf '* codec=zvc\n\0\n* codec=raw\n' > wrong
fails "a table with a zero in it" 1 "wrong: no text" compress -b sw --params-from wrong u8.npy -o bad.out
fails "a table that is not there" 5 "nothing: No such file" compress -b sw --params-from nothing u8.npy -o bad.out
fails "standard input twice" 2 "but once" compress --params-from - - -o bad.out
fails "decompress has no table" 2 "does not take --params-from" decompress --params-from table first.asc

# --- tune ---------------------------------------------------------------------------

# tuned NAME GOAL VALUE ARGUMENT...: the table that is made keeps to the goal, map by map
tuned() {
	local name=$1 goal=$2 value=$3 ok=0
	shift 3
	run 0 tune -b sw -f "$@" ./[usbf]*[68].npy -o net.params && [ ! -s out ] || ok=1
	run 0 verify -b sw -j --params-from net.params ./[usbf]*[68].npy || ok=1
	python3 - "$goal" "$value" << 'END' || ok=1
import json, sys
text, at, decoder = open('out').read(), 0, json.JSONDecoder()
goal, value, count = sys.argv[1], float(sys.argv[2]), 0
while at < len(text):
    j, at = decoder.raw_decode(text, at)
    at += len(text[at:]) - len(text[at:].lstrip())
    count += 1
    sqnr = float('inf') if j['sqnr_db'] is None else j['sqnr_db']
    assert {'sqnr': sqnr >= value, 'max': j['max_error'] <= value, 'bpe': j['bpe'] <= value,
            'lossless': j['lossless']}[goal], j
    # the fewest bytes are fewer than those of what everybody would take
    if goal != 'bpe':
        assert j['payload_bytes'] <= 480, j
assert count == 6
END
	# six layers, each below what it gives, and the rest
	[ "$(grep -c '^[^#]' net.params)" -eq 7 ] && [ "$(grep -c '^# .* bpe, SQNR .* dB, largest error' net.params)" -eq 7 ] &&
		tail -n 1 net.params | grep -q '^\* codec=' || ok=1
	result $ok "$name"
}
tuned "tune without a goal is lossless" lossless 0
grep -q '^# asc tune, lossless$' net.params
result $? "the table tells the goal"
tuned "tune --min-sqnr" sqnr 25 --min-sqnr 25
tuned "tune --max-error" max 3 --max-error 3
tuned "tune --target-bpe" bpe 5.5 --target-bpe 5.5
tuned "tune --try" lossless 0 --try codec=zvc --try codec=raw
! grep '^[^#]' net.params | grep -qvE ' codec=(zvc|raw)$'
result $? "only those are tried"

# the fewest bytes of what was tried
run 0 tune -b sw -j --try codec=zvc --try codec=dcac --try codec=ebpc --try codec=raw u8.npy && cp out tuned.json
for codec in zvc dcac ebpc raw; do
	"$asc" verify -b sw -j -C $codec u8.npy | python3 -c '
import json, sys
j = json.load(sys.stdin); print(j["payload_bytes"], j["codec"])'
done | sort -n | head -n 1 > least
holds "tune finds the least" << 'END'
size, codec = open('least').read().split()
assert [(l['layer'], l['maps'], l['params']) for l in j['layers']] == [
    ('u8', 1, 'codec=' + codec), (None, 1, 'codec=' + codec)], j
assert abs(j['layers'][0]['bpe'] - 8 * int(size) / 240) < 1e-3 and j['layers'][0]['sqnr_db'] is None
assert j['table'].endswith('\n* codec=%s\n' % codec)
END
# values that stand for 0.0 are dropped by zvc if it is told which they are
head -c 240 /dev/zero | tr '\0' '\200' > zero.values
npy '|u1' False '4, 6, 10' zero.values > zero.npy
for option in "--zero-point 128 --try codec=zvc" "--try codec=zvc --zero-point=128" \
		"--zero-point 3 --try codec=zvc,zero_point=128"; do
	# shellcheck disable=SC2086
	run 0 tune -b sw -f $option zero.npy -o zero.params && grep -qx 'zero codec=zvc,zero_point=128' zero.params &&
		run 0 compress -b sw -f -j --params-from zero.params zero.npy && cp out made.json
	result $? "tune $option"
	holds "what it compresses then" <<< 'assert j["payload_bytes"] < 60, j'
done
run 0 tune -b sw -j --zero-point 128 zero.npy
holds "tune tries all with the zero point" << 'END'
assert all(l['params'].endswith(',zero_point=128') for l in j['layers']), j
END
run 0 eval -b sw --csv --zero-point 128 zero.npy && [ "$(grep -c zero_point=128 out)" -eq "$(($(wc -l < out) - 1))" ]
result $? "eval with a zero point"
run 0 bench -b sw --repeats 1 --zero-point 128 --try codec=zvc zero.npy && grep -q zero_point=128 out
result $? "bench with a zero point"
fails "a zero point that is no number" 2 "bad zero point '1.5'" tune --zero-point 1.5 u8.npy
fails "a zero point that is not one" 2 "bad zero point" tune --zero-point 1,codec=raw u8.npy
# names as patterns, and each its own parameters
run 0 tune -b sw --max-error 2 net.safetensors && cp out names.params &&
	grep -q '^two\\ words codec=' out && grep -q '^\\#3 codec=' out &&
	grep -qF 'a\*b\?\[c]\\d codec=' out && grep -q '^new?line codec=' out
result $? "names in a table"
# each name finds the entry that was made for it
sed 's/codec=.*/codec=asc-vbr,max_error=/' names.params | awk '/^[^#]/ { n += 1; print $0 n; next } { print }' > numbered
run 0 compress -b sw -f -v --params-from numbered net.safetensors
run 0 verify -b sw -j --params-from numbered net.safetensors && python3 - << 'END'
import json, re, subprocess
text, at, errors = open('out').read(), 0, []
decoder = json.JSONDecoder()
while at < len(text):
    j, at = decoder.raw_decode(text, at)
    at += len(text[at:]) - len(text[at:].lstrip())
    errors.append(j['max_error'])
# noise in the map makes each bound be reached
assert errors == [1, 2, 3, 4, 5, 6], errors
END
result $? "each name finds its entry"
# maps of a layer, in several files, get what is good for all of them
mkdir -p a b && cp u8.npy a/conv.npy
noise 240 > noise && npy '|u1' False '4, 6, 10' noise > b/conv.npy
run 0 tune -b sw -j --target-bpe 7 --try codec=dcac --try codec=asc-cbr,block=4x4x1 a/conv.npy b/conv.npy
holds "maps of the same layer" << 'END'
assert [(l['layer'], l['maps']) for l in j['layers']] == [('conv', 2), (None, 2)], j
assert j['layers'][0]['params'] == 'codec=asc-cbr,block=4x4x1'
END
"$asc" tune -b sw --try codec=zvc - < u8.npy > out && [ "$(grep -v '^#' out)" = "* codec=zvc" ]
result $? "tune of a pipe"
fails "nothing keeps to the goal" 1 "u8: nothing that was tried keeps to the goal" \
	tune -b sw --min-sqnr 90 --try codec=asc-cbr u8.npy -o bad.out
fails "two goals" 2 "not two" tune --min-sqnr 20 --target-bpe 3 u8.npy
for goal in "--min-sqnr x" "--min-sqnr -1" "--max-error 1.5" "--max-error 32768" "--target-bpe 0" \
	"--target-bpe nan" "--target-bpe 65"; do
	# shellcheck disable=SC2086
	fails "$goal" 2 "bad goal" tune $goal u8.npy
done
fails "a table that exists" 5 "net.params: exists" tune -b sw u8.npy -o net.params
fails "tune of a file that fails makes no table" 5 "nothing.npy: No such" tune -b sw nothing.npy -o bad.out
fails "a table and JSON on standard output" 2 "cannot take both" tune -j -c u8.npy

if command -v script > /dev/null; then
	printf '%q ' "$asc" tune -b sw --try codec=zvc u8.npy s8.npy > line
	script -qec "$(cat line)" /dev/null > out < /dev/null &&
		grep -q $'^2 of 3: s8\r\033\\[Ks8: [0-9.]* bpe, SQNR inf dB, largest error 0' out &&
		grep -q '^\* codec=zvc' out
	result $? "tune on a terminal tells of each layer"
else
	skip "tune on a terminal" "no script(1)"
fi

# the defaults of a device, which is a directory
class=m/sys/class/accel/accel0/device
mkdir -p $class/stats m/dev/accel
ln -s ../../../../bus/platform/drivers/ascdev $class/driver
run 5 tune -b sw --root m --sysfs --try codec=zvc u8.npy && grep -q 'defaults/max_error: 0: No such file' err
result $? "a device without defaults"
mkdir -p $class/defaults
for key in codec endpoints scale block profile effort reorder max_error target_bpe; do
	echo something-long > $class/defaults/$key
done
run 0 tune -b sw --root m --sysfs --max-error 2 --try codec=asc-vbr,max_error=2,reorder=heuristic u8.npy &&
	(cd $class/defaults && for key in *; do echo "$key=$(cat "$key")"; done) > got
diff - got << 'END'
block=auto
codec=asc-vbr
effort=hw
endpoints=auto
max_error=2
profile=auto
reorder=heuristic
scale=auto
target_bpe=0
END
result $? "tune --sysfs"
mkdir -p none/sys/class none/dev
for zero in --zero-point=3 --try=codec=zvc,zero_point=3; do
	fails "tune --sysfs $zero" 2 "no zero point" tune -b sw --root m --sysfs "$zero" u8.npy
done
fails "tune --sysfs without a device" 3 "no codec device" tune -b sw --root none --sysfs u8.npy -o bad.out

finish
