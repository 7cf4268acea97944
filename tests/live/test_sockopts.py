# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What the options of live sockets are set to: by both ways, and for whom."""

import csv
import json
import re

import pytest

from lib import netns

NOBODY = 65534

TEXT = """
import os, struct

def connected(port, protocol=0):
    l = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    l.bind(("127.0.0.1", port))
    l.listen()
    c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    c.connect(("127.0.0.1", port))
    keep.extend([l, l.accept()[0], c])
    return c

c = connected(7301)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30500)
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 5))
u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
u.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
u.bind("\\0test-sockopts")
keep.append(u)
keep += [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
keep[-2].bind(("127.0.0.1", 7304))
for n in (100, 200, 0, 50):
    keep[-1].sendto(bytes(n), ("127.0.0.1", 7304))
keep += socket.socketpair()
keep[-1].send(bytes(1234))
try:
    connected(7302, 262).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
except OSError:
    pass
ready, tell = os.pipe()
if os.fork() == 0:
    for s in keep:
        s.close()
    keep.clear()
    os.setgid(65534)
    os.setuid(65534)
    import ctypes
    ctypes.CDLL(None).prctl(4, 1)  # what changed its user is root's otherwise
    connected(7303).setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    os.write(tell, b"x")
    sys.stdin.read()
    os._exit(0)
os.read(ready, 1)
"""


@pytest.fixture(scope="module")
def net():
    with netns.script_of_root(TEXT, "another user needs root") as net:
        yield net


def by_ports(net, ss, *words, uid=None, status=0):
    out = net.run([ss, "-tan", *words, "--csv", "--columns=local.port,peer.port,opt.*"], uid=uid)
    assert out.status == status, out.err
    return {(r.pop("local.port"), r.pop("peer.port")): r for r in csv.DictReader(out.lines)}


@pytest.mark.parametrize("source", ["netlink", "bpf"])
def test_options(net, ss, source, request):
    if source == "bpf":
        request.getfixturevalue("walks")
    rows = by_ports(net, ss, f"--source={source}", "dport = 7301")
    (row,) = rows.values()
    row.pop("opt.congestion_set")  # only BPF tells
    assert row.pop("opt.congestion")
    assert row == {
        "opt.nodelay": "1", "opt.cork": "0", "opt.keepalive": "1", "opt.keepidle": "60000", "opt.keepintvl": "10000",
        "opt.keepcnt": "3", "opt.user_timeout": "30500", "opt.linger": "5000", "opt.reuseaddr": "0", "opt.reuseport": "0",
        "opt.notsent_lowat": "0", "opt.rcvbuf_locked": "0", "opt.sndbuf_locked": "0",
    }  # fmt: skip
    out = net.run([ss, f"--source={source}", "-tanH", "--sockopts", "dport = 7301"])
    assert out.lines[0].endswith(" sockopts:(nodelay keepalive:60s/10s/3 user_timeout:30500ms linger:5s)")
    # In records as many as the text has, and those that it leaves out.
    out = net.run([ss, f"--source={source}", "-tan", "--sockopts", "--json", "dport = 7301"])
    (told,) = json.loads(out.out)["sockets"]
    told["opt"].pop("congestion_set", None)
    assert told["opt"].pop("congestion")
    assert {f"opt.{k}": str(v) for k, v in told["opt"].items()} == row
    out = net.run([ss, f"--source={source}", "-xaH", "--sockopts", "src = @test-sockopts"])
    assert out.lines[0].endswith(" sockopts:(sndbuf_locked)")


def test_both_ways_tell_the_same(net, ss, walks):
    ways = [by_ports(net, ss, f"--source={source}") for source in ("netlink", "bpf")]
    for rows in ways:
        for row in rows.values():
            del row["opt.congestion_set"]
    assert ways[0] == ways[1] and len(ways[0]) >= 6


@pytest.mark.parametrize("source, payload", [("proc", ",,100"), ("bpf", "350,4,100")])
def test_queues_in_payload(net, ss, walks, source, payload):
    out = net.run([ss, "-uan", f"--source={source}", "sport = 7304", "--csv", "--columns=payload.*"])
    assert out.lines[1:] == [payload]
    tables = "bpf" if source == "bpf" else "netlink"
    out = net.run([ss, "-xan", f"--source={tables}", "payload.recvq = 1234", "--csv", "--columns=payload.*"])
    assert out.status == 0 and out.lines[1:] == ["1234,,"]


@pytest.mark.parametrize("source", ["netlink", "bpf"])
def test_mptcp(net, ss, source):
    out = net.run([ss, "-Man", f"--source={source}", "dport = 7302", "--csv", "--columns=opt.nodelay,opt.linger"])
    if len(out.lines) < 2:
        pytest.skip("no MPTCP here")
    assert out.lines == ["opt.nodelay,opt.linger", "1,"]


def test_of_a_user(net, ss_of_all):
    """His own he sees, of others he hears how many there are."""
    rows = by_ports(net, ss_of_all, "dport = 7303", uid=NOBODY)
    assert [r["opt.keepalive"] for r in rows.values()] == ["1"]
    out = net.run([ss_of_all, "-tan", "opt.keepalive = 1", "--json", "--columns=peer.port"], uid=NOBODY)
    told = json.loads(out.out)
    assert out.status == 3 and not told["complete"]
    assert [r["peer"]["port"] for r in told["sockets"]] == [7303]
    (note,) = [n["text"] for n in told["notes"] if "options" in n["text"]]
    assert re.match(r"the options of \d+ sockets could not be seen, and the answer depends on them", note)
    # In the text, what is not known is not "nothing is set".
    out = net.run([ss_of_all, "-Htn", "--sockopts"], uid=NOBODY)
    assert {":7303" in line for line in out.lines} == {True, False}
    assert all(("sockopts:(" in line) == (":7303" in line) for line in out.lines), out.lines


def test_recordings_have_none(net, ss, tmp_path):
    net.run([ss, "-taD", tmp_path / "tcp"])
    out = net.run([ss, "-tan", "--json", "--columns=opt.nodelay"], env={"TCPDIAG_FILE": tmp_path / "tcp"})
    assert b"nodelay" not in out.out.split(b'"notes"')[0] and b"could not be seen" in out.out
