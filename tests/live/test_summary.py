# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The figures of `ss -s` in a network namespace of which every socket is known, beside another one."""

import ctypes
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SKIP = 77


def enter_new_net():
    libc = ctypes.CDLL(None, use_errno=True)
    flags = CLONE_NEWNET | (CLONE_NEWUSER if os.geteuid() else 0)
    if libc.unshare(flags):
        print(f"no network namespace: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        sys.exit(SKIP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # lo up
        fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"lo", 0x1))


def tcp_table():
    """How many sockets are in which state; those of the TIME-WAIT kind apart."""
    found = Counter()
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/thread-self/net", name).read_text().splitlines()[1:]:
            words = line.split()
            found["minisocket" if words[5].startswith("03:") else words[3]] += 1
    return dict(found)


def wait_for(**want):
    want = {k.lstrip("s"): v for k, v in want.items()}
    deadline = time.monotonic() + 20
    while tcp_table() != want:
        if time.monotonic() > deadline:
            sys.exit(f"sockets are {tcp_table()}, not {want}")
        time.sleep(0.01)


class Sockets:
    def __init__(self, addr, family=socket.AF_INET):
        self.family = family
        self.keep = []
        self.listener = socket.socket(family)
        self.listener.bind((addr, 0))
        self.listener.listen(50)

    def pair(self):
        client = socket.create_connection(self.listener.getsockname()[:2])
        server = self.listener.accept()[0]
        self.keep += [client, server]
        return client, server


def fill(s):
    s.setblocking(False)
    try:
        while True:
            s.send(bytes(65536))
    except BlockingIOError:
        pass


def orphan_in_fin_wait_1(sockets):
    client, _server = sockets.pair()
    fill(client)
    client.close()


def orphan_in_last_ack(sockets):
    client, server = sockets.pair()
    server.shutdown(socket.SHUT_WR)
    while client.recv(1):
        pass
    fill(client)
    client.close()


def child(program):
    """Makes the sockets; prints what the program says of them at each stage."""
    stages = {}

    def stage(name, **want):
        wait_for(**want)
        run = subprocess.run([program, "-s"], capture_output=True, text=True)
        stages[name] = [run.returncode, run.stdout, run.stderr]

    # The neighbour: a namespace whose sockets the host-wide counters include.
    enter_new_net()
    other = Sockets("127.0.0.1")
    for _ in range(3):
        orphan_in_fin_wait_1(other)
        other.keep.append(socket.socket())
    wait_for(s0A=1, s01=3, s04=3)

    enter_new_net()
    stage("empty")
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    stage("bound")
    here = Sockets("127.0.0.1")
    here.pair()
    stage("pair", s0A=1, s01=2)

    client, server = here.pair()
    client.close()
    server.recv(1)  # its end has arrived: or else both ends would be in TIME-WAIT
    server.close()
    stage("time-wait", s0A=1, s01=2, minisocket=1)

    client, _server = here.pair()
    client.close()  # FIN-WAIT-2 without the memory of a socket: not an orphan, but counted as TIME-WAIT
    stage("fin-wait-2 minisocket", s0A=1, s01=2, s08=1, minisocket=2)

    orphan_in_fin_wait_1(here)
    stage("fin-wait-1", s0A=1, s01=3, s08=1, s04=1, minisocket=2)
    orphan_in_last_ack(here)
    stage("last-ack", s0A=1, s01=3, s08=1, s04=1, s09=1, s05=1, minisocket=2)

    pending = socket.create_connection(here.listener.getsockname())  # accepted by nobody: no inode, no orphan
    stage("not accepted", s0A=1, s01=5, s08=1, s04=1, s09=1, s05=1, minisocket=2)

    here6 = Sockets("::1", socket.AF_INET6)
    here6.pair()
    orphan_in_fin_wait_1(here6)
    stage("ipv6", s0A=2, s01=8, s08=1, s04=2, s09=1, s05=1, minisocket=2)
    pending.close()
    print(json.dumps(stages))


def figures(stage):
    status, out, errors = stage
    assert status == 0 and errors == ""
    found = re.fullmatch(
        r"Total: (\d+)\n"
        r"TCP:   (\d+) \(estab (\d+), closed (\d+), orphaned (\d+), timewait (\d+)\)\n\n"
        r"Transport Total     IP        IPv6\n((?:[A-Z]+\t  (?:\d+ +){2}\d+ +\n){5})\n",
        out,
    )
    assert found, out
    table = {line.split()[0]: tuple(map(int, line.split()[1:])) for line in found[7].splitlines()}
    assert list(table) == ["RAW", "UDP", "TCP", "INET", "FRAG"]
    return tuple(map(int, found.groups()[1:6])), table["TCP"]


def test_figures_of_a_namespace():
    import pytest

    from lib.kernel import LISTS_BOUND

    n = int(LISTS_BOUND)  # of the bound socket nothing else tells
    for build in os.environ.get("SOCKEYE_BUILDS", "build").split(":"):
        program = ROOT / build / "ss"
        run = subprocess.run([sys.executable, __file__, program], capture_output=True, text=True)
        if run.returncode == SKIP:
            pytest.skip(run.stderr.strip())
        assert run.returncode == 0, run.stderr
        got = {name: figures(stage) for name, stage in json.loads(run.stdout).items()}
        #                                  all est closed orphans tw   TCP: sum v4 v6
        assert got == {
            "empty":                      ((0, 0, 0, 0, 0), (0, 0, 0)),
            "bound":                      ((0 + n, 0, 0 + n, 0, 0), (0, 0, 0)),
            "pair":                       ((3 + n, 2, 0 + n, 0, 0), (3, 3, 0)),
            "time-wait":                  ((4 + n, 2, 1 + n, 0, 1), (3, 3, 0)),
            "fin-wait-2 minisocket":      ((6 + n, 3, 2 + n, 0, 2), (4, 4, 0)),
            "fin-wait-1":                 ((8 + n, 4, 2 + n, 1, 2), (6, 6, 0)),
            "last-ack":                   ((10 + n, 4, 2 + n, 2, 2), (8, 8, 0)),
            "not accepted":               ((12 + n, 6, 2 + n, 2, 2), (10, 10, 0)),
            "ipv6":                       ((17 + n, 9, 2 + n, 3, 2), (15, 10, 5)),
        }  # fmt: skip


if __name__ == "__main__":
    child(sys.argv[1])
