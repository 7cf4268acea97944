# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Populations of sockets, each in a network namespace that is new and ends with it."""

import contextlib
import ctypes
import os
import subprocess
import time
from dataclasses import dataclass

NEWUSER, NEWNET = 0x10000000, 0x40000000
PER_PROCESS = 17800  # fewer than the usual limit of descriptors
CHILD_TABLE = "/proc/sys/net/ipv4/tcp_child_ehash_entries"
LIFETIME_S = {"wait": 55}  # TIME_WAIT lasts a minute


@dataclass(frozen=True)
class Population:
    kind: str
    sockets: int
    processes: int
    more: int = 0  # ports, or namespaces

    def __str__(self):
        what = {"tcp": "TCP", "wait": "TIME_WAIT", "udp": "UDP", "unix": "Unix", "mixed": "mixed", "spaces": "TCP"}
        text = f"{self.sockets:,} {what[self.kind]} sockets of {self.processes} process{'es' * (self.processes > 1)}"
        if self.kind == "spaces":
            return text + f" in {self.more} network namespaces"
        return text + (f" on {self.more} port{'s' * (self.more > 1)}" if self.more else "")


def of_size(kind, sockets, processes=None, more=0):
    """So many processes as the limit of descriptors asks for, and about 20 where there are enough sockets."""
    fewest = -(-sockets // PER_PROCESS)
    return Population(kind, sockets, processes or max(min(20, sockets // 500), fewest, 1), more)


def call(name, *args):
    """Calls a function of the C library that is 0 when it did what it should."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def enter_namespace():
    """A network namespace for this process and what it starts; for an ordinary user, who is its root, a user
    namespace too."""
    uid, gid = os.getuid(), os.getgid()
    try:
        call("unshare", NEWNET)
        return
    except PermissionError:
        call("unshare", NEWUSER | NEWNET)
    for name, text in [("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")]:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


@dataclass(frozen=True)
class Made:
    sockets: int  # how many the factory says it made
    until: float  # time.monotonic() to which they live
    pid: int  # of the factory, whose children hold them


@contextlib.contextmanager
def holding(tools, population, first=0):
    """Makes a population in the namespace this process is in; @first: how many processes made others there."""
    argv = [tools / "bench-sockets", population.kind, population.processes, population.sockets, population.more, first]
    began = time.monotonic()
    proc = subprocess.Popen([str(a) for a in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        told = proc.stdout.readline()
        if not told:
            raise SystemExit(f"bench: no population of {population}")
        yield Made(int(told), began + LIFETIME_S.get(population.kind, float("inf")), proc.pid)
    finally:
        proc.stdin.close()
        proc.wait()
        proc.stdout.close()


def enter_new(buckets):
    """A new network namespace; @buckets: with a TCP hash table of its own, of so many."""
    enter_namespace()
    if buckets:
        with open(CHILD_TABLE, "w") as file:
            file.write(str(buckets))
        enter_namespace()


@contextlib.contextmanager
def made(args, population, buckets=0):
    """Makes a population and moves this process into its namespace; @buckets: see enter_new()."""
    enter_new(buckets or args.table)
    with holding(args.tools, population) as there:
        yield there


@contextlib.contextmanager
def growing(args):
    """Moves this process into a namespace and yields what makes TCP sockets there: told how many there shall be, it
    adds what is missing, and tells how many there are, and of how many processes."""
    enter_new(args.table)
    sockets = processes = 0
    with contextlib.ExitStack() as parts:

        def grow(target):
            nonlocal sockets, processes
            missing = target - sockets
            more = max(of_size("tcp", target).processes - processes, -(-missing // PER_PROCESS))
            sockets += parts.enter_context(holding(args.tools, of_size("tcp", missing, more), processes)).sockets
            processes += more
            return sockets, processes

        yield grow
