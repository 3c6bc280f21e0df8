#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tables and plots of what codec-bench, instructions.py and driver-bench have written.

Reads DIR/bench.json, and DIR/instructions.json and DIR/*/driver-bench.json if they are there;
writes tables (*.rst) and plots (*.svg) to DIR, and into a page with --page. What was measured on
maps of files has places of its own there.
"""

import argparse
import glob
import json
import os
import shlex
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'eval'))
import report  # noqa: E402  pylint: disable=wrong-import-position

OPS = ('encode', 'decode')
MIB = 1 << 20


class Bench:
    """Results, by the bytes of a value, coder and number of threads."""

    def __init__(self, results, instructions, drivers):
        self.data, self.drivers = results, drivers
        self.sets = {s['name']: s for s in results['sets']}
        self.instructions = {
            ({'u8': 1, 's16': 2}[i['set']], i['coder'], i['op']): i['per_value']
            for i in instructions}
        self.rows = {(self.sets[r['set']]['value_bytes'], r['coder'], r['threads']): r
                     for r in results.get('results', [])}

    def row(self, value_bytes, coder, threads=1):
        return self.rows.get((value_bytes, coder, threads))

    def speed(self, value_bytes, coder, op, what='gbs', threads=1):
        """The median; None if it was not measured."""
        row = self.row(value_bytes, coder, threads)
        return row and row[op][what]['median']

    def of_files(self):
        return any(m['name'].endswith('.npy') for s in self.sets.values() for m in s['maps'])

    def of_set(self, name, threads):
        return [r for r in self.data.get('results', [])
                if r['set'] == name and r['threads'] == threads]


# --- goals ----------------------------------------------------------------------


def number(x, digits=3):
    """Significant digits, without an exponent."""
    if x is None:
        return '-'
    return f'{float(f"{x:.{digits}g}"):,.10g}'.replace(',', '')


def goals(bench):
    """[(what, goal, measured, met)], without what has not been measured."""
    out = []

    def goal(what, sign, limit, measured, unit=''):
        if measured is not None and limit is not None:
            met = measured >= limit if sign == '>=' else measured <= limit
            out.append((what, f'{sign} {number(limit)}{unit}', f'{number(measured)}{unit}', met))

    def ratio(a, b):
        return a / b if a is not None and b else None

    for v, bits in ((1, '8 bit'), (2, '16 bit')):
        for coder, title, floors in (('asc-cbr', 'asc-cbr', (.6, 1)),
                                     ('asc-vbr max_error=0', 'asc-vbr, lossless', (.3, .5)),
                                     ('asc-vbr max_error=1', 'asc-vbr max_error=1', (.3, .5)),
                                     ('asc-vbr target_bpe=4', 'asc-vbr target_bpe=4', (.3, .5))):
            for op, floor in zip(OPS, floors):
                goal(f'{bits}: {title}, {op}, of memcpy', '>=', floor,
                     bench.speed(v, coder, op, 'relative'))
        lz4, ebpc = bench.row(v, 'LZ4'), bench.row(v, 'ebpc')
        if lz4 and ebpc:
            goal(f'{bits}: ebpc, encode, to LZ4', '>=', lz4['encode']['gbs']['median'],
                 ebpc['encode']['gbs']['median'], ' GB/s')
            fast = bench.speed(v, 'zstd -1', 'decode')
            goal(f'{bits}: ebpc, decode, to twice zstd -1', '>=', fast and 2 * fast,
                 ebpc['decode']['gbs']['median'], ' GB/s')
            goal(f'{bits}: ebpc, ratio, to LZ4', '>=', lz4['ratio'], ebpc['ratio'])
        lossless = [r for (b, _, threads), r in bench.rows.items()
                    if b == v and threads == 1 and r['ours'] and r['sqnr_db'] is None]
        best = max(lossless, key=lambda r: r['ratio'], default=None)
        slow = bench.row(v, 'zstd -19')
        # the one of the best ratio, and the one that is made for speed
        for row in (best, bench.row(v, 'asc-vbr max_error=0')) if slow else ():
            if not row:
                continue
            goal(f'{bits}: {row["coder"]}, ratio, to zstd -19', '>=', slow['ratio'],
                 row['ratio'])
            for op in OPS:
                goal(f'{bits}: {row["coder"]}, {op}, to zstd -3', '>=',
                     bench.speed(v, 'zstd -3', op), row[op]['gbs']['median'], ' GB/s')
        for op in OPS:
            goal(f'{bits}: asc-vbr max_error=1, {op}, JPEG-LS near=1 times', '>=', 30,
                 ratio(bench.speed(v, 'asc-vbr max_error=1', op),
                       bench.speed(v, 'JPEG-LS near=1', op)))
        for coder in ('asc-cbr', 'asc-vbr max_error=1', 'asc-vbr target_bpe=4'):
            goal(f'{bits}: {coder}, encode, hw faster than best, times', '<=', 8,
                 ratio(bench.speed(v, coder, 'encode'), bench.speed(v, coder + ' best', 'encode')))
        for coder in ('asc-cbr', 'asc-vbr max_error=1', 'ebpc', 'dcac'):
            for op in OPS:
                goal(f'{bits}: {coder}, {op}, two cores to one, times', '>=', 1.8,
                     ratio(bench.speed(v, coder, op, threads=2), bench.speed(v, coder, op)))
    for row in bench.data.get('latency', []):
        if row['coder'] == 'asc-cbr':
            for op in OPS:
                goal(f'{row["set"]}: asc-cbr, {op} of 4 KiB', '<=', 2,
                     row[op + '_us']['median'], ' us')
    start = bench.data.get('startup_ms')
    if start:
        goal('asc --version', '<=', 5, start['median'], ' ms')
    return out


# --- tables ---------------------------------------------------------------------


def goals_table(bench):
    return report.rst_table(['what', 'goal', 'measured', ''], [
        [what, goal, measured, 'met' if met else 'MISSED']
        for what, goal, measured, met in goals(bench)])


def machine_text(bench):
    machine, data = bench.data['machine'], bench.data
    command = [word for word in data['command'] if not word.endswith('.npy')]
    text = [f'::\n\n    {shlex.join(command)}{" MAPS/*.npy" if bench.of_files() else ""}\n']
    text.append(f'{machine["cpu"]}, {machine["cpus"]} CPUs, {machine["l2_bytes"] // MIB} MiB of '
                f'second-level and {machine["l3_bytes"] // MIB} MiB of third-level cache; Linux '
                f'{machine["kernel"]}, {machine["machine"]}; {data.get("label") or "no label"}'
                + (f'; ASCDEV_CPU={data["ascdev_cpu"]}' if data.get('ascdev_cpu') else '') + '.')
    for s in data['sets']:
        text.append(f'{s["name"]}: {s["bytes"] / MIB:.1f} MiB of {len(s["maps"])} '
                    f'map{"s" if len(s["maps"]) > 1 else ""} '
                    f'({", ".join(m["name"] for m in s["maps"][:3])}'
                    f'{", ..." if len(s["maps"]) > 3 else ""}); {s["zeros"]:.1%} of the values '
                    f'are 0, neighbours correlate by {s["correlation"]:.2f}.')
    names = dict.fromkeys(f'{name.split()[0]} {version}'
                          for name, version in data['versions'].items() if version)
    library = next(v for k, v in data['versions'].items() if k == 'asc-cbr')
    ours = ('asc-cbr', 'asc-vbr', 'ebpc', 'dcac', 'zvc', 'raw', 'auto')
    others = [n for n in names if n.split()[0] not in ours]
    text.append(f'libascdev {library}{", " if others else ""}{", ".join(others)}.')
    return '\n\n'.join(text) + '\n'


def spread(quantiles):
    return (f'{number(quantiles["median"])} ({number(quantiles["p10"], 2)} to '
            f'{number(quantiles["p90"], 2)})')


def mebibytes(n):
    return '-' if n is None else f'{n / MIB:.2f}'


def results_text(bench):
    text = []
    for name, entry in bench.sets.items():
        for threads in sorted({r['threads'] for r in bench.of_set(name, 1)} |
                              {r['threads'] for r in bench.data.get('results', [])}):
            rows = []
            for r in bench.of_set(name, threads):
                part = '' if r['bytes'] == entry['bytes'] else f' [{r["bytes"] / MIB:.0f} MiB]'
                row = [r['coder'] + part, f'{r["bpe"]:.3f}', f'{r["ratio"]:.3f}',
                       '-' if r['sqnr_db'] is None else f'{r["sqnr_db"]:.2f}']
                for op in OPS:
                    row += [spread(r[op]['gbs']), number(r[op]['relative']['median'])]
                row += [mebibytes(r[op]['peak_bytes']) for op in OPS]
                rows.append(row)
            if rows:
                text.append(f'{name}, {threads} thread{"s" if threads > 1 else ""}:\n')
                text.append(report.rst_table(
                    ['coder', 'bpe', 'ratio', 'dB', 'encode GB/s', 'of memcpy', 'decode GB/s',
                     'of memcpy', 'encode MiB', 'decode MiB'], rows))
    if not text:
        return 'Not measured.\n'
    return '\n'.join(text) + '\n.. image:: images/bench-rate-speed.svg\n'


def limits_text(bench):
    """What traffic alone would allow, and what the instructions make of it."""
    text = []
    for name, entry in bench.sets.items():
        v, rows = entry['value_bytes'], []
        for r in bench.of_set(name, 1):
            if not r['ours']:
                continue
            moved = v + r['bpe'] / 8
            for op in OPS:
                count = bench.instructions.get((v, r['coder'], op))
                values = r[op]['gbs']['median'] / v
                limit, relative = 2 * v / moved, r[op]['relative']['median']
                rows.append([f'{r["coder"]}, {op}', f'{moved:.2f}', f'{limit:.2f}',
                             number(relative), number(count), number(1 / values),
                             number(count and count * values),
                             'memory' if relative > .7 * limit else 'instructions'])
        if rows:
            text.append(f'{name}, one thread:\n')
            text.append(report.rst_table(
                ['codec', 'bytes moved', 'limit, of memcpy', 'measured', 'instructions', 'ns',
                 'instructions/ns', 'bound by'], rows))
    return '\n'.join(text) or 'Not measured.\n'


def latency_table(bench):
    if not bench.data.get('latency'):
        return 'Not measured.\n'
    return report.rst_table(['map', 'codec', 'encode us', 'decode us'], [
        [r['set'], r['coder'], spread(r['encode_us']), spread(r['decode_us'])]
        for r in bench.data.get('latency', [])])


def sizes_table(bench):
    rows = bench.data.get('sweep', [])
    if not rows:
        return 'Not measured.\n'
    sizes = sorted({r['bytes'] for r in rows})
    table = []
    for coder in dict.fromkeys(r['coder'] for r in rows):
        for op in OPS:
            by_size = {r['bytes']: r[op + '_ns'] for r in rows if r['coder'] == coder}
            table.append([f'{coder}, {op}'] + [number(by_size.get(s)) for s in sizes])
    return report.rst_table(['ns per byte'] + [
        f'{s >> 20} MiB' if s >= MIB else f'{s >> 10} KiB' for s in sizes],
        table) + '\n.. image:: images/bench-sizes.svg\n'


def drivers_text(bench):
    text = []
    for name, data in sorted(bench.drivers.items()):
        alone = {(s.get('op'), s['bytes']): s['us']['p50'] for s in data['series']
                 if s['what'] == 'in process'}
        rows = []
        for s in data['series']:
            base = alone.get((s.get('op'), s['bytes']))
            us = s['us']
            rows.append([s['what'], s.get('op', '-'), str(s['bytes']), str(s['in_flight']),
                         f'{number(us["p50"])} ({number(us["p10"], 2)} to '
                         f'{number(us["p90"], 2)})', number(base and base / us['p50'])])
        text.append(f'{name}: Linux {data["kernel"]}, {data["cpus"]} CPUs:\n')
        text.append(report.rst_table(['what', 'op', 'bytes', 'in flight', 'us a job',
                                      'speed of in process'], rows))
    return '\n'.join(text) or 'Not measured.\n'


# --- plots ----------------------------------------------------------------------


def plot_rate_speed(pyplot, path, bench):
    panels = []
    for name in bench.sets:
        for op in OPS:
            series = [(r['coder'], [(r[op]['gbs']['median'], r['bpe'])])
                      for r in bench.of_set(name, 1)]
            if series:
                panels.append((f'{name}, {op}', 'bits per value', series))
    if panels:
        report.plot(pyplot, path, panels, 'GB/s of values, one thread', xscale='log',
                    columns=7)


def plot_sizes(pyplot, path, bench):
    rows = bench.data.get('sweep', [])
    panels = []
    for op in OPS:
        series = [(coder, [(r['bytes'] / MIB, r[op + '_ns']) for r in rows
                           if r['coder'] == coder])
                  for coder in dict.fromkeys(r['coder'] for r in rows)]
        if series:
            panels.append((op, 'ns per byte', series))
    if panels:
        report.plot(pyplot, path, panels, 'MiB of values', share_y=True, xscale='log',
                    yscale='log')


PLOTS = {'bench-rate-speed': plot_rate_speed, 'bench-sizes': plot_sizes}
BLOCKS = {'machine': machine_text, 'goals': goals_table, 'results': results_text,
          'limits': limits_text, 'latency': latency_table, 'sizes': sizes_table,
          'driver': drivers_text}
OF_FILES = ('machine', 'goals', 'results')


def load(path, otherwise):
    if not os.path.exists(path):
        return otherwise
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('directory', metavar='DIR')
    parser.add_argument('--page', metavar='FILE', help='put tables into a page, plots beside it')
    args = parser.parse_args()

    path = os.path.join(args.directory, 'bench.json')
    results = load(path, None)
    if results is None:
        sys.exit(f'bench_report.py: there is no {path}')
    drivers = {os.path.basename(os.path.dirname(p)): load(p, None)
               for p in glob.glob(os.path.join(args.directory, '*', 'driver-bench.json'))}
    bench = Bench(results, load(os.path.join(args.directory, 'instructions.json'), []), drivers)

    blocks = {name: make(bench) for name, make in BLOCKS.items()}
    for name, block in blocks.items():
        with open(os.path.join(args.directory, name + '.rst'), 'w', encoding='utf-8') as f:
            f.write(block)
    print(blocks['goals'], end='')
    pyplot = report.load_pyplot()
    if not pyplot:
        print('plots left out: matplotlib is not there (package python3-matplotlib)')
    for name, make in PLOTS.items() if pyplot else ():
        make(pyplot, os.path.join(args.directory, name + '.svg'), bench)
    if args.page and bench.of_files():
        report.put_into_page(args.page, {f'{name} of files': blocks[name] for name in OF_FILES})
    elif args.page:
        report.put_into_page(args.page, blocks)
        for name in PLOTS:
            svg = os.path.join(args.directory, name + '.svg')
            if os.path.exists(svg):
                shutil.copy(svg, os.path.join(os.path.dirname(args.page), 'images'))
    return 0


if __name__ == '__main__':
    sys.exit(main())
