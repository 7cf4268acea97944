# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Runs a share of the faults in namespaces of its own: network, mounts, processes, so that runs are alike.

As a program, inside them: see kit.py. It writes a line of JSON for each thing that it found.
"""

import argparse
import difflib
import itertools
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from faults import plan, verdict
from faults.lines import lines
from lib import builds

POPULATION = ["listen", "shared", "backlog", "established", "halfclosed", "bound", "options", "udp", "udp-unread", "raw",
              "unix-stream", "unix-types", "unix-pairs", "netlink", "packet", "threads", "mptcp"]
LIMIT_S = 20
ALL = 10**9
FILTER = b"# what is in use\nsport > 1024\n or sport = 22\n"


def differences(a, b):
    """The first of the lines that are not in both."""
    lines = difflib.unified_diff(*(x.decode(errors="replace").splitlines() for x in (a, b)), lineterm="", n=0)
    return [line[:400] for line in itertools.islice(lines, 2, 22)]


def tell(**found):
    print(json.dumps(found), flush=True)


def leave_namespaces():
    """Others' network namespaces, which are mounted, come and go while we look."""
    text = Path("/proc/self/mountinfo").read_text()
    for mounted in re.findall(r"^\S+ \S+ \S+ \S+ (\S+) .* - nsfs ", text, re.M):
        subprocess.run(["umount", "-l", mounted.encode().decode("unicode_escape")], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    Path("/run/netns").mkdir()


class Place:
    """The sockets, and the ways to what a line needs."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        leave_namespaces()
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.factories = [self.factory("here", POPULATION)]
        (folder / "filter").write_bytes(FILTER)
        self.out = folder / "out"
        self.paths = {
            "@FILTER@": str(folder / "filter"), "@OUT@": str(self.out), "@NETNS@": str(self.second()),
            "@RECORDING@": str(builds.ROOT / "tests/golden/corpus/6.18/tcp.bin"),
            "@PAST@": str(builds.ROOT / "tests/golden/recordings/1.ss"), "@PART@": str(builds.ROOT / "tests/fuzz/seeds/partial/groups"), "@MADE@": str(folder / "made.ss"),
        }  # fmt: skip
        self.await_quiet()

    def factory(self, name, scenarios, *before):
        sockets = self.folder / name
        sockets.mkdir()
        proc = subprocess.Popen([*before, builds.find_mksock(), "-d", sockets, *scenarios],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=builds.environment())
        while proc.stdout.readline() not in (b"ready\n", b""):
            pass
        return proc

    def second(self):
        """A second namespace, by a process that is in it; it has a name."""
        subprocess.run(["ip", "netns", "add", "second"], check=True)
        enter = ["ip", "netns", "exec", "second"]
        proc = self.factory("there", ["listen", "udp"], *enter, "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
        self.factories.append(proc)
        return proc.pid

    def await_quiet(self):
        ss = self.build.ss
        for _ in range(600):
            out = subprocess.run([ss, "-Htano"], stdout=subprocess.PIPE, env=builds.environment()).stdout
            if b"timer:(" not in out:
                return
            time.sleep(0.05)
        raise RuntimeError("TCP timers are still running")


class Events(threading.Thread):
    """Makes and destroys a connection now and then, until it is told to end."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over = threading.Event()

    def run(self):
        linger = struct.pack("ii", 1, 0)
        with socket.create_server(("127.0.0.1", 0)) as server:
            while not self.over.wait(0.01):
                with socket.create_connection(server.getsockname()) as c, server.accept()[0]:
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


class Runner:
    def __init__(self, place):
        self.place = place
        build = place.build
        self.inject = builds.find_tool("../faults/inject")
        self.failalloc = build.dir / "tests/live/libfailalloc.so"

    def program(self, line):
        return self.place.build.ss if line.program == "ss" else self.place.build.dir / "tests/faults" / line.program

    def run(self, line, fault=None, counting=False):
        """Runs it; returns what it answered, and what the injector told."""
        self.place.out.unlink(missing_ok=True)
        events = Events() if line.events else None
        if events:
            events.start()
        try:
            if fault and fault.call == plan.MEMORY:
                return self.run_starved(line, fault.number)
            return self.run_injected(line, fault)
        finally:
            if events:
                events.over.set()
                events.join()

    def environment(self, line, **more):
        # A sanitizer's own search for leaks is for the end, where nothing is injected.
        return builds.environment(**line.env, **more)

    def file(self):
        return self.place.out.read_bytes() if self.place.out.exists() else b""

    def run_starved(self, line, number):
        told = self.place.folder / "allocations"
        told.unlink(missing_ok=True)
        env = self.environment(line, LD_PRELOAD=self.failalloc, FAIL_ALLOC=number, FAIL_UNREACHED=told)
        try:
            done = subprocess.run([self.program(line), *line.words], input=line.stdin, capture_output=True, env=env, timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            return verdict.Answer(None, b"", b"", done=1), []
        n = int(told.read_text() or 0) if told.exists() else number
        return verdict.Answer(done.returncode, done.stdout, done.stderr, self.file(), int(n >= number)), [n]

    def run_injected(self, line, fault):
        words = [self.inject, "-s", str(LIMIT_S)]
        if fault:
            words += ["-f", f"{fault.call}:{fault.number}:{fault.error}"] + ["-a"] * fault.lasting
        read, write = os.pipe()
        with open(read, "rb") as report, open(self.place.folder / "in", "w+b") as stdin:
            stdin.write(line.stdin)
            stdin.seek(0)
            proc = subprocess.Popen([*words, "-r", str(write), self.program(line), *line.words], pass_fds=[write], stdin=stdin,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(line))
            os.close(write)
            got = []
            reader = threading.Thread(target=lambda: got.append(report.read()))
            reader.start()
            out, err = proc.communicate()
            reader.join()
        told = [words.split(b" ", 3) for words in got[0].splitlines()]
        if proc.returncode or not told:
            raise RuntimeError(f"{line}: {fault}: the injector failed: {err.decode()}")
        how = told[-1]
        status = None if how[0] == b"late" else int(how[1]) * (-1 if how[0] == b"signal" else 1)
        return verdict.Answer(status, out, err, self.file(), int(told[-2][1])), told[:-2]


def sites(runner, line):
    """The answer without a fault, and the calls that could have one; None when it is not the same each time."""
    whole, told = runner.run(line)
    again, _ = runner.run(line)
    if whole.status != again.status or not verdict.is_same(line, whole, again):
        return whole, None, again
    calls = [(name.decode(), int(number), detail.decode()) for _, name, number, detail in told]
    return whole, calls, again


def try_line(runner, line, rng, share, counts, end):
    whole, calls, again = sites(runner, line)
    if calls is None:
        tell(kind="unsteady", line=str(line), out=whole.out.decode(errors="replace"), again=again.out.decode(errors="replace"))
        return
    if runner.place.build.is_sanitized:  # which asks the C library about its stack in each thread, and aborts
        calls = [call for call in calls if call[0] != "sched_getaffinity"]
    if not calls:
        raise RuntimeError(f"{line}: it did not begin: {whole.err.decode(errors='replace')}")
    n = 0
    if runner.failalloc.exists() and not line.events:
        _, (n,) = runner.run_starved(line, ALL)
    all_faults = plan.faults(rng, calls, n, bool(line.events))
    chosen = rng.sample(all_faults, min(share, len(all_faults)))
    tell(kind="line", line=str(line), calls=len(calls), allocations=n, faults=len(all_faults), tried=len(chosen))
    for fault in chosen:
        if time.monotonic() > end:
            tell(kind="cut", line=str(line))
            break
        got, _ = runner.run(line, fault)
        kind, why = verdict.judge(line, fault, whole, got)
        if not got.done:
            kind = "missed"
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "wrong":
            tell(kind=kind, line=str(line), fault=str(fault), why=why, status=got.status, err=got.err.decode(errors="replace")[:500],
                 differs=differences(whole.out, got.out))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", type=Path, required=True)
    p.add_argument("--folder", type=Path, required=True)
    p.add_argument("--seed", type=int, required=True)
    p.add_argument("--each", type=int, required=True, help="faults of a line")
    p.add_argument("--part", required=True, help="I/N: every Nth line from the Ith")
    p.add_argument("--minutes", type=float, required=True, help="shared among the lines")
    p.add_argument("--only", default="", help="lines that contain it")
    o = p.parse_args()
    end = time.monotonic() + o.minutes * 60
    place = Place(builds.Build(o.build), o.folder)
    part, n = map(int, o.part.split("/"))
    counts = {}
    mine = [(i, line) for i, line in enumerate(lines(place.paths)) if i % n == part and o.only in str(line)
            and (line.program == "ss" or (o.build / "tests/faults" / line.program).exists())]
    for k, (i, line) in enumerate(mine):
        now = time.monotonic()
        try_line(Runner(place), line, random.Random(f"{o.seed} {i}"), o.each, counts, now + (end - now) / (len(mine) - k))
    tell(kind="counts", counts=counts)
    for proc in place.factories:
        proc.kill()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
