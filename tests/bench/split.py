# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Whether two dumps at once, each of half of the local ports, are quicker than one."""

import subprocess

from . import measure
from .commands import TAN, TANI
from .populations import made, of_size
from .tables import section

# Where sockets are spread over many ports, and where half of them have the same one.
PORTS = [0, 1]

COLUMNS = [
    ("what", "drained by", "s"),
    ("sockets", "sockets", ",d"),
    ("wall", "wall, s", ".3f"),
    ("cpu", "user+sys, s", ".3f"),
    ("wall_ratio", "wall / one's", ".2f"),
    ("cpu_ratio", "user+sys / one's", ".2f"),
]


def drained(argv):
    """How many sockets the drain got."""
    return int(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)


def sections(args, programs):
    for ports in PORTS:
        population = of_size("tcp", args.sockets, args.processes, ports)
        with made(args, population), measure.priority(args.realtime):
            for command in (TAN, TANI):
                sec = section(f"As for `{command}`, {population}", COLUMNS)
                ways = {"one dump": (), "two, of half of the ports each": ("-s",)}
                jobs = [([programs.drain.path, *words, *command.drain], (0,)) for words in ways.values()]
                runs = measure.in_turns(jobs, args.rounds, args.patience)
                if None in runs:
                    raise SystemExit("bench: the drain takes too long: --patience")
                for what, (argv, _), run in zip(ways, jobs, runs):
                    row = {"what": what, "sockets": drained(argv), "wall": run.wall, "cpu": run.cpu}
                    row["wall_ratio"] = run.wall / runs[0].wall
                    row["cpu_ratio"] = run.cpu / runs[0].cpu
                    sec["rows"].append(row)
                yield sec
