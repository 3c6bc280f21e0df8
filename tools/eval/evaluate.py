#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rate, error and task accuracy of every codec, beside other formats.

Parts, each run if it has its input:
  lossy     rate and SQNR of asc-cbr, asc-vbr and number formats       --maps
  lossless  bits per value of the lossless codecs, LZ4, zstd, JPEG-LS  --maps
  curve     rate against SQNR, for the plot                            --maps
  accuracy  what networks make of the maps                             --accuracy
  superres  the project's own network                                  nothing
  goals     the figures beside what was asked for                      results of the others

--maps      a directory of C x H x W .npy files and manifest.json: "entries", a list of
            objects with "file", "dtype" (uint8, int8, int16, float16) and "net"
--accuracy  a directory with accuracy.py, which takes --jobs CODEC@BITS..., a codec being
            FILE.so:FUNCTION:OPTIONS or FILE.py:FUNCTION, and --json FILE

Writes results.json, tables (*.rst) and plots (*.svg) to --out.  Parts that are not run keep
what results.json has of them.  Ends with 1 if a codec broke its word: lossless values that
differ, an error above max_error, sizes or errors other than those that the library reports.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys

import numpy as np

import peers
import report

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

GROUPS = {'8': ('uint8', 'int8'), '16': ('int16',), 'f16': ('float16',)}
TITLES = {'8': '8 bit', '16': '16 bit', 'f16': 'f16'}
# The SQNR of an ideal quantiser with the bits of a value, 6.02 b + 1.76 dB (f16: 11 bits of
# precision).  More, and lossless, counts as this.
CAP_DB = {'8': 49.92, '16': 98.08, 'f16': 67.98}

HW, BEST = 'codec=asc-cbr,effort=hw', 'codec=asc-cbr,effort=best'


def vbr(what):
    return f'codec=asc-vbr,{what}'


def vbr_best(what):
    return f'codec=asc-vbr,effort=best,{what}'


TARGETS = (4, 3, 2)
LOSSY = ([HW, BEST] + [vbr(f'target_bpe={t}') for t in TARGETS] +
         [vbr_best(f'target_bpe={t}') for t in TARGETS] +
         [vbr(f'max_error={n}') for n in (0, 1, 2, 4)] + [vbr_best('max_error=1')] +
         ['codec=auto,max_error=1', f'{BEST},reorder=greedy',
          vbr('target_bpe=4,reorder=greedy')])
CURVES = {'asc-vbr target_bpe=': vbr, 'asc-vbr effort=best target_bpe=': vbr_best}
CURVE_TARGETS = (1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6)
LOSSLESS = ['codec=raw', 'codec=zvc', 'codec=ebpc', 'codec=dcac', vbr('max_error=0'),
            vbr_best('max_error=0'), 'codec=auto,max_error=0']
REORDERED = ['codec=dcac,reorder=greedy', vbr('max_error=0,reorder=greedy')]
ACCURACY = ([HW, BEST, vbr('target_bpe=4'), vbr('max_error=1'), vbr_best('target_bpe=4')] +
            [vbr(f'target_bpe={t}') for t in TARGETS[1:]])
ACCURACY_PEERS = {'MXINT4': 'accuracy_mxint4', 'NVFP4': 'accuracy_nvfp4'}
SUPERRES = (['codec=raw', HW, BEST] + [vbr(f'target_bpe={t}') for t in CURVE_TARGETS[:7]] +
            [vbr(f'max_error={n}') for n in (0, 1, 2, 4)] +
            ['codec=zvc', 'codec=ebpc', 'codec=dcac', vbr_best('max_error=0'),
             vbr_best('max_error=1'), 'codec=auto,max_error=0'])


def label(text):
    """'codec=asc-cbr,effort=hw' as 'asc-cbr effort=hw'."""
    return text.replace('codec=', '').replace(',', ' ')


class Skip(Exception):
    """A part, or a peer, that cannot be run, and why."""


# --- measurements ---------------------------------------------------------------


