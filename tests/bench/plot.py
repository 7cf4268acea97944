# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Draws lines on two logarithmic axes as SVG that reads well on light and on dark."""

import math
from html import escape

WIDTH, HEIGHT = 480, 330  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 58, 120, 34, 44
HEAD = 34
ACROSS = 2  # panels in a row
LABEL_GAP = 13

# By what is drawn: a colour on light, and one on dark.
COLOURS = {
    "back": ("#ffffff", "#0d1117"),
    "text": ("#1f2328", "#e6edf3"),
    "soft": ("#59636e", "#9198a1"),
    "grid": ("#d8dee4", "#262c34"),
    "axis": ("#818b98", "#656c76"),
}
# One a line, in this order.
LINES = [
    ("#6e7781", "#9198a1"),
    ("#cf222e", "#ff7b72"),
    ("#0969da", "#58a6ff"),
    ("#1a7f37", "#56d364"),
    ("#bf5700", "#ffa657"),
    ("#8250df", "#d2a8ff"),
    ("#bf3989", "#f778ba"),
    ("#7d6b00", "#e3b341"),
    ("#116b75", "#56d4dd"),
]
SHAPES = """\
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.leader { fill: none; stroke-width: 0.7 }
text { font: 11px system-ui, sans-serif }
.title { font-size: 15px; font-weight: 600 }
.panel { font-size: 13px; font-weight: 600 }
"""


def style():
    def rules(i):
        for name, colours in COLOURS.items():
            yield f".{name} {{ {'stroke' if name in ('grid', 'axis') else 'fill'}: {colours[i]} }}"
        for n, colours in enumerate(LINES):
            yield f".c{n} .line, .c{n} .leader {{ stroke: {colours[i]} }}"
            yield f".c{n} .dot, .c{n} .name {{ fill: {colours[i]} }}"

    light, dark = ("\n".join(rules(i)) for i in (0, 1))
    return f"\n{SHAPES}{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def decades(low, high):
    """The powers of ten from below the lowest to above the highest."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return [10.0**i for i in range(first, max(last, first + 1) + 1)]


def count_text(n):
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if n >= size:
            return f"{n / size:g}{unit}"
    return f"{n:g}"


def time_text(s):
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if s >= size * 0.999:
            return f"{s / size:g} {unit}"
    return f"{s * 1e6:g} us"


def spread(wanted, low, high):
    """Heights of labels, in the order of @wanted, near them but apart from each other."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    at = {}
    previous = low - LABEL_GAP
    for i in order:
        previous = at[i] = max(wanted[i], previous + LABEL_GAP)
    bound = high
    for i in reversed(order):
        at[i] = min(at[i], bound)
        bound = at[i] - LABEL_GAP
    return [at[i] for i in range(len(wanted))]


class Panel:
    def __init__(self, corner, title, lines, classes):
        points = [p for _, line in lines for p in line]
        self.lines, self.classes, self.title = lines, classes, title
        self.xs = decades(min(x for x, _ in points), max(x for x, _ in points))
        self.ys = decades(min(y for _, y in points), max(y for _, y in points))
        x, y = corner
        self.left, self.right = x + LEFT, x + WIDTH - RIGHT
        self.top, self.bottom = y + TOP, y + HEIGHT - BOTTOM

    def x(self, value):
        span = math.log10(self.xs[-1] / self.xs[0])
        return self.left + (self.right - self.left) * math.log10(value / self.xs[0]) / span

    def y(self, value):
        span = math.log10(self.ys[-1] / self.ys[0])
        return self.bottom - (self.bottom - self.top) * math.log10(value / self.ys[0]) / span

    def frame(self):
        yield f'<text class="text panel" x="{self.left}" y="{self.top - 12}">{escape(self.title)}</text>'
        for v in self.xs:
            x = self.x(v)
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" y2="{self.bottom}"/>'
            yield f'<text class="soft" x="{x:.1f}" y="{self.bottom + 16}" text-anchor="middle">{count_text(v)}</text>'
        for v in self.ys:
            y = self.y(v)
            yield f'<line class="grid" x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text class="soft" x="{self.left - 6}" y="{y + 4:.1f}" text-anchor="end">{time_text(v)}</text>'
        yield f'<path class="axis" fill="none" d="M{self.left} {self.top}V{self.bottom}H{self.right}"/>'
        middle = (self.left + self.right) / 2
        yield f'<text class="soft" x="{middle:.1f}" y="{self.bottom + 34}" text-anchor="middle">sockets</text>'

    def curves(self):
        ends = [(self.x(line[-1][0]), self.y(line[-1][1])) for _, line in self.lines]
        labels = spread([y for _, y in ends], self.top + 4, self.bottom)
        for (name, line), (x, y), label in zip(self.lines, ends, labels):
            path = " ".join(f"{self.x(a):.1f},{self.y(b):.1f}" for a, b in line)
            yield f'<g class="{self.classes[name]}"><polyline class="line" points="{path}"/>'
            yield "".join(f'<circle class="dot" cx="{self.x(a):.1f}" cy="{self.y(b):.1f}" r="2.4"/>' for a, b in line)
            yield f'<path class="leader" d="M{x + 4:.1f} {y:.1f}L{self.right + 12} {label:.1f}"/>'
            yield f'<text class="name" x="{self.right + 15}" y="{label + 4:.1f}">{escape(name)}</text></g>'


def svg(title, unit, panels):
    """@panels: title and lines of each; a line is its name and points. A name has one colour in all."""
    panels = [p for p in panels if p[1]]
    names = list(dict.fromkeys(name for _, lines in panels for name, _ in lines))
    classes = {name: f"c{i % len(LINES)}" for i, name in enumerate(names)}
    width = WIDTH * min(len(panels), ACROSS)
    height = HEAD + HEIGHT * -(-len(panels) // ACROSS)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">']
    out += [f"<title>{escape(title)}</title>", f"<style>{style()}</style>"]
    out.append(f'<rect class="back" width="{width}" height="{height}" rx="6"/>')
    heading = f"{escape(title)}, {escape(unit)}"
    out.append(f'<text class="text title" x="16" y="25">{heading}</text>')
    for i, (name, lines) in enumerate(panels):
        panel = Panel((i % ACROSS * WIDTH, HEAD + i // ACROSS * HEIGHT), name, lines, classes)
        out += [*panel.frame(), *panel.curves()]
    return "\n".join(out) + "\n</svg>\n"
