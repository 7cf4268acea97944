# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Descriptors of sockets that are in no table: of a program that leaks them, and of none else."""

import csv
import json
from collections import Counter

import pytest

from lib import kernel, netns, seccomp

NOBODY = 65534

# What is in no table, then what is in one, and a process of a user with one of each.
TEXT = """
import ctypes, json, os, struct
l = socket.create_server(("127.0.0.1", 7401))
keep += [socket.socket() for _ in range(5)]
keep += [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(3)]
keep.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
for _ in range(4):
    c = socket.create_connection(("127.0.0.1", 7401))
    a = l.accept()[0]
    a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    a.close()
    keep.append(c)
keep.append(keep[0].dup())

keep.append(l)
bound = socket.socket()
bound.bind(("127.0.0.1", 7402))
keep.append(bound)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 7403))
keep.append(udp)
keep += [*socket.socketpair(), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_PACKET, socket.SOCK_RAW)]
keep.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, 253))
ready, tell = os.pipe()
child = os.fork()
if child == 0:
    for s in keep:
        s.close()
    keep = [socket.socket()]
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1)  # what changed its user is root's otherwise
    os.write(tell, b"x")
    sys.stdin.read()
    os._exit(0)
os.read(ready, 1)
print(json.dumps({"kind": "pids", "parent": os.getpid(), "child": child}))
"""

LOOSE = {
    ("inet", "tcp", "never-bound"): 5,
    ("inet6", "udp", "never-bound"): 3,
    ("netlink", "nl", "never-bound"): 1,
    ("inet", "tcp", "closed"): 4,
}


@pytest.fixture(scope="module")
def net():
    with netns.script_of_root(TEXT, "another user needs root") as net:
        yield net


def of(net, who):
    return f"process.pid = {net.find('pids')[0].data[who]}"


def listed(net, argv, uid=None):
    """Whoever may not look into all processes, be it root, is told that this is not the whole answer."""
    out = net.run([*argv, "--csv"], uid=uid)
    is_part = b"may not be looked into" in out.err or b"may be in a table or in none" in out.err
    assert out.status == (3 if is_part else 0), out.err
    return [(r["family"], r["netid"], r["unbound.why"]) for r in csv.DictReader(out.lines)]


@pytest.mark.parametrize("source", ["auto", "bpf"])
def test_each_once(net, ss, source, request):
    if source == "bpf":
        request.getfixturevalue("walks")
    assert Counter(listed(net, [ss, "--unbound", f"--source={source}", of(net, "parent")])) == LOOSE


def test_without_the_right_to_trace(net, ss):
    """The protocol tells as much; that a connection was reset is not to be seen. Where bound sockets of TCP are in no
    list, they cannot be told from what has no port; nor can the sockets of other namespaces anywhere."""
    words = [*seccomp.without("getfd"), ss, "--unbound", "--source=netlink", of(net, "parent")]
    others = {("inet6", "udp"): 3, ("netlink", "nl"): 1}
    found = Counter((family, netid) for family, netid, _ in listed(net, words))
    assert found == ({("inet", "tcp"): 9, **others} if kernel.LISTS_BOUND else others)
    words = [*kernel.older(), *words]
    assert Counter((family, netid) for family, netid, _ in listed(net, words)) == others
    out = net.run(words)
    assert out.status == 3 and b"may be in a table or in none" in out.err


def test_groups(net, ss):
    out = net.run([ss, "--unbound", of(net, "parent"), "unbound.why = closed"])
    assert [line.split()[2:6] for line in out.lines] == [["FAMILY", "NETID", "WHY", "COUNT"], ["inet", "tcp", "closed", "4"]]
    out = net.run([ss, "--unbound", of(net, "parent"), "--by=process.name", "--json"])
    assert [g["count"] for g in json.loads(out.out)["groups"]] == [13]


def test_of_a_user(net, ss_of_all):
    assert listed(net, [ss_of_all, "--unbound"], uid=NOBODY) == [("inet", "tcp", "never-bound")]
    out = net.run([ss_of_all, "--unbound", "--json"], uid=NOBODY)
    assert out.status == 3 and json.loads(out.out)["complete"] is False


def missing(answer):
    """Notes of what is not there, but for processes of tests beside this one."""
    return [n for n in answer["notes"] if n["level"] != "hint" and "may not be looked into" not in n["text"]]


def test_in_the_overview(net, ss):
    out = net.run([ss, "--summary=full", "--json"])
    found = json.loads(out.out)
    pid = net.find("pids")[0].parent
    mine = {(g["family"], g["netid"], g["unbound"]["why"]): g["count"] for g in found["unbound"] if g["process"]["pid"] == pid}
    assert mine == LOOSE
    assert not missing(found) and all("state" in k or k["netid"] in ("nl", "p_raw") for k in found["kinds"])