def load_maps(directory):
    if not directory:
        raise Skip('no --maps')
    try:
        with open(os.path.join(directory, 'manifest.json'), encoding='utf-8') as f:
            entries = json.load(f)['entries']
    except OSError as e:
        sys.exit(f'evaluate.py: {e}')
    maps = []
    for e in entries:
        group = next((g for g, dtypes in GROUPS.items() if e['dtype'] in dtypes), None)
        if group:
            values = np.load(os.path.join(directory, e['file']))
            maps.append((group, e['net'], e['file'], np.ascontiguousarray(values)))
    if not maps:
        raise Skip('no maps of a known type')
    return maps


def squares(values, back):
    """Sums of the squares of the values and of the errors."""
    x = values.astype(np.float64)
    return float((x * x).sum()), float(((x - back.astype(np.float64)) ** 2).sum())


def steps(values):
    """Numbers that are one apart for values that are neighbours, 0 for 0.0."""
    if values.dtype.kind != 'f':
        return values.astype(np.int64)
    bits = values.view(np.uint16).astype(np.int64)
    return np.where(bits & 0x8000, -(bits & 0x7fff), bits)


def error_of(group, values, back):
    """SQNR, and the mean error as a share of the root of its mean square."""
    signal, noise = squares(values, back)
    if not noise:
        return dict(db=CAP_DB[group], lossless=True, bias=0.0)
    error = float((back.astype(np.float64) - values).mean())
    return dict(db=min(CAP_DB[group], 10 * float(np.log10(signal / noise))) if signal else 0.0,
                lossless=False, bias=error / (noise / values.size) ** .5)


def load_library(build):
    """The Python package of a build, on its library unless $ASCDEV_LIBRARY names another."""
    sys.path.insert(0, os.path.join(build, 'python'))
    try:
        import ascdev
    except ImportError as e:
        sys.exit(f'evaluate.py: {e}; "make userspace" builds it, with python3-cffi')
    return ascdev


