#!/bin/bash
# SPDX-License-Identifier: MIT
#
# evaluate_test.sh BUILD: the evaluation, on maps and an accuracy harness made here;
# prints TAP.

set -u
build=$(realpath "$1")
export BUILD=$build
here=$(realpath "$(dirname "$0")")
. "$here/../../selftests/tap.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
export PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3

# evaluate EXPECTED_CODE ARGUMENT...: its output is in log
evaluate() {
	local expected=$1 code
	shift
	"$here/evaluate.py" --build "$build" "$@" > log 2>&1
	code=$?
	[ $code -eq "$expected" ] && return 0
	echo "# evaluate.py $*: exit code $code, not $expected"
	tail -n 5 log | sed 's/^/# /'
	return 1
}

# check NAME: python statements from standard input, which may assert, with the results as r
check() {
	{
		echo 'import json, os, sys'
		echo 'import numpy as np'
		echo "sys.path.insert(0, '$here')"
		echo 'r = json.load(open("out/results.json")) if os.path.exists("out/results.json") else {}'
		cat
	} > check.py
	"$python" check.py > check.log 2>&1
	local code=$?
	[ $code -eq 0 ] || tail -n 5 check.log | sed 's/^/# /'
	result $code "$1"
}

mkdir maps
check "maps are made" <<'EOF'
rng = np.random.default_rng(1)
entries = []
for net, shape in (('one', (24, 17, 13)), ('two', (40, 3, 3)), ('two', (7, 1, 1))):
    smooth = rng.normal(size=shape).cumsum(1).cumsum(2)
    for name, values in (('uint8', np.maximum(smooth, 0) / np.abs(smooth).max() * 255),
                         ('int8', smooth / np.abs(smooth).max() * 127),
                         ('int16', smooth / np.abs(smooth).max() * 32767),
                         ('float16', smooth)):
        file = f'{net}{shape[0]}.{name}.npy'
        np.save('maps/' + file, values.astype(name))
        entries.append(dict(file=file, dtype=name, net=net))
# nothing but zeros, and a type that is left out
np.save('maps/zero.npy', np.zeros((8, 8, 8), np.uint8))
entries.append(dict(file='zero.npy', dtype='uint8', net='one'))
np.save('maps/float.npy', np.zeros((1, 2, 2), np.float32))
entries.append(dict(file='float.npy', dtype='float32', net='one'))
json.dump(dict(entries=entries), open('maps/manifest.json', 'w'))
EOF

mkdir accuracy
cat > accuracy/accuracy.py <<'EOF'
"""Takes and gives what a harness does; a network of one map."""
import ctypes, importlib.util, json, os, sys
import numpy as np

args = sys.argv[1:]
out = args[args.index('--json') + 1]
jobs = [a for a in args[args.index('--jobs') + 1:] if a != '--quick']
runs = []
for job in jobs:
    spec, _, bits = job.rpartition('@')
    path, symbol, *options = spec.split(':', 2)
    a = (np.arange(6 * 5 * 4).reshape(6, 5, 4) % 23).astype({'8': 'uint8', '16': 'int16'}[bits])
    if path.endswith('.so'):
        function = getattr(ctypes.CDLL(path), symbol)
        function.restype = ctypes.c_int64
        back = np.empty_like(a)
        size = function(ctypes.c_void_p(a.ctypes.data), ctypes.c_void_p(back.ctypes.data), 6, 5, 4,
                        {'8': 0, '16': 2}[bits], options[0].encode())
        assert size > 0, size
    else:
        s = importlib.util.spec_from_file_location('codec', path)
        module = importlib.util.module_from_spec(s)
        s.loader.exec_module(module)
        back, size = getattr(module, symbol)(a, {})
        assert back.dtype == a.dtype and back.shape == a.shape
    net = dict(top1_agree_ref=float((a == back).mean()), raw_bytes=a.nbytes, comp_bytes=size,
               worst=int(abs(back.astype(int) - a).max()), per_layer_ratio={})
    runs.append(dict(codec=spec, bits=int(bits), nets=dict(resnet8=net, vww=net)))
    json.dump(runs, open(out, 'w'))
    if len(runs) == int(os.environ.get('STOP_AFTER', 0)):
        sys.exit('the third codec failed')
EOF

evaluate 0 --maps maps --accuracy accuracy --out out
result $? "all parts run, no codec breaks its word"
cp log all.log
! grep -q skipped all.log && [ "$(grep -c ': done$' all.log)" -eq 5 ]
result $? "no part is skipped"
check "every row of every table" <<'EOF'
import evaluate, peers
for name, rows in (('lossy', evaluate.LOSSY + list(peers.LOSSY)),
                   ('lossless', evaluate.LOSSLESS + ['order-0 entropy'] + list(peers.LOSSLESS)),
                   ('accuracy', evaluate.ACCURACY + list(evaluate.ACCURACY_PEERS)),
                   ('superres', evaluate.SUPERRES)):
    lines = open(f'out/{name}.rst').read().split('\n')
    for row in rows:
        assert any(line.startswith(evaluate.label(row) + ' ') for line in lines), (name, row)
