# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Who is at the other end, also in another network namespace, and who began."""

import json
import shutil

import pytest

from lib import netns

NOBODY = 65534

# One process listens, in a namespace of its own; of its children "near" is in the same, and "far" in another that is
# reached by a pair of interfaces and, for 10.99.0.1, by translation of addresses. Each tells the sockets it holds:
# the inode, and what is to be said of it.
SOCKETS = """
import ctypes, json, os, subprocess, tempfile, time
NFT = {nft!r}
folder = tempfile.mkdtemp(prefix="sockeye-peers-")
here = os.stat("/proc/self/ns/net").st_ino
told = []

def listen(address, port, family=socket.AF_INET, protocol=0, accepts=True):
    s = socket.socket(family, socket.SOCK_STREAM, protocol)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port == 7207:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind((address, port))
    s.listen(8)
    keep.append(s)
    return s

def unix_listener(name):
    s = socket.socket(socket.AF_UNIX)
    s.bind(name)
    s.listen(8)
    keep.append(s)
    return s

def tell(what, s, **more):
    keep.append(s)
    told.append(dict(what=what, inode=os.fstat(s.fileno()).st_ino, pid=os.getpid(), **more))

def fill(s):
    s.setblocking(False)
    try:
        while True:
            s.send(bytes(65536))
    except BlockingIOError:
        pass

def connect(what, address, family=socket.AF_INET, protocol=0, before=None):
    s = socket.socket(family, socket.SOCK_STREAM, protocol)
    if before:
        before(s)
    s.connect(address)
    tell(what, s, direction="out")
    return s

def reuse(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", 7207))

def child(work):
    ready, answer = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ready[0]), os.close(answer[1])
        told.clear()
        servers["closed"].close()
        try:
            work(lambda: os.write(ready[1], b"x"), lambda: os.read(answer[0], 1))
            data = json.dumps(told).encode()
            os.write(ready[1], len(data).to_bytes(4, "big") + data)
        finally:
            os.close(ready[1])
        os.read(answer[0], 1)
        os._exit(0)
    os.close(ready[1]), os.close(answer[0])
    keep.append(os.fdopen(answer[1], "wb", buffering=0))
    return pid, ready[0], keep[-1]

def children_told(fd):
    n = int.from_bytes(os.read(fd, 4), "big")
    data = b""
    while len(data) < n:
        data += os.read(fd, 65536)
    return json.loads(data)

servers = {{"v4": listen("127.0.0.1", 7201), "six": listen("::", 7202, socket.AF_INET6), "far": listen("0.0.0.0", 7203),
           "closed": listen("127.0.0.1", 7204), "busy": listen("127.0.0.1", 7205), "reuse": listen("127.0.0.1", 7206),
           "unix": unix_listener(folder + "/path"), "abstract": unix_listener("\\0sockeye-peers")}}
waiting = listen("127.0.0.1", 7208)
own_listener = listen("127.0.0.1", 7207)
try:
    servers["mptcp"] = listen("127.0.0.1", 7209, protocol=262)
except OSError:
    pass

def near(ready, go):
    pair[0].close()
    connect("v4", ("127.0.0.1", 7201))
    connect("six", ("::1", 7202), socket.AF_INET6)
    connect("mapped", ("127.0.0.1", 7202))
    connect("closed", ("127.0.0.1", 7204))
    fill(connect("busy", ("127.0.0.1", 7205)))
    connect("reuse", ("127.0.0.1", 7206), before=reuse)
    connect("waiting", ("127.0.0.1", 7208))
    connect("unix", folder + "/path", socket.AF_UNIX)
    connect("abstract", "\\0sockeye-peers", socket.AF_UNIX)
    if "mptcp" in servers:
        connect("mptcp", ("127.0.0.1", 7209), protocol=262)
    tell("pair", pair[1])
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 7210))
    udp.connect(("127.0.0.1", 7211))
    tell("udp", udp)
    both = socket.socket()
    both.bind(("127.0.0.1", 7212))
    both.connect(("127.0.0.1", 7212))
    tell("self", both, direction="out")

def far(ready, go):
    assert ctypes.CDLL(None).unshare(0x40000000) == 0
    ready()
    go()
    connect("far", ("10.9.0.1", 7203))
    connect("far6", ("fd00:9::1", 7202), socket.AF_INET6)
    connect("far-unix", folder + "/path", socket.AF_UNIX)
    if NFT:
        connect("nat", ("10.99.0.1", 80))

def run(*words, **more):
    subprocess.run(words, check=True, **more)

pid, ready, go = child(far)
assert os.read(ready, 1)
inside = ["nsenter", "-t", str(pid), "-n"]
run("ip", "link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", str(pid))
run("ip", "addr", "add", "10.9.0.1/24", "dev", "near0")
run("ip", "addr", "add", "fd00:9::1/64", "dev", "near0", "nodad")
run("ip", "link", "set", "near0", "up")
run(*inside, "ip", "addr", "add", "10.9.0.2/24", "dev", "far0")
run(*inside, "ip", "addr", "add", "fd00:9::2/64", "dev", "far0", "nodad")
run(*inside, "ip", "link", "set", "far0", "up")
run(*inside, "ip", "route", "add", "10.99.0.0/24", "via", "10.9.0.1")
if NFT:
    rule = "ip daddr 10.99.0.1 tcp dport 80 dnat to 10.9.0.1:7203"
    run("nft", "-f", "-", input=("table ip nat {{\\nchain pre {{\\ntype nat hook prerouting priority -100\\n%s\\n}}\\n}}\\n" % rule).encode())
there = os.stat("/proc/%d/ns/net" % pid).st_ino

pair = socket.socketpair()
near_pid, near_ready, _ = child(near)
for what, where, other in (
    ("v4", "v4", None), ("six", "six", None), ("mapped", "six", None), ("closed", "closed", None), ("busy", "busy", None),
    ("reuse", "reuse", None), ("unix", "unix", None), ("abstract", "abstract", None), ("mptcp", "mptcp", None),
):
    if where in servers:
        a = servers[where].accept()[0]
        tell(what, a, direction="in")
        if what == "busy":
            fill(a)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 7211))
udp.connect(("127.0.0.1", 7210))
tell("udp", udp)
pair[1].close()
tell("pair", pair[0])
near_told = children_told(near_ready)
servers["closed"].close()
os.close(near_ready)
go.write(b"x")
tell("far", servers["far"].accept()[0], direction="in")
tell("far6", servers["six"].accept()[0], direction="in")
tell("far-unix", servers["unix"].accept()[0], direction="in")
if NFT:
    tell("nat", servers["far"].accept()[0], direction="in")
far_told = children_told(ready)
for s in told + near_told:
    s["netns"] = here
for s in far_told:
    s["netns"] = there
for s in told:
    if s["what"] == "far-unix":
        s["netns"] = there
for s in told + near_told + far_told:
    print(json.dumps(s))
os.unlink(folder + "/path")
os.rmdir(folder)
"""