class Evaluation:
    def __init__(self, args, results):
        self.args, self.results, self.source = args, results, source_version()
        self.library = load_library(args.build)
        self.context = self.library.Context('sw')
        self.broken = []
        self._maps = None

    def maps(self):
        if self._maps is None:
            self._maps = load_maps(self.args.maps)
        return self._maps

    def verify(self, text, name, values, back, result):
        """Note where a codec does not keep its word; whether it reached its target."""
        def expect(truth, what):
            if not truth:
                self.broken.append(f'{label(text)}, {name}: {what}')

        bound = re.search(r'max_error=(\d+)', text)
        lossless = result.codec not in ('asc-cbr', 'asc-vbr') or (bound and bound[1] == '0')
        expect(not lossless or values.tobytes() == back.tobytes(), 'not lossless')
        worst = int(np.abs(steps(values) - steps(back)).max())
        expect(not bound or worst <= int(bound[1]), f'error {worst} above the bound')
        if values.dtype.kind != 'f':
            expect(result.max_abs_error == worst, f'error {worst}, not {result.max_abs_error}')
            noise = squares(values, back)[1]
            expect(result.sum_sq_error == noise, f'squared error {noise:.0f}, reported '
                   f'{result.sum_sq_error}')
        target = re.search(r'target_bpe=([\d.]+)', text)
        return not target or 8 * result.bytes <= float(target[1]) * values.size

    def pass_map(self, text, group, net, name, values):
        made = self.context.compress(values, text)
        back, result = made.decompress(), made.result
        kept = self.verify(text, name, values, back, result)
        return dict(bits=8 * result.bytes, kept=kept, codec=result.codec,
                    **error_of(group, values, back))

    def rows(self, names, measure, groups=GROUPS):
        """{group: {name: [what measure() gave, for every map]}}"""
        out = {}
        for group in groups:
            maps = [m for m in self.maps() if m[0] == group]
            for name in names if maps else ():
                out.setdefault(group, {})[name] = [
                    dict(net=net, file=file, elements=values.size, bytes=values.nbytes,
                         **measure(name, group, net, file, values))
                    for _, net, file, values in maps]
        return out

    # --- parts

    def lossy(self):
        out = self.rows(LOSSY, self.pass_map)

        def peer(name, group, _net, _file, values):
            back, bits = peers.LOSSY[name](values)
            return dict(bits=bits, kept=True, **error_of(group, values, back))

        def near(_name, group, _net, _file, values):
            bits, back = coder.roundtrip(values)
            return dict(bits=bits, kept=True, **error_of(group, values, back))

        for group, rows in self.rows(peers.LOSSY, peer).items():
            out[group].update(rows)
        try:
            coder = peers.JpegLs(1)
            for group, rows in self.rows(['JPEG-LS NEAR=1'], near, ('8', '16')).items():
                out[group].update(rows)
        except peers.Missing as e:
            print(f'JPEG-LS NEAR=1 left out: {e}')
        return out

    def curve(self):
        names = [make(f'target_bpe={t}') for make in CURVES.values() for t in CURVE_TARGETS]
        return self.rows(names, self.pass_map, ('8', '16'))

    def lossless(self):
        out = self.rows(LOSSLESS + REORDERED, self.pass_map)
        groups = list(out)
        missing, versions = {}, set()

        def entropy(_name, _group, _net, _file, values):
            return dict(bits=peers.entropy_bits(values))

        for group, rows in self.rows(['order-0 entropy'], entropy).items():
            out[group].update(rows)
        for name, make in peers.LOSSLESS.items():
            try:
                coder = make()
            except peers.Missing as e:
                print(f'{name} left out: {e}')
                missing[name] = str(e)
                continue
            versions.add(coder.version)

            def peer(_name, _group, _net, _file, values, coder=coder):
                return dict(bits=coder.bits(values.view(np.uint16) if values.dtype.kind == 'f'
                                            else values))

            for group, rows in self.rows([name], peer, groups).items():
                out[group].update(rows)
        return dict(groups=out, missing=missing, versions=sorted(versions))

    def accuracy(self):
        if not self.args.accuracy:
            raise Skip('no --accuracy')
        plugin = os.path.abspath(os.path.join(self.args.build, 'accuracy_codec.so'))
        if not os.path.exists(plugin):
            raise Skip(f'{plugin} is not there; "make userspace" builds it')
        script = os.path.join(os.path.abspath(self.args.accuracy), 'accuracy.py')
        codecs = {label(text): f'{plugin}:ascdev_codec:{text}' for text in ACCURACY}
        codecs |= {name: f'{HERE}/peers.py:{f}' for name, f in ACCURACY_PEERS.items()}
        names, out = list(codecs), {}
        if self.args.codec:
            codecs = {name: spec for name, spec in codecs.items() if name in self.args.codec}
            out = self.results.get('accuracy', {})
        jobs = [(name, spec, bits) for name, spec in codecs.items() for bits in (8, 16)]
        path = os.path.join(self.args.out, 'accuracy.json')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('[]')
        command = ['/usr/bin/python3', script, '--json', path,
                   '--jobs'] + [f'{spec}@{bits}' for _, spec, bits in jobs]
        if self.args.quick:
            command.append('--quick')
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             encoding='utf-8', check=False)
        last = run.stdout.strip().split('\n')[-1]
        if 'No module named' in last:
            raise Skip(f'accuracy.py: {last}')
        with open(path, encoding='utf-8') as f:
            results = json.load(f)
        if run.returncode:
            self.broken.append(f'accuracy.py ended with {run.returncode} after {len(results)} of '
                               f'{len(jobs)} codecs: {last}')
        for (name, _, bits), result in zip(jobs, results):
            for net in result['nets'].values():
                net.pop('per_layer_ratio', None)
            out.setdefault(str(bits), {})[name] = dict(nets=result['nets'],
                                                       source=self.source)
        return {bits: {name: rows[name] for name in names if name in rows}
                for bits, rows in out.items()}

    def superres(self):
        program = os.path.join(self.args.build, 'superres')
        if not os.path.exists(program):
            raise Skip(f'{program} is not there; "make userspace" builds it')
        folder = os.path.join(TOP, 'examples', 'superres')
        out = {}
        for photo in ('coffee', 'chelsea'):
            for text in SUPERRES:
                run = subprocess.run([program, '--backend', 'sw', '-p', text,
                                      '-w', f'{folder}/weights.bin', f'{folder}/{photo}.png'],
                                     stdout=subprocess.PIPE, encoding='utf-8', check=True)
                elements = payload = 0
                for line in run.stdout.split('\n'):
                    found = re.match(r'\d+ +\d+ x \d+ x \d+ \w+ +(\d+) +(\d+) ', line)
                    if found:
                        elements, payload = elements + int(found[1]), payload + int(found[2])
                psnr = re.search(r'bicubic ([\d.]+) dB, network ([\d.]+) dB, '
                                 r'with every map compressed ([\d.]+) dB', run.stdout)
                out.setdefault(photo, {})[label(text)] = dict(
                    elements=elements, bytes=payload, bicubic=float(psnr[1]),
                    network=float(psnr[2]), compressed=float(psnr[3]))
        return out


