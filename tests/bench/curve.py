# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""How the cost grows with the number of sockets: a table, and a picture."""

from . import measure, plot
from .commands import TAN, TANI, TANP
from .lists import rows_of
from .populations import made, of_size
from .tables import section

SMALLEST = 1000
COMMANDS = [TAN, TANI, TANP]


def sizes(largest):
    """1,000, 3,000, 10,000 and so on, and the largest."""
    found, power = [], SMALLEST
    while power < largest:
        found += [n for n in (power, 3 * power) if n < largest]
        power *= 10
    return [*found, largest]


def sections(args, programs):
    curves = {}
    late = {str(command): set() for command in COMMANDS}  # programs for which a smaller number was too much
    for n in sizes(args.sockets):
        with made(args.tools, of_size("tcp", n, None)), measure.priority(args.realtime):
            for command in COMMANDS:
                for row in rows_of(args, programs, command, without=late[str(command)]):
                    curves.setdefault(str(command), {}).setdefault(row["program"], {})[n] = row
                    if "cpu" not in row:
                        late[str(command)].add(row["program"])
    panels = []
    for name, programs_rows in curves.items():
        yield table(f"`{name}` by the number of TCP sockets", sizes(args.sockets), programs_rows)
        panels.append((name, lines(programs_rows)))
    if any(drawn for _, drawn in panels):
        args.plot.write_text(plot.svg("What a list costs by the number of sockets", "seconds", panels))


def lines(programs_rows):
    """Name and points of each program that has two at least."""
    found = []
    for name, by_size in programs_rows.items():
        points = [(n, row["wall"]) for n, row in by_size.items() if isinstance(row.get("wall"), float)]
        if len(points) > 1:
            found.append((name, points))
    return found


def table(title, counts, programs_rows):
    columns = [("program", "wall, s", "s")] + [(str(n), f"{n:,}", ".4f") for n in counts]
    sec = section(title, columns)
    for name, by_size in programs_rows.items():
        sec["rows"].append({"program": name, **{str(n): row.get("wall") for n, row in by_size.items()}})
    for name, by_size in programs_rows.items():
        peaks = {str(n): row["peak"] + (row.get("bpf") or 0) for n, row in by_size.items() if row.get("peak")}
        if name.startswith("ours") and peaks:
            cells = {n: f"{mib:.1f} MiB" for n, mib in peaks.items()}
            sec["rows"].append({"program": f"{name}, memory", **cells})
    return sec
