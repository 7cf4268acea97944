# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What waits: connections at listeners, bytes at connections, and in the overview whoever does not keep up."""

import csv
import json
import re

import pytest

from lib import netns

# A full accept queue of every kind and one with room, a listener that counts drops although all is well, and a UDP
# socket that drops. What arrives is waited for: a listener's queue in /proc/net, drops in SO_MEMINFO.
SOCKETS = r"""
import struct, time
SO_MEMINFO, IPPROTO_MPTCP, DROPS = 55, 262, 8

def wait(what, holds):
    end = time.monotonic() + 30
    while not holds():
        if time.monotonic() > end:
            sys.exit("waited in vain for " + what)
        time.sleep(0.01)

def waiting(port):
    lines = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
    return sum(int(w[4].split(":")[1], 16) for w in lines if w[3] == "0A" and w[1].endswith(":%04X" % port))

def dropped(s):
    return struct.unpack("9I", s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))[DROPS]

def listener(port, limit, n, protocol=0, *options):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    keep.append(s)
    for option in options:
        s.setsockopt(*option)
    s.bind(("127.0.0.1", port))
    s.listen(limit)
    for _ in range(n):
        c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
        keep.append(c)
        c.connect(s.getsockname())
    return s

for port, limit, n in ((7301, 3, 4), (7302, 200, 20), (7303, 0, 1), (7304, 5, 4), (7305, 4, 3)):
    listener(port, limit, n)
    wait(f"{n} connections", lambda: waiting(port) == n)
try:
    listener(7310, 2, 3, IPPROTO_MPTCP)
    wait("MPTCP", lambda: waiting(7310) == 3)
except OSError as e:
    print('{"skip": "mptcp", "why": "%s"}' % e.strerror)
deferred = listener(7320, 100, 20, 0, (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30))
wait("drops", lambda: dropped(deferred) == 20)
for kind, name, limit, n in ((socket.SOCK_STREAM, "full", 1, 2), (socket.SOCK_SEQPACKET, "idle", 9, 1)):
    u = socket.socket(socket.AF_UNIX, kind)
    u.bind("\0" + name)
    u.listen(limit)
    keep.append(u)
    for _ in range(n):
        keep.append(socket.socket(socket.AF_UNIX, kind))
        keep[-1].connect("\0" + name)
def share(port, n, *options):
    # At 7342 the listeners are of one address and of any, and share nothing.
    for address in ("127.0.0.1", "0.0.0.0") if port == 7342 else ("127.0.0.1", "127.0.0.1"):
        s = socket.socket()
        keep.append(s)
        for option in ((socket.SOL_SOCKET, socket.SO_REUSEPORT, 1), *options):
            s.setsockopt(*option)
        s.bind((address, port))
        s.listen(100)
    for _ in range(n):
        keep.append(socket.create_connection(("127.0.0.1", port)))
DEFER = (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60)
share(7340, 9)
wait("9 connections", lambda: waiting(7340) == 9)
share(7341, 4, DEFER)
share(7342, 3, DEFER)
keep.append(socket.create_connection(("127.0.0.2", 7342)))
both = socket.socket(socket.AF_INET6)
keep.append(both)
both.setsockopt(*DEFER)
both.bind(("::", 7343))
both.listen(100)
for address in ("127.0.0.1", "::1", "::1"):
    keep.append(socket.create_connection((address, 7343)))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
udp.bind(("127.0.0.1", 7330))
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(30):
    other.sendto(bytes(100), udp.getsockname())
wait("drops of UDP", lambda: dropped(udp) > 0)
keep += [deferred, udp, other]
a = socket.create_connection(("127.0.0.1", 7302))
a.send(bytes(5000))
keep.append(a)
wait("one more", lambda: waiting(7302) == 21)
"""

# Fill of what is nearly full, and the others' ports.
FULL = {7301: 4 / 3, 7303: 2, 7304: 0.8}
REST = {7302: 21 / 200, 7305: 0.75, 7320: 0}


# Said where the machine has very many sockets, as it does beside other tests.
OF_MANY = b"bound but neither listen nor connect are left out"


@pytest.fixture(scope="module")
def busy():
    net = netns.Script(SOCKETS).start()
    yield net
    net.stop()


def run(ss, busy, *words):
    result = busy.run([ss, *words])
    err = [line for line in result.err.splitlines() if OF_MANY not in line]
    assert (result.status, err) == (0, [])
    return result.out.decode()


def records(ss, busy, *words):
    return json.loads(run(ss, busy, "--json", *words))["sockets"]


