# SPDX-License-Identifier: MIT
"""Tables in reStructuredText, plots in SVG, and a page that holds them."""

import os
import re


def rst_table(header, rows):
    """A simple table; cells are text, the first of a row not empty."""
    cells = [header] + rows
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    rule = ' '.join('=' * w for w in widths)

    def line(row):
        return ' '.join(c.ljust(w) for c, w in zip(row, widths)).rstrip()

    return '\n'.join([rule, line(header), rule] + [line(row) for row in rows] + [rule]) + '\n'


def put_into_page(path, blocks):
    """Replace what stands between '.. begin NAME' and '.. end NAME' in a page."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    for name, block in blocks.items():
        pattern = re.compile(rf'(^\.\. begin {name}\n).*?(^\.\. end {name}$)', re.M | re.S)
        text = pattern.sub(lambda m, b=block: f'{m[1]}\n{b.strip()}\n\n{m[2]}', text)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


# --- plots ----------------------------------------------------------------------


def load_pyplot():
    """matplotlib, set up for small files that are the same in every run; None without it."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use('svg')
    matplotlib.rcParams.update({
        'svg.fonttype': 'none', 'svg.hashsalt': 'ascdev', 'font.size': 9,
        'axes.grid': True, 'grid.alpha': .3, 'legend.fontsize': 8,
    })
    from matplotlib import pyplot
    return pyplot


MARKERS = 'osD^vPX*<>'


def plot(pyplot, path, panels, xlabel, share_y=False, xscale='linear', yscale='linear',
         columns=4):
    """panels: (title, ylabel, [(name, [(x, y)...])]); a single point is a marker, more a curve."""
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4.2 * len(panels), 4),
                                   squeeze=False, sharey=share_y)
    names = list(dict.fromkeys(name for _, _, series in panels for name, _ in series))
    for axis, (title, ylabel, series) in zip(axes[0], panels):
        for name, points in series:
            i = names.index(name)
            axis.plot(*zip(*sorted(points)), label=name, color=f'C{i % 10}',
                      marker='.' if len(points) > 1 else MARKERS[(i + i // 10) % len(MARKERS)],
                      linestyle='-' if len(points) > 1 else '')
        axis.set_title(title)
        axis.set_xlabel(xlabel)
        axis.set_ylabel(ylabel)
        axis.set_xscale(xscale)
        axis.set_yscale(yscale)
    handles = {}
    for axis in axes[0]:
        for handle, name in zip(*axis.get_legend_handles_labels()):
            handles.setdefault(name, handle)
    figure.legend(handles.values(), handles.keys(), loc='lower center', ncol=columns)
    rows = -(-len(handles) // columns)
    figure.tight_layout(rect=(0, .02 + .055 * rows, 1, 1))
    figure.savefig(path, metadata={'Date': None, 'Creator': None})
    pyplot.close(figure)
    # matplotlib leaves spaces at the ends of lines
    with open(path, encoding='utf-8') as f:
        lines = [line.rstrip() for line in f]
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
    return os.path.basename(path)
