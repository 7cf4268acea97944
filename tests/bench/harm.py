# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What others feel of a list: how long connect() to a busy port takes while programs list all the time."""

import os
import subprocess

from . import measure
from .commands import Command
from .populations import made, of_size
from .tables import section, verdict

PORT = 2000  # of bench-sockets
ACCEPTED = 38000  # a port, unless asked for others
FEW_PORTS = 4
ASKED = Command(("-t",), ("tcp:0:0x1b36",))
UNHARMED = 4  # times what a dump does that takes no lock for long

COLUMNS = [
    ("program", "meanwhile", "s"),
    ("runs", "runs", "d"),
    ("connects", "connects", "d"),
    ("p50", "p50, us", ".0f"),
    ("p99", "p99, us", ".0f"),
    ("p999", "p99.9, us", ".0f"),
    ("max", "longest, us", ".0f"),
    ("to_drain", "p99.9 / drain's", ".1f"),
    ("aim", "aim", ".0f"),
    ("met", "", "s"),
]


def bystander(args, argv):
    """Percentiles of connect() while @argv, if any, runs again and again, and how often that ended."""
    words = [str(args.tools / "bench-connect"), str(PORT), str(args.seconds)]
    sink = os.open(os.devnull, os.O_WRONLY)
    runs = 0
    with measure.priority(args.realtime):
        proc = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        while argv and proc.poll() is None:
            pid = measure.spawn(argv, sink, os.environ)
            done = 0
            while not done and proc.poll() is None:
                done = wait_a_little(pid)
            if done:
                runs += 1
            else:
                measure.stop(pid)
        said = proc.communicate()[0].split()
    finally:
        os.close(sink)
    if len(said) != 5:
        raise SystemExit("bench: the bystander failed")
    took = dict(zip(("p50", "p99", "p999", "max"), map(float, said[1:])))
    return {"runs": runs if argv else None, "connects": int(said[0]), **took}


def wait_a_little(pid):
    """The process when it ended within a moment, else 0."""
    try:
        measure.signal.setitimer(measure.signal.ITIMER_REAL, 0.5)
        done = os.wait4(pid, 0)[0]
        measure.signal.setitimer(measure.signal.ITIMER_REAL, 0)
        return done
    except measure.Late:
        return 0


def harm_section(args, programs, population, accepted):
    sec = section(f"connect() to a port with {accepted:,} accepted sockets; `{ASKED}` meanwhile", COLUMNS)
    with made(args, population):
        sec["rows"].append({"program": "nothing", **bystander(args, None)})
        calibration = None
        for program, argv in programs.doing(ASKED):
            if not argv:
                continue
            row = {"program": program.name, **bystander(args, argv)}
            if program.kind == "drain":
                calibration = row["p999"]
            else:
                row["to_drain"] = row["p999"] / calibration
            if program.kind == "ours":
                row["aim"] = UNHARMED
                row["met"] = verdict(row["to_drain"], UNHARMED)
            sec["rows"].append(row)
    sec["notes"].append(
        f"{population}; one connect a millisecond for {args.seconds} s each. The drain leaves out the sockets "
        "that are bound only: what it adds is the processor it takes"
        + (", for which the bystander does not wait." if args.realtime else ".")
    )
    return sec


def sections(args, programs):
    ports = [(1, 2 * ACCEPTED), (FEW_PORTS, 200000)]
    if args.sockets_given:
        ports = [(1, args.sockets), (FEW_PORTS, args.sockets)]
    for n_port, n_socket in ports:
        population = of_size("tcp", n_socket, args.processes, n_port)
        yield harm_section(args, programs, population, n_socket // 2 // n_port)