def test_listeners_have_connections(ss, busy):
    found = {s["local"]["port"]: s for s in records(ss, busy, "-tln")}
    assert {port: found[port]["accept"]["fill"] for port in (*FULL, *REST)} == FULL | REST
    assert found[7301]["accept"] == {"queue": 4, "limit": 3, "fill": 4 / 3}
    assert not any("recvq" in s or "sendq" in s for s in found.values())
    unix = {s["unix"]["name"]: s.get("accept") for s in records(ss, busy, "-xl") if "unix" in s}
    assert unix["@full"] == {"queue": 2, "limit": 1, "fill": 2}
    assert unix["@idle"] == {"queue": 1, "limit": 9, "fill": 1 / 9}


def test_connections_have_bytes(ss, busy):
    found = records(ss, busy, "-tn", "state", "established")
    assert all("recvq" in s and "sendq" in s and "accept" not in s for s in found)
    assert sum(s["recvq"] for s in found) == 5000


def test_the_classic_text_stays(ss, busy):
    lines = [line.split()[:4] for line in run(ss, busy, "-tlnH").splitlines()]
    assert ["LISTEN", "4", "3", "127.0.0.1:7301"] in lines and ["LISTEN", "21", "200", "127.0.0.1:7302"] in lines


def test_handshakes(ss, busy):
    """Behind the listener that the kernel chose: of its address, or of any, which an IPv6 one may be for IPv4 too."""
    columns = "--columns=local.addr,local.port,accept.syn"
    found = records(ss, busy, "-tln", columns, "sport = 7301,7320,7342,7343")
    assert {(s["local"]["addr"], s["local"]["port"]): s["accept"]["syn"] for s in found} == {
        ("127.0.0.1", 7301): 0, ("127.0.0.1", 7320): 20, ("127.0.0.1", 7342): 3, ("0.0.0.0", 7342): 1, ("::", 7343): 3
    }  # fmt: skip
    assert {s["local"]["port"] for s in records(ss, busy, "-tn", columns, "accept.syn >= 3")} == set()
    assert {s["local"]["port"] for s in records(ss, busy, "-tln", "accept.syn >= 3")} == {7320, 7342, 7343}
    mptcp = [] if "mptcp" in busy.skipped else records(ss, busy, "-Mln", columns)
    assert all(s["accept"] == {"syn": 0} for s in mptcp)
    assert all("accept" not in s for s in records(ss, busy, "-xl", "-aun", "--columns=netid,accept.syn"))


def test_shared_ports(ss, busy):
    """Whose group it is, and how what waits is spread; nobody tells behind which member a handshake is."""
    found = records(ss, busy, "-tln", "--columns=local.port,inode,accept.queue,accept.syn,reuseport.*", "sport >= 7340")
    groups = {port: [s for s in found if s["local"]["port"] == port] for port in (7340, 7341)}
    assert [s["local"]["port"] for s in found if "reuseport" not in s] == [7342, 7342, 7343]
    for port, queue, syn in ((7340, 9, 0), (7341, 0, 4)):
        a, b = groups[port]
        for s in (a, b):
            share = s["reuseport"].pop("share")
            assert share == (s["accept"]["queue"] / queue if queue else 0)
            assert s["reuseport"] == {"group": min(a["inode"], b["inode"]), "size": 2, "queue": queue, "syn": syn}
            assert s["accept"].get("syn") == (None if syn else 0)
        assert a["accept"]["queue"] + b["accept"]["queue"] == queue
    assert {s["local"]["port"] for s in records(ss, busy, "-tln", "reuseport.size = 2")} == {7340, 7341}


def test_handshakes_are_not_known_from_proc(ss, busy):
    found = records(ss, busy, "-tln", "--source=proc", "--columns=local.port,accept.queue,accept.syn,reuseport.size")
    assert found and not any("reuseport" in s or "syn" in s["accept"] for s in found)


def test_every_format(ss, busy):
    columns = "--columns=local.port,recvq,sendq,accept.queue,accept.limit,accept.fill"
    only = ("-tln", "sport = :7301", columns)
    want = {"local": {"port": 7301}, "accept": {"queue": 4, "limit": 3, "fill": 4 / 3}}
    assert json.loads(run(ss, busy, "--format=ndjson", *only)) == want
    assert list(csv.DictReader(run(ss, busy, "--format=csv", *only).splitlines())) == [
        {"local.port": "7301", "recvq": "", "sendq": "", "accept.queue": "4", "accept.limit": "3",
         "accept.fill": repr(4 / 3)}
    ]  # fmt: skip
    assert run(ss, busy, "--format=table", *only).splitlines()[1].split() == "7301 - - 4! 3 133.3%".split()
    samples = [line for line in run(ss, busy, "--format=openmetrics", *only).splitlines() if not line.startswith("#")]
    assert [re.sub('query="[^"]*",?', "", line) for line in samples] == [
        'sockeye_accept_queue{local_port="7301"} 4',
        'sockeye_accept_limit{local_port="7301"} 3',
        'sockeye_accept_fill_ratio{local_port="7301"} ' + repr(4 / 3),
        "sockeye_records_left_out{} 0",
        "sockeye_complete{} 1",
    ]


