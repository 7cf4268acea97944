# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""-r with an rpcbind that names the ports of RPC programs."""

from pathlib import Path

import pytest

from lib import compare, netns

# A daemon on its usual socket, in a mount namespace whose /run is empty.
DAEMON = r"""
import os, struct, threading
ENTRIES = [
    (100000, "tcp6", "::.0.111"), (100000, "udp", "0.0.0.0.0.111"), (100003, "tcp", "0.0.0.0.8.1"),
    (100227, "tcp", "0.0.0.0.8.1"), (100003, "udp", "0.0.0.0.8.1"), (100024, "tcp", "0.0.0.0.200.1"),
    (100024, "udp6", "::.200.2"), (100021, "tcp", "127.0.0.1.200.3"), (555555, "tcp", "0.0.0.0.200.4"),
    (100005, "tcp", "::.200.6"), (100005, "tcp6", "0.0.0.0.200.7"), (100005, "local", "/run/rpcbind.sock"),
    (100017, "tcp", "0.0.0.0.200.9"), (100005, "tcp", "0.0.0.0.0.22"),
]

def number(*v):
    return struct.pack(f">{len(v)}I", *v)

def text(s):
    return number(len(s)) + s.encode() + bytes(-len(s) % 4)

def serve(daemon):
    while True:
        client = daemon.accept()[0]
        xid = client.recv(4096)[4:8]
        reply = xid + number(1, 0, 0, 0, 0)
        for program, netid, address in ENTRIES:
            reply += number(1, program, 2) + text(netid) + text(address) + text("superuser")
        reply += number(0)
        client.sendall(number(1 << 31 | len(reply)) + reply)
        client.close()

for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
    for port in 22, 111, 2049, 51201, 51202, 51203, 51204, 51206, 51207, 51209:
        s = socket.socket(socket.AF_INET, kind)
        s.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            s.listen()
        keep.append(s)
daemon = socket.socket(socket.AF_UNIX)
daemon.bind("/var/run/rpcbind.sock")
daemon.listen()
threading.Thread(target=serve, args=[daemon], daemon=True).start()
"""

LINES = [
    ["-tulr"],
    ["-tulnr"],
    ["-tul"],
    ["-xtalr"],
    ["-tulr", "sport = rpc.nfs"],
    ["-tulr", "sport = rpc.nfs_acl or sport = :rpc.portmapper"],
    ["-tlr", "src 127.0.0.1:rpc.rexd"],
    ["-tlr", "sport >= rpc.rexd"],
    ["-ulr", "sport = rpc.status"],
    ["-tulr", "sport = rpc.status"],
    ["-tlr", "sport = rpc.mountd"],
    ["-tlr", "sport = rpc.llockmgr"],
    ["-tlr", "sport = rpc.sunrpc"],
    ["-tl", "sport = rpc.nfs"],
    ["-tlnr", "sport = rpc.nfs"],
]


@pytest.fixture(scope="module")
def rpc():
    if not Path("/etc/rpc").exists():
        pytest.skip("no /etc/rpc: programs have no names here")
    net = netns.Script(DAEMON, "mount -t tmpfs none /run").start()
    yield net
    net.stop()


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_names(ss, ref, rpc, line):
    if not ref.is_exact:
        pytest.skip("the reference is older than 7.0")
    theirs, ours = rpc.run([ref.path, *line]), rpc.run([ss, *line])
    assert ours.out == theirs.out, compare.difference(theirs.out, ours.out)
    assert bool(ours.status) == bool(theirs.status)


def test_names_are_there(ss, rpc):
    """What the comparison is about, also where there is nothing to compare with."""
    shown = {line.split()[4].rpartition(":")[2] for line in rpc.run([ss, "-Htulr"]).lines}
    assert {"rpc.nfs", "rpc.nfs_acl", "rpc.status", "rpc.mountd", "rpc.rexd", "51203", "51204"} <= shown
    shown = rpc.run([ss, "-Htul"]).out
    assert shown and b"rpc." not in shown
