# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What is measured: programs, commands, and what is aimed at."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import measure, populations

SOURCES = ["netlink", "bpf", "proc"]
INFO = 0x0E  # what -i asks for
ALIVE = 0x1B36  # the states of sockets that neither listen nor wait nor are closed
UNIX_SHOW = 0x17

STREAM_MIB, OWNERS_MIB = 8, 64
USER_FILTER = "tcp.rtt > 1us"
FILTER_AIM = 0.05
PIPELINE = "%s -tan | awk '{print $5}' | cut -d: -f1 | sort | uniq -c | sort -rn | head"


@dataclass(frozen=True)
class Command:
    words: tuple  # of ss
    drain: tuple = ()  # what bench-drain is asked for; without it there is nothing to compare with
    netstat: tuple = None
    lsof: tuple = None
    aims: dict = field(default_factory=dict)  # by source: wall time, as a multiple of the drain
    memory: float = STREAM_MIB
    is_ours: bool = False  # others do not have it
    is_pipeline: bool = False  # others do it by PIPELINE

    def __str__(self):
        return " ".join(["ss", *self.words])


TCP_OF_LSOF = ("-nP", "-iTCP")
TAN = Command(("-tan",), ("tcp",), ("-tan",), TCP_OF_LSOF, {"netlink": 1.15, "bpf": 0.45})
TANI = Command(("-tani",), (f"tcp:{INFO}",), aims={"netlink": 1.35, "bpf": 0.9})
TANP = Command(("-tanp",), ("tcp",), ("-tanp",), TCP_OF_LSOF, {"netlink": 3, "bpf": 0.6}, OWNERS_MIB)
SUMMARY = Command(("-s",))
PLAIN = Command((), (f"unix:{UNIX_SHOW}:{ALIVE}", f"udp:0:{ALIVE}", f"tcp:0:{ALIVE}"), ("-n",))
UDP = Command(("-uan",), ("udp:0:0xffffffff",), ("-uan",), ("-nP", "-iUDP"))
UNIX = Command(("-xan",), (f"unix:{UNIX_SHOW}:0xffffffff",), ("-xan",), ("-U",))
BY_PEER = Command(
    ("-tan", "--by=peer.addr", "--limit=10"),
    ("tcp",),
    aims={"netlink": 1.1, "bpf": 0.3},
    is_ours=True,
    is_pipeline=True,
)
NDJSON = Command(("-tani", "--format=ndjson"), (f"tcp:{INFO}",), aims={"netlink": 1.6, "bpf": 1.2}, is_ours=True)
FILTERED = Command(("-tani", USER_FILTER), (f"tcp:{INFO}",), is_ours=True)

# What is compared with TANP where there are HELD_SOCKETS of HELD_PROCESSES, and what multiple of it is aimed at.
HELD_SOCKETS, HELD_PROCESSES = 10000, 100
HELD = [(Command(("-tanp", "--sockopts"), is_ours=True), 3), (Command(("--unbound",), is_ours=True), 1.2)]

LISTS = [TAN, TANI, TANP, SUMMARY, PLAIN, UDP, UNIX, BY_PEER, NDJSON]


@dataclass(frozen=True)
class Program:
    name: str
    path: str
    kind: str  # ours, ss, netstat, lsof or drain
    source: str = None  # which ours is told to use

    @property
    def good(self):
        # lsof fails when something that was named is not there.
        return (0, 1) if self.kind == "lsof" else (0,)

    def argv(self, command):
        """The words that do what @command does; None: this program has nothing like it."""
        if self.kind == "ours":
            return [self.path, *([f"--source={self.source}"] if self.source else []), *command.words]
        if self.kind == "ss" and command.is_pipeline:
            return [shutil.which("sh"), "-c", PIPELINE % self.path]
        if self.kind == "ss":
            return None if command.is_ours else [self.path, *command.words]
        words = {"netstat": command.netstat, "lsof": command.lsof, "drain": command.drain or None}[self.kind]
        return None if words is None else [self.path, *words]

    def aim(self, command, has_sources):
        """For ours: what its source is to reach. A program that cannot be told has only netlink."""
        if self.kind != "ours" or (has_sources and not self.source):
            return None
        return command.aims.get(self.source or "netlink")


WHOLE_OR_NOT = (0, 3)  # our answer; not all processes may be looked into, even by root


def failure(argv):
    """Why a program does not do this, asked where there are no sockets; None when it does."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode in WHOLE_OR_NOT:
        return None
    said = [line for line in done.stderr.strip().splitlines() if not line.startswith("Try ")]
    return (said or [f"exit status {done.returncode}"])[-1].removeprefix(f"{argv[0]}: ").lstrip(" ^")


def version(path):
    return subprocess.run([path, "-V"], capture_output=True, text=True, check=True).stdout.strip().split(", ", 1)[1]


def newest_ss():
    default = Path.home() / ".cache/sockeye/reference"
    cached = Path(os.environ.get("SOCKEYE_REFERENCE_CACHE", default)) / "ss"
    return os.environ.get("SOCKEYE_REFERENCE_SS") or (str(cached) if os.access(cached, os.X_OK) else None)


class Programs:
    """All that are there, and notes about what is not."""

    def __init__(self, args):
        populations.enter_namespace()
        self.counter = args.tools / "bench-count.so"
        self.notes = []
        self.refusals = {}
        self.drain = Program("drain", str(args.tools / "bench-drain"), "drain")
        self.ours = self._find_ours(args.ours)
        self.theirs = [] if args.only_ours else self._find_theirs(args)
        self.others = [] if args.only_ours else self._find_others()

        for command in [*LISTS, FILTERED, *(command for command, _ in HELD)]:
            self.doing(command)

    @property
    def all(self):
        return [self.drain, *self.ours, *self.theirs, *self.others]

    def _find_ours(self, path):
        found = [Program("ours", path, "ours")]
        for source in SOURCES:
            why = failure([path, f"--source={source}", "-tan"])
            if why:
                self.notes.append(f"ours, {source}: {why}")
            else:
                found.append(Program(f"ours, {source}", path, "ours", source))
        return found

    def _find_theirs(self, args):
        found = []
        for path in [args.installed, args.newest]:
            if path and path not in [p.path for p in found]:
                found.append(Program(version(path).replace("iproute2-", "iproute2 "), path, "ss"))
        if len(found) < 2:
            self.notes.append("only one ss to compare with: scripts/fetch-reference-ss gets the newest")
        return found

    def _find_others(self):
        found = []
        for name in ["netstat", "lsof"]:
            path = shutil.which(name)
            if path:
                found.append(Program(name, path, name))
            else:
                self.notes.append(f"{name} is skipped, as it is not installed: make deps-bench does that")
        return found

    @property
    def has_sources(self):
        return len(self.ours) > 1

    def doing(self, command):
        """Pairs of a program and its argv, None where it does not know the command.

        All commands are asked for once where there are no sockets, before the first are made.
        """
        pairs = []
        for program in self.all:
            argv = program.argv(command)
            if argv and program.kind == "ours":
                key = (program.name, command.words)
                if key not in self.refusals:
                    self.refusals[key] = failure(argv)
                    if self.refusals[key]:
                        self.notes.append(f"{program.name}, {command}: {self.refusals[key]}")
                argv = None if self.refusals[key] else argv
            pairs.append((program, argv))
        return pairs

    def counted(self, argv, good):
        return measure.counted(argv, self.counter, good)