# --- tables ---------------------------------------------------------------------


def nets_of(rows):
    return list(dict.fromkeys(r['net'] for r in next(iter(rows.values()))))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def bpe(row):
    return row['bits'] / row['elements']


def of_net(rows, net):
    return [r for r in rows if net in (None, r['net'])]


def lossy_tables(results):
    text = ''
    for group, rows in results.items():
        nets = nets_of(rows)
        header = [f'{TITLES[group]}: bpe, dB'] + nets + [
            'all maps', 'median dB', 'bias', 'most bpe', 'lossless', 'above target']
        body = []
        for name, maps in rows.items():
            cells = [f'{mean(map(bpe, of_net(maps, n))):.2f}, '
                     f'{mean(r["db"] for r in of_net(maps, n)):.1f}' for n in nets + [None]]
            body.append([label(name)] + cells + [
                f'{np.median([r["db"] for r in maps]):.1f}',
                f'{100 * mean(r["bias"] for r in maps):.1f} %', f'{max(map(bpe, maps)):.2f}',
                f'{sum(r["lossless"] for r in maps)} of {len(maps)}',
                str(sum(not r['kept'] for r in maps)) if 'target' in name else '-'])
        text += report.rst_table(header, body) + '\n'
    return text


def total_ratio(maps):
    return sum(8 * r['bytes'] for r in maps) / sum(r['bits'] for r in maps)


def lossless_tables(results):
    text = ''
    for group, rows in results['groups'].items():
        nets = nets_of(rows)
        header = [f'{TITLES[group]}: bits (ratio)'] + nets + ['all maps']
        body = []
        for name, maps in rows.items():
            body.append([label(name)] + [
                f'{mean(map(bpe, of_net(maps, n))):.2f} ({total_ratio(of_net(maps, n)):.2f})'
                for n in nets + [None]])
        body += [[name] + ['not there'] * (len(nets) + 1) for name in results['missing']]
        text += report.rst_table(header, body) + '\n'
    return text


def auto_choices(rows):
    """Of codec=auto: how often each codec was taken, and bits above the best of them, in %."""
    auto, others = rows[LOSSLESS[-1]], [rows[name] for name in LOSSLESS[:-1]]
    taken, regret = {}, []
    for i, row in enumerate(auto):
        taken[row['codec']] = taken.get(row['codec'], 0) + 1
        best = min(maps[i]['bits'] for maps in others)
        regret.append(100 * (row['bits'] / best - 1))
    best_total = sum(min(maps[i]['bits'] for maps in others) for i in range(len(auto)))
    return dict(taken=taken, mean=mean(regret), worst=max(regret),
                worst_file=auto[int(np.argmax(regret))]['file'],
                total=100 * (sum(r['bits'] for r in auto) / best_total - 1),
                exact=sum(r <= 0 for r in regret), maps=len(auto))


def auto_table(results):
    body = []
    for group, rows in results['groups'].items():
        a = auto_choices(rows)
        body.append([TITLES[group], ', '.join(f'{c} {n}' for c, n in a['taken'].items()),
                     f'{a["exact"]} of {a["maps"]}', f'{a["mean"]:.1f} %', f'{a["total"]:.1f} %',
                     f'{a["worst"]:.1f} %'])
    return report.rst_table(['maps', 'auto took', 'the best one', 'more bits, mean',
                             'in all', 'worst'], body)


METRIC = {'resnet8': 'top1_agree_ref', 'vww': 'top1_agree_ref', 'yolo-voc': 'f1_ref'}


def accuracy_metric(net, result):
    return result[METRIC.get(net) or next(k for k in ('f1_ref', 'top1_agree_ref') if k in result)]


def accuracy_bpe(result, bits):
    return int(bits) * result['comp_bytes'] / result['raw_bytes']


