# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""One walk by BPF gives the sockets of all network namespaces, and says of each in which one it is."""

import collections
import subprocess

import pytest

from lib import builds, kernel, netns

# What every namespace has, told as JSON: the namespace and the inode numbers of its sockets, and the ports of
# one that is in TIME-WAIT.
SOCKETS = """
import ctypes, json, os, subprocess
if {own_table}:
    for name in ("tcp_child_ehash_entries", "udp_child_hash_entries"):
        with open("/proc/sys/net/ipv4/" + name, "w") as f:
            f.write("1024")
    if ctypes.CDLL(None).unshare(0x40000000):
        raise OSError("unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

def made(family, address, kind):
    s = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    s.bind((address, 0))
    if kind == "listening":
        s.listen(8)
    keep.append(s)
    return s

inode = {{"connected": [], "listening": [], "bound": [], "udp": []}}
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    for kind in ("udp", "listening", "bound"):
        inode[kind].append(os.fstat(made(family, address, kind).fileno()).st_ino)
    for _ in range(20):
        c = socket.create_connection(keep[-2].getsockname()[:2])
        keep.insert(0, c)
        a, _ = keep[-2].accept()
        keep.insert(0, a)
        inode["connected"] += [os.fstat(s.fileno()).st_ino for s in (a, c)]
c = socket.create_connection(keep[-2].getsockname()[:2])
a, _ = keep[-2].accept()
ports = [c.getsockname()[1], c.getpeername()[1]]
c.close()
a.recv(1)
a.close()
print(json.dumps({{"netns": os.stat("/proc/self/ns/net").st_ino, "pid": os.getpid(), "ports": ports, **inode}}))
"""
TIME_WAIT = "6"


pytestmark = pytest.mark.usefixtures("walks")


@pytest.fixture(scope="module")
def spaces():
    """Three namespaces, the last of which has a table of connections of its own."""
    made = []
    try:
        for own_table in (False, False, True):
            made.append(netns.Script(SOCKETS.format(own_table=own_table)).start())
        yield made
    finally:
        for net in made:
            net.stop()


def told(net):
    return net.made[0]


def walk(net, kind, *others):
    """The lines for each inode number, the lines for each pair of ports, and how many tables were walked."""
    files = [f"/proc/{told(o).pid}/ns/net" for o in others]
    done = net.run([builds.find_tool("everywhere"), kind, *files])
    assert done.status == 0 and done.err == b"", done.err
    lines = [line.split() for line in done.out.decode().splitlines()]
    by_inode, by_ports = {}, {}
    for line in lines:
        if line != ["table"]:
            by_inode.setdefault(line[4], []).append(line)
            by_ports.setdefault(tuple(line[2:4]), []).append(line)
    return by_inode, by_ports, lines.count(["table"])


@pytest.mark.parametrize("kind", ["connected", "listening", "bound", "udp"])
def test_every_namespace(spaces, kind):
    if kind == "bound" and not kernel.LISTS_BOUND:
        pytest.skip("this kernel has no list of bound sockets")
    by_inode, by_ports, n = walk(spaces[0], kind, *spaces)
    # Connections and UDP sockets are in tables that a namespace can have for itself.
    assert n == (2 if kind in ("connected", "udp") else 1)
    for net in spaces:
        assert told(net).data[kind]
        for inode in told(net).data[kind]:
            assert [line[0] for line in by_inode[str(inode)]] == [str(told(net).netns)], kind
        if kind == "connected":
            found = by_ports[tuple(map(str, told(net).ports))]
            assert [line[1] for line in found if line[0] == str(told(net).netns)] == [TIME_WAIT]


def test_one_table(spaces):
    by_inode, _, n = walk(spaces[0], "connected")
    assert n == 1
    for net in spaces[:2]:
        assert {str(i) for i in told(net).connected} <= set(by_inode)
    assert not {str(i) for i in told(spaces[2]).connected} & set(by_inode)
    by_inode, _, n = walk(spaces[2], "connected")
    assert n == 1 and {str(i) for i in told(spaces[2]).connected} <= set(by_inode)
    assert not {str(i) for i in told(spaces[0]).connected} & set(by_inode)


@pytest.mark.parametrize("kind", ["connected", "bound", "udp"])
def test_cookies(spaces, kind, ss):
    """The kernel can be asked for sockets of the own namespace, which have a cookie then; others may have none."""
    if kind == "bound" and not kernel.LISTS_BOUND:
        pytest.skip("this kernel has no list of bound sockets")
    own = spaces[0]
    by_inode, _, _ = walk(own, kind)
    for net in spaces[:2]:
        cookies = [by_inode[str(i)][0][5] for i in told(net).data[kind]]
        assert "0" not in cookies
        if kind != "bound" and net is own:
            assert "-" not in cookies  # those of others may have been asked for by another test
    # Asked once, they have one.
    words = "-Huane" if kind == "udp" else "-Htane"
    for net in spaces[:2]:
        assert subprocess.run(net.inside([ss, "--source=netlink", words]), capture_output=True).returncode == 0
    by_inode, _, _ = walk(own, kind)
    for net in spaces[:2]:
        assert not [i for i in told(net).data[kind] if by_inode[str(i)][0][5] in ("-", "0")]


def test_counts(spaces):
    """What is counted in the kernel for each namespace and state is what a walk finds."""
    done = spaces[0].run([builds.find_tool("everywhere"), "count"])
    assert done.status == 0 and done.err == b"", done.err
    counted = collections.Counter()
    for line in done.out.decode().splitlines():
        space, state, n = map(int, line.split())  # of each address family
        counted[space, state] += n
    for net in spaces:
        mine = {state: n for (space, state), n in counted.items() if space == told(net).netns}
        bound = len(told(net).bound) if kernel.LISTS_BOUND else 0
        here = {1: len(told(net).connected), 6: 1, 7: bound} if net is not spaces[2] else {7: bound}
        assert mine == {state: n for state, n in here.items() if n}
