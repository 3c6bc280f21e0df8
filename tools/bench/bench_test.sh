#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench_test.sh BUILD: the benchmark runs, the codecs keep their word in it, and take no more
# instructions than they should; prints TAP.  No timing decides.

set -u
build=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
. "$here/../../selftests/tap.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
export PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3
mkdir out

# check NAME: python statements from standard input, which may assert, with the results as r
check() {
	{
		echo 'import json'
		echo 'r = json.load(open("out/bench.json"))'
		cat
	} > check.py
	"$python" check.py > check.log 2>&1
	local code=$?
	[ $code -eq 0 ] || tail -n 5 check.log | sed 's/^/# /'
	result $code "$1"
}

"$build/codec-bench" --bytes 65536 --largest 262144 --ms 1 --asc "$build/asc" --label tiny \
	--json out/bench.json > log 2>&1
result $? "it runs on maps that are made"
check "rates, errors and counts make sense" <<'EOF'
rows = r['results']
assert {x['threads'] for x in rows} >= {1}
assert {x['set'] for x in rows} == {'u8', 's16'}
for x in rows:
    assert x['encode']['gbs']['median'] > 0 and x['decode']['gbs']['samples'] >= 1
    if x['coder'].startswith('asc-cbr'):
        assert x['bpe'] <= 4.1 and x['sqnr_db'] > 20, x
    if x['coder'] == 'raw':
        assert x['ratio'] == 1 and x['max_abs_error'] == 0
    if x['ours'] and x['coder'] in ('ebpc', 'dcac', 'zvc', 'auto max_error=0'):
        assert x['sqnr_db'] is None and x['ratio'] > 1, x
assert len({x['coder'] for x in rows if x['ours']}) == 15
assert all(.3 < s['zeros'] < .7 and .3 < s['correlation'] < .8 for s in r['sets']), r['sets']
assert len(r['latency']) == 30 and r['startup_ms']['median'] > 0 and r['label'] == 'tiny'
assert {s['bytes'] for s in r['sweep']} == {65536, 262144}
EOF
check "memory beyond input and output is bounded" <<'EOF'
# 64 KiB of values; pages of code and what the C library keeps are a part of it
for x in r['results']:
    if x['ours'] and x['threads'] == 1:
        for op in 'encode', 'decode':
            peak = x[op]['peak_bytes']
            assert peak is None or peak < 2 << 20, (x['coder'], op, peak)
EOF
check "maps of files are made" <<'EOF'
import numpy as np
rng = np.random.default_rng(1)
smooth = np.maximum(rng.normal(size=(8, 20, 12)).cumsum(2), 0)
np.save('a.npy', (smooth * 10).clip(0, 255).astype(np.uint8))
np.save('b.npy', (smooth * 10 - 50).clip(-128, 127).astype(np.int8))
np.save('c.npy', (smooth * 1000 - 5000).clip(-32768, 32767).astype(np.int16))
np.save('d.npy', smooth.astype(np.float16))
EOF
"$build/codec-bench" --bytes 8192 --part codecs --ms 1 --json out/files.json [abcd].npy > log 2>&1
result $? "it runs on maps of files, signed ones too"
check "files are repeated to the size, floats left out" <<'EOF'
r = json.load(open('out/files.json'))
assert [s['name'] for s in r['sets']] == ['8 bit', '16 bit']
assert [m['name'] for m in r['sets'][0]['maps']] == ['a.npy', 'b.npy']
assert [m['dim'][0] for m in r['sets'][0]['maps']] == [3, 3], r['sets']
assert r['sets'][0]['bytes'] == 6 * 1920 and 'latency' not in r
EOF
! "$build/codec-bench" --part codecs d.npy > log 2>&1 && grep -q 'no map of integers' log
result $? "floats alone are refused"
echo nonsense > e.npy
! "$build/codec-bench" --part codecs e.npy > log 2>&1 && grep -q '^codec-bench: e.npy' log
result $? "what is no .npy file is refused"
! "$build/codec-bench" --part nonsense > log 2>&1 && grep -q 'nonsense is no part' log
result $? "an unknown part is refused"

if grep -q HAVE_ "$build/tools/bench/peers.mk"; then
	check "other libraries are lossless, or as near as they say" <<'EOF'
rows = [x for x in r['results'] if not x['ours'] and x['coder'] != 'memcpy']
assert rows
for x in rows:
    near = {'zfp rate 4': 1 << 16, 'BC4': 256, 'JPEG-LS near=1': 1}.get(x['coder'], 0)
    assert x['max_abs_error'] <= near, x
    assert x['sqnr_db'] is None or x['sqnr_db'] > 10, x
EOF
else
	skip "other libraries" "none was there to build with"
fi
# without any of them
"${CC:-gcc}" -std=gnu11 -Wall -Wextra -Werror -I"$here/../../libascdev" -c -o none.o \
	"$here/coder_peers.c" > log 2>&1
result $? "it builds without other libraries"

if ! command -v valgrind > /dev/null; then
	skip "instructions" "no valgrind"
elif [ "$(valgrind -q "$build/asc" info -b sw 2> /dev/null | sed -n 's/^cpu *//p')" != avx2 ]; then
	skip "instructions" "ceilings.txt is of AVX2"
else
	"$here/instructions.py" --bench "$build/codec-bench" --check --json out/instructions.json > log 2>&1
	code=$?
	[ $code -eq 0 ] || grep -E 'ABOVE|instructions.py' log | sed 's/^/# /'
	result $code "codecs take no more instructions than in ceilings.txt"
	sed 's/\t[0-9.]*$/\t0.01/' "$here/ceilings.txt" > ceilings.txt
	mkdir tool && cp "$here/instructions.py" tool && cp ceilings.txt tool
	! tool/instructions.py --bench "$build/codec-bench" --only zvc --check > log 2>&1 &&
		[ "$(grep -c ABOVE log)" -eq 4 ]
	result $? "more are told"
fi

cat > page.rst <<'EOF'
.. begin goals

old

.. end goals
EOF
mkdir images
"$here/bench_report.py" out --page page.rst > log 2>&1 && ! grep -q old page.rst &&
	grep -q '^asc --version ' page.rst && grep -q 'asc-cbr, encode' out/limits.rst &&
	grep -q '^dcac' out/results.rst
result $? "tables, also into a page"
mkdir files && cp out/files.json files/bench.json
sed 's/goals/goals of files/' page.rst > files/page.rst && cp page.rst files/old.rst &&
	"$here/bench_report.py" files --page files/old.rst > log 2>&1 && cmp page.rst files/old.rst &&
	"$here/bench_report.py" files --page files/page.rst > log 2>&1 &&
	grep -q '^8 bit: dcac, encode' files/page.rst && ! grep -q '^asc --version ' files/page.rst &&
	grep -q '^    .*codec-bench.* MAPS/\*\.npy$' files/machine.rst
result $? "tables of files, into places of their own"
if "$python" -c 'import matplotlib' 2> /dev/null; then
	[ -s images/bench-rate-speed.svg ] && [ -s images/bench-sizes.svg ]
	result $? "plots"
else
	skip plots "no matplotlib"
fi
finish