def accuracy_tables(results):
    text = ''
    for bits, rows in results.items():
        nets = list(next(iter(rows.values()))['nets'])
        header = [f'{bits} bit: bpe, agreement'] + nets + ['commit']
        body = [[name] + [f'{accuracy_bpe(r["nets"][n], bits):.2f}, '
                          f'{accuracy_metric(n, r["nets"][n]):.3f}'
                          for n in nets] + [r['source'] or '-'] for name, r in rows.items()]
        text += report.rst_table(header, body) + '\n'
    return text


def superres_table(results):
    photos = list(results)
    header = ['PSNR of the luma'] + [f'{p}: bpe, dB' for p in photos]
    first = [results[p][next(iter(results[p]))] for p in photos]
    body = [['bicubic, no network'] + [f'-, {r["bicubic"]:.2f}' for r in first],
            ['network, maps as they are'] + [f'8.00, {r["network"]:.2f}' for r in first]]
    for name in results[photos[0]]:
        body.append([name] + [f'{8 * r["bytes"] / r["elements"]:.2f}, {r["compressed"]:.2f}'
                              for r in (results[p][name] for p in photos)])
    return report.rst_table(header, body)


# --- goals ----------------------------------------------------------------------


def goal_rows(results):
    """(what, goal, measured, met)"""
    out = []

    def at_least(what, goal, value, unit=''):
        out.append((what, f'>= {goal:g}{unit}', f'{value:.3g}{unit}' if goal < 1 else
                    f'{value:.2f}{unit}', value >= goal))

    def at_most(what, goal, value, unit=''):
        out.append((what, f'<= {goal:g}{unit}', f'{value:.2f}{unit}', value <= goal))

    lossy, lossless = results.get('lossy', {}), results.get('lossless', {}).get('groups', {})
    for group, cbr_goal, vbr_goal in (('8', 26, 6), ('16', 25, 8)):
        if group in lossy:
            title, rows = TITLES[group], lossy[group]
            cbr = mean(r['db'] for r in rows[BEST])
            at_least(f'{title}: {label(BEST)}, mean SQNR', cbr_goal, cbr, ' dB')
            at_most(f'{title}: {label(BEST)}, bpe of the largest map', 4.12,
                    max(map(bpe, rows[BEST])))
            name = vbr_best('target_bpe=4')
            at_least(f'{title}: {label(name)}, above asc-cbr', vbr_goal,
                     mean(r['db'] for r in rows[name]) - cbr, ' dB')
    if '8' in lossy:
        name = vbr('max_error=1')
        at_most(f'8 bit: {label(name)}, bpe', 3.3, mean(map(bpe, lossy['8'][name])))
    for group in ('8', '16'):
        if group in lossless:
            out += lossless_goals(TITLES[group], lossless[group])
    goals = {
        ('8', label(BEST)): (.93, .95, .90), ('8', label(vbr('target_bpe=4'))): (.96, .97, .95),
        ('16', label(BEST)): (.92, .94, .87), ('16', label(vbr('target_bpe=4'))): (.96, .97, .95),
    }
    if any(label(vbr_best('target_bpe=4')) in rows
           for rows in results.get('accuracy', {}).values()):
        for bits in ('8', '16'):
            goals[bits, label(vbr_best('target_bpe=4'))] = (.96, .97, .95)
    for (bits, name), values in goals.items():
        nets = results.get('accuracy', {}).get(bits, {}).get(name, {}).get('nets', {})
        for net, goal in zip(METRIC, values):
            if net in nets:
                value = accuracy_metric(net, nets[net])
                out.append((f'{bits} bit: {name}, {net}', f'>= {goal:.2f}', f'{value:.3f}',
                            value >= goal))
    return out


def lossless_goals(title, rows):
    """Of the lossless codec with the fewest bits on average."""
    own = [name for name in LOSSLESS[1:]]
    best = min(own, key=lambda name: mean(map(bpe, rows[name])))
    bits = mean(map(bpe, rows[best]))
    what = f'{title}: {label(best)}, bits'
    out = []

    def below(peer, limit, value, where):
        out.append((f'{what}, {where}', f'<= {limit:.2f}: {peer}', f'{value:.2f}',
                    value <= limit))

    below('EBPC - 15 %', .85 * mean(map(bpe, rows['codec=ebpc'])), bits, 'all maps')
    if 'zstd -19' in rows:
        for net in nets_of(rows):
            below('zstd -19', mean(map(bpe, of_net(rows['zstd -19'], net))),
                  mean(map(bpe, of_net(rows[best], net))), net)
    if 'JPEG-LS' in rows:
        below('JPEG-LS', mean(map(bpe, rows['JPEG-LS'])), bits, 'all maps')
        ratio = total_ratio(rows['JPEG-LS'])
        own_ratio = total_ratio(rows[best])
        out.append((f'{title}: {label(best)}, ratio of all bytes', f'>= {ratio:.2f}: JPEG-LS',
                    f'{own_ratio:.2f}', own_ratio >= ratio))
    return out


