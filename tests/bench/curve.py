# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""How the cost grows with the number of sockets: a table, and a picture.

The sockets are those of one population that grows. What is slow runs less often, and what is expected to take too
long, by how it grew before, is skipped: with a million sockets all this ends after some minutes.
"""

import math
import sys

from . import measure, plot
from .commands import TAN, TANI, TANP
from .lists import rows_of
from .populations import growing
from .tables import section

SMALLEST = 1000
COMMANDS = [TAN, TANI, TANP]
SOURCES = ["netlink", "bpf"]
BUDGET_S = 4  # for the runs of one program with one number of sockets
SKIPPED = "skipped"


def sizes(largest):
    """1,000, 3,000, 10,000 and so on, and the largest."""
    found, power = [], SMALLEST
    while power < largest:
        found += [n for n in (power, 3 * power) if n < largest]
        power *= 10
    return [*found, largest]


def measured(programs):
    """The drain, ours by netlink and by BPF, and the newest other ss."""
    ours = [p for p in programs.ours if p.source in SOURCES] or programs.ours
    return [programs.drain, *ours, *programs.theirs[-1:]]


def points(by_size):
    return [(n, row["wall"]) for n, row in by_size.items() if isinstance(row.get("wall"), float)]


def is_too_much(by_size, n, limit):
    """Whether it did not end with fewer sockets, or is expected to take longer than the limit."""
    if any(isinstance(row.get("wall"), str) for row in by_size.values()):
        return True
    known = points(by_size)
    if len(known) < 2:
        return False
    (m, before), (k, last) = known[-2:]
    power = max(math.log(last / before) / math.log(k / m), 1)
    return last * (n / k) ** power > limit


def rows_with(args, programs, command, n, curve):
    """Measures with @n sockets; the rows go to @curve, by program and number."""
    names = [p.name for p in measured(programs)]
    skipped = [name for name in names[1:] if is_too_much(curve.get(name, {}), n, args.skip_above)]
    without = {p.name for p in programs.all if p.name not in names} | set(skipped)
    for row in rows_of(args, programs, command, without=without, budget=BUDGET_S):
        curve.setdefault(row["program"], {})[n] = row
    for name in skipped:
        curve[name][n] = {"wall": SKIPPED}


def sections(args, programs):
    curves = {str(command): {} for command in COMMANDS}
    with growing(args) as grow:
        for n in sizes(args.sockets):
            sockets, processes = grow(n)
            print(f"bench: {sockets:,} sockets of {processes} processes", file=sys.stderr)
            with measure.priority(args.realtime):
                for command in COMMANDS:
                    rows_with(args, programs, command, n, curves[str(command)])
    panels = []
    for name, curve in curves.items():
        sec = table(f"`{name}` by the number of TCP sockets", sizes(args.sockets), curve)
        if any(row.get("wall") == SKIPPED for by_size in curve.values() for row in by_size.values()):
            sec["notes"].append(
                f"{SKIPPED}: expected to take more than {args.skip_above} s, by how it grew; --skip-above sets that."
            )
        yield sec
        panels.append((name, lines(curve)))
    if any(drawn for _, drawn in panels):
        args.plot.write_text(plot.svg("What a list costs by the number of sockets", "seconds", panels))


def lines(curve):
    """Name and points of each program that has two at least."""
    return [(name, points(by_size)) for name, by_size in curve.items() if len(points(by_size)) > 1]


def table(title, counts, curve):
    columns = [("program", "wall, s", "s")] + [(str(n), f"{n:,}", ".4f") for n in counts]
    sec = section(title, columns)
    for name, by_size in curve.items():
        sec["rows"].append({"program": name, **{str(n): row.get("wall") for n, row in by_size.items()}})
    for name, by_size in curve.items():
        peaks = {str(n): row["peak"] + (row.get("bpf") or 0) for n, row in by_size.items() if row.get("peak")}
        if name.startswith("ours") and peaks:
            cells = {n: f"{mib:.1f} MiB" for n, mib in peaks.items()}
            sec["rows"].append({"program": f"{name}, memory", **cells})
    return sec
