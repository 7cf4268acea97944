# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Whether sockets that stay are listed once and only once while others come and go."""

import contextlib
import re
import subprocess
import time
from collections import Counter

from .commands import Program, TAN
from .populations import made, of_size
from .tables import section, verdict

PAIR = re.compile(rb"(127\.[0-9.]+:[0-9]+)\s+(127\.[0-9.]+:[0-9]+)")
RATE_AIM = 20000
CROWDED = 64  # sockets a bucket, in a hash table that is too small

COLUMNS = [
    ("program", "program", "s"),
    ("lists", "lists", "d"),
    ("sockets", "stable sockets", ",d"),
    ("missed", "missed", "d"),
    ("doubled", "doubled", "d"),
    ("rate", "connections/s", ",.0f"),
    ("met", "", "s"),
]


def stable():
    """The connected pairs there are while nothing changes, from the kernel's own text."""
    found = set()
    with open("/proc/self/net/tcp") as file:
        next(file)
        for line in file:
            words = line.split(None, 4)
            if words[3] == "01":
                found.add((address(words[1]), address(words[2])))
    return found


def address(text):
    host, port = text.split(":")
    return (".".join(str(b) for b in bytes.fromhex(host)[::-1]) + f":{int(port, 16)}").encode()


@contextlib.contextmanager
def connections(tools, processes, told):
    """Connections come and go; at the end @told gets their number and the seconds."""
    argv = [str(tools / "bench-churn"), str(processes)]
    proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if proc.stdout.readline() != "ready\n":
            raise SystemExit("bench: no connections come and go")
        yield
    finally:
        out, _ = proc.communicate("")
        words = out.split()
    if proc.returncode or len(words) != 2:
        raise SystemExit("bench: the connections that come and go failed")
    told.extend((int(words[0]), float(words[1])))


def watch(args, argv, expected):
    """Lists again and again; counts the sockets of @expected that are not there, or more than once."""
    row = {"lists": 0, "sockets": len(expected), "missed": 0, "doubled": 0}
    told = []
    with connections(args.tools, args.churners, told):
        end = time.monotonic() + args.seconds
        while not row["lists"] or time.monotonic() < end:
            try:
                out = subprocess.run(argv, capture_output=True, check=True, timeout=args.patience).stdout
            except subprocess.TimeoutExpired:
                break
            seen = Counter(PAIR.findall(out))
            row["lists"] += 1
            row["missed"] += sum(1 for pair in expected if pair not in seen)
            row["doubled"] += sum(1 for pair, n in seen.items() if n > 1 and pair in expected)
    row["rate"] = told[0] / told[1]
    return row


def churn_section(args, programs, population, buckets, title):
    sec = section(title, COLUMNS)
    drain = Program("drain", programs.drain.path, "drain")
    with made(args, population, buckets):
        expected = stable()
        if len(expected) < population.sockets * 0.9:
            raise SystemExit(f"bench: {len(expected)} stable sockets, not {population.sockets}")
        for program, argv in programs.doing(TAN):
            if not argv or program.kind == "lsof":
                continue
            if program.kind == "drain":
                argv = [drain.path, "-v", "tcp"]
            row = {"program": program.name, **watch(args, argv, expected)}
            if program.kind == "ours":
                row["met"] = verdict(row["missed"] + row["doubled"], 0)
            sec["rows"].append(row)
    slowest = min(row["rate"] for row in sec["rows"])
    if slowest < RATE_AIM and not buckets:
        sec["notes"].append(f"There were to be {RATE_AIM:,} connections/s at least: --churners.")
    return sec


def sections(args, programs):
    population = of_size("tcp", args.sockets, args.processes)
    title = f"`{TAN}` while connections come and go, {population}"
    yield churn_section(args, programs, population, 0, title)
    if not args.only_ours:
        buckets = 1 << max(args.sockets // CROWDED, 16).bit_length() - 1
        crowded = f"{title}, in a hash table of {buckets:,} buckets"
        yield churn_section(args, programs, population, buckets, crowded)