def goals_table(results):
    rows = goal_rows(results)
    if not rows:
        return None
    return report.rst_table(['what', 'goal', 'measured', ''],
                            [[w, g, m, 'met' if met else 'MISSED'] for w, g, m, met in rows])


# --- plots ----------------------------------------------------------------------


def sqnr_plot(pyplot, path, results):
    panels = []
    for group in ('8', '16'):
        series = []
        curve = results.get('curve', {}).get(group, {})
        for name, make in CURVES.items():
            points = [(mean(map(bpe, maps)), mean(r['db'] for r in maps))
                      for text, maps in curve.items() if text.startswith(make('target'))]
            if points:
                series.append((name, points))
        rows = results.get('lossy', {}).get(group, {})
        for name in [HW, BEST, vbr('max_error=1')] + list(peers.LOSSY) + ['JPEG-LS NEAR=1']:
            # a 16-bit map at an error of 1 is far outside
            if name in rows and mean(map(bpe, rows[name])) < 6.5:
                series.append((label(name), [(mean(map(bpe, rows[name])),
                                              mean(r['db'] for r in rows[name]))]))
        if series:
            panels.append((TITLES[group], 'mean SQNR over maps, dB', series))
    return panels and report.plot(pyplot, path, panels, 'bits per value, mean over maps')


def accuracy_plot(pyplot, path, results):
    accuracy = results.get('accuracy')
    if not accuracy:
        return None
    panels = []
    for net in next(iter(next(iter(accuracy.values())).values()))['nets']:
        series = []
        for bits, rows in accuracy.items():
            points = {name: (accuracy_bpe(r['nets'][net], bits),
                             accuracy_metric(net, r['nets'][net])) for name, r in rows.items()}
            curve = 'asc-vbr target_bpe='
            series.append((f'{curve}, {bits} bit',
                           [p for name, p in points.items() if name.startswith(curve)]))
            series += [(f'{name}, {bits} bit', [p]) for name, p in points.items()
                       if not name.startswith(curve) and p[0] < 6.5]
        metric = 'F1 of boxes' if METRIC.get(net) == 'f1_ref' else 'same class'
        panels.append((net, f'{metric}, against no codec', series))
    return report.plot(pyplot, path, panels, 'bits per value, all maps')


def superres_plot(pyplot, path, results):
    panels = []
    for photo, rows in results.get('superres', {}).items():
        points = {name: (8 * r['bytes'] / r['elements'], r['compressed'])
                  for name, r in rows.items()}
        first = next(iter(rows.values()))
        series = [('asc-vbr target_bpe=', [p for n, p in points.items() if 'target_bpe' in n]),
                  ('bicubic', [(0, first['bicubic']), (8, first['bicubic'])]),
                  ('network', [(0, first['network']), (8, first['network'])])]
        series += [(n, [p]) for n, p in points.items() if 'target_bpe' not in n and n != 'raw']
        panels.append((photo, 'PSNR of the luma, dB', series))
    return panels and report.plot(pyplot, path, panels, 'bits per value, all maps')


PLOTS = {'rate-sqnr': sqnr_plot, 'rate-accuracy': accuracy_plot, 'rate-superres': superres_plot}
PARTS = ('lossy', 'lossless', 'curve', 'accuracy', 'superres', 'goals')


# --- all of it ------------------------------------------------------------------


def tables(results):
    """{name: text} of all that there are results for."""
    makers = {
        'lossy': lossy_tables, 'lossless': lossless_tables, 'accuracy': accuracy_tables,
        'superres': superres_table,
    }
    out = {name: make(results[name]) for name, make in makers.items() if name in results}
    if 'lossless' in results:
        out['auto'] = auto_table(results['lossless'])
    goals = goals_table(results)
    if goals:
        out['goals'] = goals
    return out