def test_counted_sorted_and_filtered(ss, busy):
    by = "--by=state,sum(recvq),sum(accept.queue),max(accept.fill)"
    groups = {g["state"]: g for g in json.loads(run(ss, busy, "-tan", "--json", by))["groups"]}
    assert "sum(recvq)" not in groups["listening"] and groups["listening"]["max(accept.fill)"] == 2
    assert groups["established"]["sum(recvq)"] == 5000 and "sum(accept.queue)" not in groups["established"]
    ports = [s["local"]["port"] for s in records(ss, busy, "-tln", "--sort=accept.fill,local.port", "--limit=3")]
    assert ports[:2] in ([7303, 7310], [7303, 7301]) and 7301 in ports
    for words, want in {"accept.fill >= 80%": set(FULL), "accept.fill > 1": {7301, 7303}, "recvq >= 0": set()}.items():
        found = {s["local"]["port"] for s in records(ss, busy, "-tln", words)}
        assert found & {*FULL, *REST} == want


def test_default_columns(ss, busy):
    """Those that the sockets asked for can have."""
    header = {what: run(ss, busy, what, "--format=csv").splitlines()[0].split(",") for what in ("-tln", "-tn", "-tan", "-uan")}
    queues = {what: [c for c in names if c.endswith("q") or c.startswith("accept")] for what, names in header.items()}
    assert queues == {
        "-tln": ["accept.queue", "accept.limit", "accept.fill"],
        "-tn": ["recvq", "sendq"],
        "-tan": ["recvq", "sendq", "accept.queue", "accept.limit", "accept.fill"],
        "-uan": ["recvq", "sendq"],
    }


def overview(ss, busy, *words):
    found = json.loads(run(ss, busy, "--summary=full", "--json", *words))
    assert found["complete"] is True
    return found


def test_what_does_not_keep_up(ss, busy):
    """The fullest first; not what waits where there is room, nor drops of deferred connections."""
    found = [q for q in overview(ss, busy)["accept_queues"] if q["netid"] != "mptcp"]
    assert [(q["netid"], q.get("local", {}).get("port"), q["accept"]["fill"]) for q in found] == [
        ("tcp", 7303, 2), ("u_str", None, 2), ("tcp", 7301, 4 / 3), ("tcp", 7304, 0.8)
    ]  # fmt: skip
    assert found[1]["unix"]["name"] == "@full"
    assert all(q["process"][0]["name"].startswith("python") for q in found)


def test_mptcp_is_told_once(ss, busy):
    if "mptcp" in busy.skipped:
        pytest.skip("no MPTCP: " + busy.skipped["mptcp"])
    found = [q for q in overview(ss, busy)["accept_queues"] if q.get("local", {}).get("port") == 7310]
    assert [(q["netid"], q["accept"]) for q in found] == [("mptcp", {"queue": 3, "limit": 2, "fill": 1.5})]
    found = [q for q in overview(ss, busy, "-t")["accept_queues"] if q["local"]["port"] == 7310]
    assert [q["netid"] for q in found] == ["tcp"]


def test_udp_that_drops(ss, busy):
    (found,) = overview(ss, busy)["udp_drops"]
    assert found["local"] == {"addr": "127.0.0.1", "port": 7330}
    assert found["mem"]["drops"] > 0 and found["recvq"] > 0 and found["mem"]["rcvbuf"] == 4096


def test_namespaces_have_names(ss, busy):
    if not busy.has_real_root:
        pytest.skip("seeing other namespaces needs root")
    found = overview(ss, busy, "-N", "all", "sport = :7301 or sport = :7330 or dport = :7302")
    (full,), (drops,) = found["accept_queues"], found["udp_drops"]
    assert full["netns"] == drops["netns"] == found["local_ports"][0]["netns"]
    text = run(ss, busy, "--summary=full", "-N", "all", "sport = :7301")
    assert f"\n{full['netns']}  tcp" in text
    assert all("netns" not in q for q in overview(ss, busy)["accept_queues"])


def test_the_limit_is_not_known_from_proc(ss, busy):
    found = {s["local"]["port"]: s["accept"] for s in records(ss, busy, "-tln", "--source=proc")}
    assert found[7301] == {"queue": 4}
    result = busy.run([ss, "--summary=full", "--json", "-t", "--source=proc"])
    found = json.loads(result.out)
    assert found["accept_queues"] == []
    assert (result.status, found["complete"], [n["level"] for n in found["notes"]]) == (3, False, ["error"])
    assert "/proc/net does not tell accept.limit" in found["notes"][0]["text"]