assert 'all maps' in open('out/lossy.rst').read()
for word in ('SQNR', 'max_error=1', 'resnet8', 'EBPC'):
    assert word in open('out/goals.rst').read(), word
assert len(open('out/auto.rst').read().strip().split('\n')) == 4 + 3
EOF
check "every map is counted, but for a type that is not known" <<'EOF'
for group, count in (('8', 7), ('16', 3), ('f16', 3)):
    for part in (r['lossy'], r['lossless']['groups']):
        assert {len(maps) for maps in part[group].values()} == {count}
EOF
check "lossless codecs are lossless, and smaller than raw" <<'EOF'
for group in ('8', '16', 'f16'):
    rows = r['lossless']['groups'][group]
    raw = sum(m['bits'] for m in rows['codec=raw'])
    assert raw == sum(8 * m['bytes'] for m in rows['codec=raw'])
    for name in ('codec=zvc', 'codec=ebpc', 'codec=dcac', 'codec=asc-vbr,max_error=0'):
        assert all(m['lossless'] for m in rows[name]), name
    assert sum(m['bits'] for m in rows['codec=asc-vbr,max_error=0']) < raw
EOF
check "codec=auto is never compared with itself" <<'EOF'
import evaluate
for rows in r['lossless']['groups'].values():
    a = evaluate.auto_choices(rows)
    assert a['maps'] == sum(a['taken'].values()) and a['worst'] >= a['mean']
    assert set(a['taken']) <= {'asc-vbr', 'ebpc', 'dcac', 'zvc', 'raw'}
EOF

# what the command says of the same maps
ok=0
for p in codec=asc-cbr,effort=hw codec=asc-vbr,target_bpe=3 codec=asc-vbr,max_error=2; do
	for map in one24.uint8 one24.int8 one24.int16 two40.int16 one24.float16; do
		"$build/asc" verify -b sw -j -p $p maps/$map.npy > said.json || ok=1
		echo "$p $map" >> compared
		cat said.json >> said
	done
done
result $ok "the command takes the same maps"
check "rates and SQNR are those of the command" <<'EOF'
decoder, text, at = json.JSONDecoder(), open('said').read(), 0
for line in open('compared'):
    name, file = line.split()
    said, at = decoder.raw_decode(text, at)
    at += 1
    rows = [m for g in r['lossy'].values() for m in g[name] if m['file'] == file + '.npy']
    assert len(rows) == 1 and rows[0]['bits'] == 8 * said['payload_bytes'], (line, rows, said)
    db = said['sqnr_db']
    assert rows[0]['lossless'] if db is None else (
        abs(rows[0]['db'] - db) < .01 or db > rows[0]['db'] > 49), (line, rows, said)
EOF
check "accuracy is taken over" <<'EOF'
for bits in ('8', '16'):
    rows = {name: row['nets'] for name, row in r['accuracy'][bits].items()}
    assert rows['asc-vbr max_error=1']['vww']['worst'] == 1
    assert rows['asc-cbr effort=hw']['vww']['comp_bytes'] <= 6 * 5 * 4 // 2 + 30
    assert rows['NVFP4']['vww']['comp_bytes'] > 6 * 5 * 4 // 2
EOF
check "the super-resolution network loses nothing to lossless codecs" <<'EOF'
for photo in ('coffee', 'chelsea'):
    rows = r['superres'][photo]
    assert rows['raw']['bytes'] == rows['raw']['elements'] > 0
    for name in ('raw', 'zvc', 'ebpc', 'dcac', 'asc-vbr max_error=0', 'auto max_error=0'):
        assert rows[name]['compressed'] == rows[name]['network'], name
    assert rows['asc-vbr target_bpe=1']['bytes'] * 8 <= rows['raw']['elements']
    assert rows['asc-cbr effort=hw']['compressed'] > rows['raw']['bicubic']
EOF
check "peers by hand" <<'EOF'
import peers
# a power of two times what the format has comes back as it is
grid = np.array([0, 1, -2, 3, 4, -5, 6, 7] * 4, np.int16).reshape(32, 1, 1) * 64
back, bits = peers.mxint4(grid)
assert (back == grid).all() and bits == 32 * 4 + 8
grid = np.array([0, 1, 2, -3, 4, 6, 8, 12] * 4, np.int8).reshape(32, 1, 1)
back, bits = peers.nvfp4(grid)
assert abs(back - grid).max() < 1e-9 and bits == 32 * 4 + 2 * 8 + 32
# halfway goes to the even mantissa
assert list(peers._to_grid(np.array([.25, .75, 1.25, 1.75, 2.5, 3.5, 5, 9]), peers.E2M1)) == [
    0, 1, 1, 2, 2, 4, 4, 6]
back, bits = peers.scale4(np.arange(16, dtype=np.uint8).reshape(1, 4, 4) * 17)
assert abs(back.ravel() - np.arange(16) * 17).max() < 1e-9 and bits == 16 * 4 + 32
assert peers.entropy_bits(np.arange(64, dtype=np.uint8).reshape(1, 8, 8) % 4) == 128
for peer in peers.LOSSY.values():
    assert (peer(np.zeros((3, 5, 7), np.uint8))[0] == 0).all()