def command_of(part, args):
    """What to type for one part again."""
    words = ['tools/eval/evaluate.py', '--part', part]
    if part in ('lossy', 'lossless', 'curve'):
        words += ['--maps', args.maps]
    if part == 'accuracy':
        words += ['--accuracy', args.accuracy] + (['--quick'] if args.quick else [])
    return shlex.join(words)


def source_version():
    try:
        run = subprocess.run(['git', '-C', TOP, 'describe', '--always', '--dirty'],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             encoding='utf-8', check=False)
        return run.stdout.strip()
    except OSError:
        return ''


def draw(args, results):
    pyplot = report.load_pyplot()
    if not pyplot:
        print('plots left out: matplotlib is not there (package python3-matplotlib)')
        return
    for name, make in PLOTS.items():
        make(pyplot, os.path.join(args.out, name + '.svg'), results)


def versions(results):
    """What the figures were made with, as a sentence."""
    peers_used = results.get('lossless', {}).get('versions', [])
    return (f'libascdev {results["library"]}, ' +
            ''.join(v + ', ' for v in peers_used) + f'numpy {np.__version__}.')


def fill_page(args, results):
    """The tables with the command that made each, and the plots, for a page."""
    source = {'auto': 'lossless', 'goals': None}
    blocks = {'versions': versions(results)}
    for name, text in tables(results).items():
        part = source.get(name, name)
        command = results['commands'].get(part)
        blocks[name] = text
        if command:
            # each row of the networks has its own commit
            commit = '' if part == 'accuracy' else f'    # {results["sources"][part]}'
            blocks[name] = f'::\n\n    {command}{commit}\n\n{text}'
    report.put_into_page(args.page, blocks)
    images = os.path.join(os.path.dirname(os.path.abspath(args.page)), 'images')
    os.makedirs(images, exist_ok=True)
    for name in PLOTS:
        path = os.path.join(args.out, name + '.svg')
        if os.path.exists(path):
            with open(path, 'rb') as f, open(os.path.join(images, name + '.svg'), 'wb') as to:
                to.write(f.read())


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--maps', metavar='DIR')
    parser.add_argument('--accuracy', metavar='DIR')
    parser.add_argument('--out', metavar='DIR', default='build/eval')
    parser.add_argument('--part', metavar='NAME', action='append', choices=PARTS,
                        help='only this part; may be given again')
    parser.add_argument('--build', metavar='DIR', default=os.path.join(TOP, 'build'),
                        help='where the library and its Python package are')
    parser.add_argument('--codec', metavar='NAME', action='append',
                        help='accuracy: only this row of the table, the others stay as they '
                        'are; may be given again')
    parser.add_argument('--quick', action='store_true', help='accuracy: a quarter of the images')
    parser.add_argument('--page', metavar='FILE',
                        help='put tables and plots into a page such as '
                        'Documentation/evaluation.rst')
    return parser.parse_args()


def main():
    args = parse_args()
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, 'results.json')
    results = {}
    if os.path.exists(path):
        with open(path, encoding='utf-8') as f:
            results = json.load(f)
    evaluation = Evaluation(args, results)
    for part in args.part or PARTS:
        if part == 'goals':
            continue
        try:
            results[part] = getattr(evaluation, part)()
            print(f'{part}: done', flush=True)
        except Skip as e:
            print(f'{part}: skipped, {e}', flush=True)
            continue
        results.setdefault('commands', {})[part] = command_of(part, args)
        results.setdefault('sources', {})[part] = evaluation.source
    results['library'] = evaluation.library.__version__
    results['broken'] = evaluation.broken
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(results, f, indent=1)
    for name, text in tables(results).items():
        with open(os.path.join(args.out, name + '.rst'), 'w', encoding='utf-8') as f:
            f.write(text)
        if args.part is None or name in args.part or {'auto': 'lossless'}.get(name) in args.part:
            print(f'\n{name}\n\n{text}')
    draw(args, results)
    if args.page:
        fill_page(args, results)
    for line in evaluation.broken:
        print('BROKEN', line)
    sys.exit(1 if evaluation.broken else 0)


if __name__ == '__main__':
    main()
