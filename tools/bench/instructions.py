#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Instructions per value of each codec, counted by callgrind.

The counts depend on the compiler and on what valgrind makes of the CPU, which has no AVX-512,
and on nothing else.  --check compares them with ceilings.txt, which --update writes: what a
codec takes at most, with a margin of a quarter for other compilers.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CEILINGS = os.path.join(HERE, 'ceilings.txt')
MARGIN = 1.25


def count(bench, only):
    """[(set, coder, op, instructions per value)]"""
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, 'out')
        run = subprocess.run(
            ['valgrind', '--tool=callgrind', f'--callgrind-out-file={out}', '--error-exitcode=3',
             '--toggle-collect=counted_pass', '--dump-after=counted_pass', bench, '--count'] +
            (['--only', only] if only else []),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode:
            sys.exit(f'instructions.py: {run.stderr[-2000:]}')
        rows = [line.split('\t') for line in run.stdout.splitlines()]
        totals = {}
        for path in glob.glob(out + '.*'):
            with open(path, encoding='utf-8') as f:
                totals[int(path.rsplit('.', 1)[1])] = int(
                    re.search(r'^(?:totals|summary): (\d+)', f.read(), re.M)[1])
    if len(rows) != len(totals) or not rows:
        sys.exit(f'instructions.py: {len(rows)} passes, {len(totals)} counts')
    return [(name, coder, op, totals[key] / int(values))
            for (name, coder, op, values), key in zip(rows, sorted(totals))]


def read_ceilings():
    with open(CEILINGS, encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f if line[0] != '#']
    return {tuple(row[:3]): float(row[3]) for row in rows}


def write_ceilings(rows):
    with open(CEILINGS, 'w', encoding='utf-8') as f:
        f.write('# SPDX-License-Identifier: MIT\n# instructions.py --update: set, codec, '
                'direction, most instructions per value\n')
        for name, coder, op, per_value in rows:
            f.write(f'{name}\t{coder}\t{op}\t{per_value * MARGIN:.2f}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bench', default='build/codec-bench', metavar='FILE')
    parser.add_argument('--only', help='codecs with that in their name')
    parser.add_argument('--json', metavar='FILE', help='write the counts there, too')
    parser.add_argument('--check', action='store_true', help='fail above a ceiling')
    parser.add_argument('--update', action='store_true', help='write ceilings.txt')
    args = parser.parse_args()

    rows = count(args.bench, args.only)
    ceilings = read_ceilings() if args.check else {}
    above = 0
    for name, coder, op, per_value in rows:
        ceiling = ceilings.get((name, coder, op), None if args.check else float('inf'))
        wrong = ceiling is None or per_value > ceiling
        above += wrong
        print(f'{name:4} {coder:26} {op:7} {per_value:10.2f}'
              f'{f"  ABOVE {ceiling}" if wrong else ""}')
    if args.update:
        write_ceilings(rows)
    if args.json:
        with open(args.json, 'w', encoding='utf-8') as f:
            json.dump([dict(set=s, coder=c, op=o, per_value=v) for s, c, o, v in rows], f,
                      indent=1)
    return above > 0


if __name__ == '__main__':
    sys.exit(main())