COLUMNS = "netid,inode,local.port,state,process.pid,peer.process,peer.inode,peer.netns_id,direction"


@pytest.fixture(scope="module")
def net():
    made = netns.Script(SOCKETS.format(nft=shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin:/bin") or ""))
    if not made.has_real_root:
        raise netns.Unavailable("going into other network namespaces needs root")
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def rows(net, ss):
    """Inode -> row of all namespaces; in two, for what another namespace has is found without listing it, too."""
    found = {}
    for args in (["-aN", "all"], ["-a"]):
        for _ in range(20):  # other tests' sockets come and go
            done = net.run([ss, "-tuxMn", *args, "--json", f"--columns={COLUMNS}"])
            if b"came or went" not in done.err:
                break
        assert done.status == 0, done
        for row in json.loads(done.out)["sockets"]:
            found.setdefault(row.get("inode"), []).append(row)
    return found


def peers(row):
    return sorted({p["pid"] for p in row.get("peer", {}).get("process", [])})


def test_every_kind(net, rows):
    """Of each connection both ends say who the other is, where it is, and who began."""
    kinds = {m.what for m in net.made}
    for m in net.made:
        if m.what in ("waiting", "self"):
            continue
        other = next(o for o in net.made if o.what == m.what and o is not m)
        assert m.inode in rows, m
        for row in rows[m.inode]:
            assert peers(row) == [other.pid], (m, row)
            assert row["peer"]["inode"] == other.inode, (m, row)
            assert row["peer"]["netns_id"] == other.netns, (m, row)
            assert row.get("direction") == m.get("direction"), (m, row)
    assert {"v4", "six", "mapped", "closed", "busy", "reuse", "unix", "abstract", "pair", "udp", "far", "far6"} <= kinds


def test_not_accepted(net, rows):
    """Nobody holds the other end yet; its own, which has no inode, is of whoever connected."""
    m = next(m for m in net.made if m.what == "waiting")
    for row in rows[m.inode]:
        assert peers(row) == [] and row["peer"]["netns_id"] == m.netns and row["direction"] == "out"
    orphans = [r for r in rows[None] if r.get("local", {}).get("port") == 7208 and r["peer"].get("netns_id") == m.netns]
    assert orphans and all(peers(r) == [m.pid] and r["direction"] == "in" for r in orphans)


def test_connected_to_itself(net, rows):
    m = next(m for m in net.made if m.what == "self")
    assert all(peers(r) == [m.pid] and r["direction"] == "out" for r in rows[m.inode])


def test_listeners_have_none(rows):
    listening = [r for found in rows.values() for r in found if r["state"] == "listening"]
    assert listening and not any("peer" in r or "direction" in r for r in listening)


def by_what(net, what):
    return next(m for m in net.made if m.what == what)


def test_named_anywhere(net, ss):
    """In filters, groups, orders and patterns; with the list's name for that of its names, and the short name of a pid."""
    m = next(o for o in net.made if o.what == "far" and o.direction == "in")
    other = next(o for o in net.made if o.what == "far" and o is not m)
    base = [ss, "-tn", "--json", "--columns=inode"]
    terms = [f"peer.pid = {other.pid}", f"peer.process.pid = {other.pid}", f"peer.netns_id = {other.netns}"]
    for term in terms:
        done = net.run([*base, term])
        assert done.status == 0 and m.inode in [r["inode"] for r in json.loads(done.out)["sockets"]], (term, done)
    done = net.run([*base, "peer.process = nobody-is-called-so"])
    assert json.loads(done.out)["sockets"] == []
    done = net.run([ss, "-tn", "--json", "--by=peer.pid,direction"])
    groups = {(g["peer"]["process"]["pid"], g["direction"]): g["count"] for g in json.loads(done.out)["groups"] if "peer" in g}
    assert groups[other.pid, "in"] == len([o for o in net.made if o.pid == m.pid and o.what in ("far", "far6", "nat")])
    done = net.run([ss, "-tn", "--json", "--sort=peer.pid", "--columns=peer.process.pid"])
    pids = [peers(r) for r in json.loads(done.out)["sockets"]]
    assert done.status == 0 and [p for p in pids if p] == sorted(p for p in pids if p)


def test_text(net, ss):
    """Only who asks sees it, and of one in another namespace also which."""
    m = by_what(net, "v4")
    other = next(o for o in net.made if o.what == "v4" and o is not m)
    end = next(o for o in (m, other) if o.direction == "in")
    begin = m if end is other else other
    plain = net.run([ss, "-Htn", "sport = 7201"]).lines
    asked = net.run([ss, "-Htn", "--peer", "sport = 7201"]).lines
    assert len(plain) == len(asked) == 1 and "peer:" not in plain[0]
    assert asked[0].startswith(plain[0].rstrip() + " peer:((") and f",pid={begin.pid},fd=" in asked[0]
    assert "peer_netns:" not in asked[0]
    far = net.run([ss, "-Htn", "--peer", "sport = 7203"]).lines
    assert far and all(" peer_netns:" in line for line in far)
    (row,) = json.loads(net.run([ss, "-tn", "--peer", "--json", "sport = 7201"]).out)["sockets"]
    assert [p["pid"] for p in row["peer"]["process"]] == [begin.pid] and "process" not in row
    assert "PEER.PROCESS" in net.run([ss, "-tn", "--peer", "--format=table", "sport = 7201"]).lines[0]
    unix = net.run([ss, "-Hxn", "--peer"]).lines
    assert any(f",pid={begin.pid}," in line for line in unix)


def test_ordinary_user(net, ss):
    """What is in sight is told; what is not is counted, and an answer that depends on it is not whole."""
    done = net.run([ss, "-tn", "--json", f"--columns={COLUMNS}", "sport != 7208"], uid=NOBODY)
    answer = json.loads(done.out)
    near, far = by_what(net, "v4"), by_what(net, "far")
    found = {r.get("inode"): r for r in answer["sockets"]}
    assert "process" not in found[near.inode].get("peer", {}) or not peers(found[near.inode])
    assert found[near.inode]["direction"] == near.direction
    assert "netns_id" in found[near.inode]["peer"]
    inside = next(o for o in net.made if o.what == "far" and o.direction == "in")
    assert "peer" not in found[inside.inode], far
    texts = [n["text"] for n in answer["notes"]]
    assert any("the other ends of" in t and "run as root" in t for t in texts), texts
    assert any("the processes at the other end of" in t for t in texts), texts
    done = net.run([ss, "-tn", "--peer"], uid=NOBODY)
    assert done.status == 0 and b"the processes at the other end of" in done.err
    done = net.run([ss, "-tn", "--json", "--columns=inode", "peer.pid = 1"], uid=NOBODY)
    assert done.status == 3 and json.loads(done.out)["complete"] is False


def test_from_proc(net, ss):
    """/proc/net tells as much, but for what the kernel counted: who began is what listeners say."""
    done = net.run([ss, "-tn", "--source=proc", "--json", f"--columns={COLUMNS}"])
    found = {r.get("inode"): r for r in json.loads(done.out)["sockets"]}
    for what in ("v4", "six", "mapped"):
        for m in (m for m in net.made if m.what == what):
            other = next(o for o in net.made if o.what == what and o is not m)
            assert peers(found[m.inode]) == [other.pid], (m, found[m.inode])
            assert found[m.inode].get("direction") in (m.direction, None)
    closed = next(m for m in net.made if m.what == "closed" and m.direction == "in")
    assert "direction" not in found[closed.inode]
    done = net.run([ss, "-tn", "--source=proc", "--json", "--columns=inode,peer.cgroup_id", "sport != 7208"])
    texts = [n["text"] for n in json.loads(done.out)["notes"]]
    assert any(t.startswith("the cgroups at the other end of ") and "/proc/net" in t for t in texts), texts


@pytest.fixture(scope="module")
def recorded(net, ss, tmp_path_factory):
    path = tmp_path_factory.mktemp("peers")
    for file, more in (("asked", ["--peer"]), ("less", [])):
        made = net.run([ss, f"--record={path / file}", "-N", "all", *more])
        assert made.out == b"" and made.status in (0, 3), made  # 3: about processes of other tests
    return path


def test_recorded_with_translations(net, ss, recorded):
    """Also through translated addresses both ends are known of a recording that was asked to have them."""
    if not any(m.what == "nat" for m in net.made):
        pytest.skip("nft")
    for file in ("asked", "less"):
        done = net.run([ss, f"--from={recorded / file}", "-tanN", "all", "--json", f"--columns={COLUMNS}"])
        found = {r.get("inode"): r for r in json.loads(done.out)["sockets"]}
        for m in net.made:
            if m.what not in ("far", "nat"):
                continue
            other = next(o for o in net.made if o.what == m.what and o is not m)
            known = file == "asked" or m.what == "far"
            assert peers(found[m.inode]) == ([other.pid] if known else []), (file, m, found[m.inode])
        if b"may not be looked into" not in done.err:  # of which more depends
            assert (b"made without --peer" in done.err) == (file == "less"), done.err
    done = net.run([ss, f"--from={recorded / 'asked'}", f"--record={recorded / 'copy'}", "--redact"])
    assert done.status == 0, done
    done = net.run([ss, f"--from={recorded / 'copy'}", "-tanN", "all", "--json", f"--columns={COLUMNS}"])
    found = {r.get("inode"): r for r in json.loads(done.out)["sockets"]}
    ends = [m for m in net.made if m.what == "nat"]
    assert [peers(found[m.inode]) for m in ends] == [[m.pid] for m in reversed(ends)]