EOF
check "JPEG-LS keeps its bound" <<'EOF'
import peers
try:
    peers.JpegLs()
except peers.Missing:
    sys.exit(0)
for name in ('one24.uint8', 'one24.int8', 'two7.int16'):
    a = np.load(f'maps/{name}.npy')
    assert (peers.JpegLs().roundtrip(a)[1] == a).all()
    assert abs(peers.JpegLs(1).roundtrip(a)[1].astype(int) - a).max() <= 1
EOF
check "a peer that is not there is named in its row" <<'EOF'
import evaluate, peers
peers.LOSSLESS = {'other': lambda: peers._load('libnothing.so.7', 'nothing')}
sys.argv = ['evaluate.py', '--maps', 'maps', '--build', os.environ['BUILD'], '--out', 'none',
            '--part', 'lossless']
try:
    evaluate.main()
except SystemExit as e:
    assert not e.code, e
assert 'not there' in open('none/lossless.rst').read()
EOF

if "$python" -c 'import matplotlib' 2> /dev/null; then
	for name in rate-sqnr rate-accuracy rate-superres; do
		grep -q '</svg>' out/$name.svg && [ "$(stat -c %s out/$name.svg)" -lt 150000 ]
		result $? "$name.svg, small"
	done
	cp out/rate-sqnr.svg first.svg
	evaluate 0 --part goals --out out && cmp -s first.svg out/rate-sqnr.svg
	result $? "a plot is the same in every run"
else
	skip plots "no matplotlib"
fi
mkdir -p without
echo 'raise ImportError' > without/matplotlib.py
PYTHONPATH=$dir/without evaluate 0 --part goals --out out && grep -q '^plots left out: matplotlib' log
result $? "without matplotlib"

evaluate 0 --part lossy --part accuracy --out other && grep -q '^lossy: skipped, no --maps' log &&
	grep -q '^accuracy: skipped, no --accuracy' log
result $? "parts without input are skipped"
STOP_AFTER=3 evaluate 1 --part accuracy --accuracy accuracy --out other &&
	grep -q '^BROKEN accuracy.py ended with 1 after 3 of .*: the third codec failed' log &&
	grep -q '^asc-cbr effort=best ' other/accuracy.rst
result $? "what a harness did before it failed is kept"
evaluate 0 --part accuracy --codec NVFP4 --accuracy accuracy --out other &&
	grep -q '^NVFP4 ' other/accuracy.rst && grep -q '^asc-cbr effort=best ' other/accuracy.rst &&
	! grep -q '^MXINT4 ' other/accuracy.rst
result $? "one codec of the networks"
evaluate 1 --part lossy --maps nowhere --out other && ! grep -q Traceback log
result $? "maps that are not there"

mkdir -p page
printf 'before\n\n.. begin lossy\nold\n.. end lossy\n\nafter\n' > page/page.rst
cp page/page.rst before.rst
evaluate 0 --part goals --out out --page page/page.rst &&
	grep -q '^asc-cbr effort=hw ' page/page.rst && ! grep -q '^old' page/page.rst &&
	grep -q 'evaluate.py --part lossy --maps maps ' page/page.rst &&
	[ "$(sed -n '1p;$p' page/page.rst | paste -sd' ')" = "before after" ] &&
	cp page/page.rst once.rst && evaluate 0 --part goals --out out --page page/page.rst &&
	cmp -s once.rst page/page.rst
result $? "a page is filled in, and once more gives the same"

# a library that damages the last value of what it decompresses
mkdir -p broken
cat > broken.c <<'EOF'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ascdev.h>

int ascdev_decompress_part(struct ascdev_ctx *ctx, const struct ascdev_params *params,
			   const struct ascdev_surface *surface, const struct ascdev_part *part,
			   const void *src, uint64_t src_bytes, void *dst,
			   struct ascdev_result *result)
{
	int (*real)(struct ascdev_ctx *, const struct ascdev_params *,
		    const struct ascdev_surface *, const struct ascdev_part *, const void *,
		    uint64_t, void *, struct ascdev_result *) =
		dlsym(RTLD_NEXT, "ascdev_decompress_part");
	int ret = real(ctx, params, surface, part, src, src_bytes, dst, result);
	uint64_t bytes;

	ascdev_surface_bytes(surface, &bytes);
	((unsigned char *)dst)[bytes - 1] ^= 4;
	return ret;
}
EOF
gcc -shared -fPIC -I"$here/../../libascdev" -o broken/libascdev.so broken.c \
	-Wl,--no-as-needed "$build/libascdev.so.0" -Wl,-rpath,"$build" &&
	ASCDEV_LIBRARY=broken/libascdev.so "$here/evaluate.py" --build "$build" --maps maps \
		--part lossless --out broken/out > log 2>&1
[ $? -eq 1 ] && grep -q '^BROKEN zvc, one24.uint8.npy: not lossless' log
result $? "a library that breaks its word is found"
finish
