# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--events=LIST: what happens to TCP connections is told once each, in order, with what is known of them."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from lib import bpf, netns

DEADLINE_S = 60
# Two that follow all namespaces at once see each other's; and a slow start finds what it would have been told.
pytestmark = pytest.mark.plain

# A connection that is there before, by which one sees that events are followed.
HELD = """
l0 = socket.create_server(("127.0.0.1", 7600)); c0 = socket.create_connection(("127.0.0.1", 7600)); d0 = l0.accept()[0]
keep += [l0, c0, d0]
"""

# Where what is sent is never answered.
NOWHERE = """
ip link add nowhere type veth peer name deaf && ip addr add 192.0.2.1/24 dev nowhere && ip link set nowhere up &&
ip link set deaf up && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev nowhere
""".strip()

# One of each kind; the port tells which. In a process of its own, whose number it tells.
ALL = """
import os, socket, struct, sys, threading, time

def pair(port, host="127.0.0.1", family=socket.AF_INET, proto=0):
    l = socket.create_server((host, port), family=family)
    c = socket.socket(family, socket.SOCK_STREAM, proto); c.connect((host, port))
    return l, c, l.accept()[0]

def talk(c, d):
    c.sendall(b"x" * 1000); d.recv(1000, socket.MSG_WAITALL); d.sendall(b"y" * 2000); c.recv(2000, socket.MSG_WAITALL)

def ends(first, second):
    first.close()
    while second.recv(4096): pass
    second.close()

def nowhere(port, ms):
    s = socket.socket(); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1500); s.settimeout(ms / 1000)
    try: s.connect(("192.0.2.2", port))
    except OSError: pass
    s.close()

print(os.getpid(), flush=True)
late = threading.Thread(target=nowhere, args=(7609, 60000)); late.start()         # times out
l, c, d = pair(7601); talk(c, d); ends(c, d)                                      # the client closes first
l, c, d = pair(7602); talk(c, d); ends(d, c)                                      # the server does
l, c, d = pair(7603); c.shutdown(socket.SHUT_WR); d.recv(1); d.sendall(b"z"); ends(d, c)  # half closed
l, c, d = pair(7604); c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); c.close(); d.close()  # reset
l, c, d = pair(7605); c.sendall(b"x"); d.recv(1, socket.MSG_PEEK); d.close(); c.close()  # closed with something unread
l, c, d = pair(7606, "::1", socket.AF_INET6); talk(c, d); ends(c, d)              # IPv6
try: socket.create_connection(("127.0.0.1", 7607))                                # nobody listens
except ConnectionRefusedError: pass
nowhere(7608, 10)                                                                 # given up without an answer
try: l, c, d = pair(7610, proto=262); talk(c, d); ends(c, d)                      # MPTCP towards TCP
except OSError: pass
late.join()
"""


# Connections of nine events: five of the end that closes first, four of the other one.
MANY = """
import socket, sys
l = socket.create_server(("127.0.0.1", 7620))
for i in range(int(sys.argv[1])):
    c = socket.create_connection(("127.0.0.1", 7620)); d = l.accept()[0]
    c.shutdown(socket.SHUT_WR); d.recv(1); d.close(); c.recv(1); c.close()
"""


# Connections that are all there when they are aborted, one after the other.
ABORTED = """
import socket, struct
l = socket.create_server(("127.0.0.1", 7621), backlog=400)
pairs = []
for i in range(300):
    c = socket.create_connection(("127.0.0.1", 7621)); pairs.append((c, l.accept()[0]))
for c, d in pairs:
    d.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); d.close()
"""


def memory(pid):
    """Bytes that the process itself has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def side(r, port=None):
    """Which end of the connection to @port, or to any of the generator's, the record is of."""
    ports = [port] if port else range(7600, 7611)
    if r.get("local", {}).get("port") in ports:
        return "in"
    return "out" if r.get("peer", {}).get("port") in ports else None


class Follower:
    """ss with --events, what it tells, and how it ended."""

    def __init__(self, net, ss, kinds, *words, form="--ndjson"):
        self.proc = net.popen([ss, f"--events={kinds}", form, *words], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        kinds = {"close", "reset", "retransmit"} if kinds == "all" else set(kinds.split(","))
        self.n = 1 + bool(kinds & {"close", "reset"}) + ("reset" in kinds) + ("retransmit" in kinds)
        self.rest, self.records = b"", []

    def begun(self):
        """Once it follows."""
        end_s = time.monotonic() + DEADLINE_S
        while bpf.attached(self.proc.pid) < self.n:
            assert time.monotonic() < end_s and self.proc.poll() is None, self.proc.communicate()
            time.sleep(0.01)
        return self

    def until(self, done):
        end_s = time.monotonic() + DEADLINE_S
        while not any(done(r) for r in self.records):
            left = end_s - time.monotonic()
            assert left > 0 and select.select([self.proc.stdout], [], [], left)[0], self.records
            more = os.read(self.proc.stdout.fileno(), 1 << 20)
            assert more, (self.records, self.proc.communicate())
            *lines, self.rest = (self.rest + more).split(b"\n")
            self.records += map(json.loads, lines)
        return self

    def end(self, how=signal.SIGINT):
        """All that happened until now was told; the records, the notes, the status and the errors."""
        self.proc.send_signal(how)
        out, err = self.proc.communicate(timeout=DEADLINE_S)
        self.records += map(json.loads, (self.rest + out).split(b"\n")[:-1])
        # Whose sockets may not be looked into, of the tests that run beside, is of no interest here.
        notes = [r for r in self.records if "event" not in r and "may not be looked into" not in r["note"]["text"]]
        return [r for r in self.records if "event" in r], notes, (self.proc.returncode, err)


# Kinds, filters, families and states: no more than was asked for, and all of that.
SOME = [
    (["close", "sport = 7602"], {("close", 7602, "in")}),
    (["open,close", "dport = 7602"], {("open", 7602, "out"), ("close", 7602, "out")}),
    (["accept", "-6"], {("accept", 7606, "in")}),
    (["retransmit"], {("retransmit", 7609, "out")}),
    (["close", "closed.how = timeout"], {("close", 7609, "out")}),
    (["all", "state", "syn-sent", "peer.port = 7607"], {("open", 7607, "out"), ("reset", 7607, "out")}),
    (["state", "dport = 7608"], {("state", 7608, "out")}),
    (["existing"], {("existing", 7600, "in"), ("existing", 7600, "out")}),
]  # fmt: skip

# Who wants ends alone has the program keep less on the way.
ENDS = [["close"], ["close", "--columns=event,cookie,local,peer,direction,process,inode,uid,closed.*"]]


@pytest.fixture(scope="module")
def told(ss, walks):
    """What followers of all, and of some, tell of the same connections."""
    net = netns.Script(HELD, before=NOWHERE).start()
    try:
        asked = [["all"], *(words for words, _ in SOME), *ENDS]
        followers = [Follower(net, ss, *words) for words in asked]
        for f, (kinds, *term) in zip(followers, asked):
            f.begun()
            if kinds in ("all", "existing") and not term:  # what begins while they are listed would be one of them
                f.until(lambda r: side(r, 7600) == "in").until(lambda r: side(r, 7600) == "out")
        made = net.run([sys.executable, "-c", ALL])
        assert made.status == 0, made.err
        yield int(made.out), [f.end() for f in followers]
    finally:
        net.stop()


# The port, and of either side: who closed and how, as each end tells it.
CLOSES = [
    (7601, ("remote", "fin"), ("local", "fin")),
    (7602, ("local", "fin"), ("remote", "fin")),
    (7603, ("remote", "fin"), ("local", "fin")),
    (7604, ("remote", "rst"), ("local", "abort")),
    (7605, ("local", "abort"), ("remote", "rst")),
    (7606, ("remote", "fin"), ("local", "fin")),
    (7607, None, ("remote", "rst")),
    (7608, None, ("local", "abort")),
    (7609, None, ("local", "timeout")),
]


@pytest.mark.parametrize("port, of_in, of_out", CLOSES)
def test_life(told, port, of_in, of_out):
    """Each connection begins once and ends once, with who ended it and how; and begins before it ends."""
    pid, [(records, *_), *_] = told
    for direction, want in (("in", of_in), ("out", of_out)):
        mine = [r for r in records if side(r, port) == direction]
        if want is None:
            assert not mine
            continue
        begin, end = mine[0], mine[-1] if mine[-1]["event"] == "close" else mine[-2]
        assert (begin["event"], end["event"]) == ("accept" if direction == "in" else "open", "close"), mine
        assert sum(r["event"] in ("open", "accept") for r in mine) == sum(r["event"] == "close" for r in mine) == 1
        assert (end["closed"]["by"], end["closed"]["how"]) == want, end
        assert all(r["direction"] == direction and r["cookie"] == begin["cookie"] for r in mine)
        assert all(r["process"][0] == {"name": "python3", "pid": pid} for r in mine), mine
        assert end["duration"] > 0 and end["state"] == "closed"
        assert [r["monotonic"] for r in mine] == sorted(r["monotonic"] for r in mine)
        states = [(r["old_state"], r["state"]) for r in mine if r["event"] in ("open", "accept", "state", "close")]
        assert all(a[1] == b[0] for a, b in zip(states, states[1:])), states


def test_what_is_known(told):
    pid, [(records, notes, end), *_] = told
    close = {side(r, 7601): r for r in records if r["event"] == "close" and side(r, 7601)}
    received = [close[way]["tcp"]["bytes_received"] for way in ("out", "in")]  # the FIN counts as one
    assert received == [2001, 1001]
    assert close["out"]["tcp"]["bytes_sent"] == 1000 and close["in"]["tcp"]["bytes_sent"] == 2000
    assert all(0 < r["handshake"] < 10**7 and r["tcp"]["segs_out"] > 2 and r["uid"] == 0 and r["inode"] for r in close.values())
    assert close["out"]["handshake"] <= close["out"]["duration"]
    assert any(r["event"] == "reset" and r["closed"]["by"] == "remote" for r in records if side(r, 7607))
    opened = next(r for r in records if r["event"] == "open" and side(r, 7608))
    assert opened["local"]["port"] and opened["state"] == "syn-sent"
    existing = [r for r in records if side(r, 7600)]
    assert [r["event"] for r in existing] == ["existing"] * 2 and notes == []
    assert all("protocol" not in r and r["netid"] == "tcp" for r in records)  # an MPTCP connection is its subflows
    assert end == (0, b"")


@pytest.mark.parametrize("i", range(len(SOME)), ids=lambda i: " ".join(SOME[i][0]))
def test_some(told, i):
    records, notes, end = told[1][1 + i]
    assert {(r["event"], r["local" if side(r) == "in" else "peer"]["port"], side(r)) for r in records} == SOME[i][1]
    assert (notes, end) == ([], (0, b""))


@pytest.mark.parametrize("i", range(len(ENDS)))
def test_ends_alone(told, i):
    """They tell the same when nothing else is told."""
    (all_events, *_), (ends, notes, end) = told[1][0], told[1][1 + len(SOME) + i]
    whole = {r["cookie"]: r for r in all_events if r["event"] == "close" and side(r)}
    mine = {r["cookie"]: r for r in ends if side(r)}
    assert mine.keys() == whole.keys() and (notes, end) == ([], (0, b""))
    for cookie, r in mine.items():
        like = whole[cookie]
        fields = ("direction", "local", "peer", "process", "inode", "uid", "closed")
        assert [r.get(f) for f in fields] == [like.get(f) for f in fields], (r, like)
        assert i == 1 or ("handshake" in r) == ("handshake" in like)  # each has a clock of its own


HALF = """
import socket
l = socket.create_server(("127.0.0.1", 7601)); c = socket.create_connection(("127.0.0.1", 7601)); d = l.accept()[0]
c.shutdown(socket.SHUT_WR); d.recv(1); print(flush=True); input(); d.close(); c.recv(1); c.close()
"""


def test_half_closed_before(ss, script, walks):
    """Who closed first is told of a connection, too, of which one end had closed before."""
    net = script(HELD)
    ends = net.popen([sys.executable, "-c", HALF], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ends.stdout.readline()
    f = Follower(net, ss, "close").begun()
    ends.communicate(b"\n", timeout=DEADLINE_S)
    closes, *_ = f.until(lambda r: side(r, 7601) == "in").until(lambda r: side(r, 7601) == "out").end()
    assert {side(r): (r["closed"]["by"], r["closed"]["how"]) for r in closes} == {"in": ("remote", "fin"), "out": ("local", "fin")}


def test_without_programs(ss, script):
    """The kernel's announcements of ends, with their counters; what is missing is said."""
    net = script(HELD)
    f = Follower(net, ss, "close,existing", "--source=netlink")
    f.until(lambda r: r.get("event") == "existing")
    made = net.run([sys.executable, "-c", ALL.replace("late.start()", "").replace("late.join()", "")])
    assert made.status == 0, made.err
    f.until(lambda r: r.get("event") == "close" and side(r, 7606))
    records, notes, (status, err) = f.end()
    closes = [r for r in records if r["event"] == "close"]
    assert {side(r, 7601) for r in closes} >= {"in", "out"} and not any("duration" in r or "closed" in r for r in closes)
    assert [r["tcp"]["bytes_received"] for r in closes if side(r, 7601) == "out"] == [2001]
    assert status == 0 and b"not known who ended the connection" in err and "not known" in notes[0]["note"]["text"]
    for kinds, words in ("reset,retransmit", []), ("close", ["--all-netns"]):
        refused = net.run([ss, f"--events={kinds}", "--source=netlink", *words])
        assert (refused.status, refused.out) == (4, b"") and b"neither resets" in refused.err


# Two connections that live long enough to be seen; each step is told before the next one.
SLOW = """
import socket, sys
l = socket.create_server(("127.0.0.1", 7601))
c = socket.create_connection(("127.0.0.1", 7601)); d = l.accept()[0]
print("open", flush=True); sys.stdin.readline()
c.shutdown(socket.SHUT_WR)
print("half", flush=True); sys.stdin.readline()
d.close(); c.recv(1); c.close()
"""


def test_seen_in_lists(ss, script):
    """Without programs what lasts is told when it is seen, with its owner, also at the end; and the answer is not whole."""
    net = script(HELD)
    f = Follower(net, ss, "open,accept,state,close", "--source=netlink")
    f.until(lambda r: r.get("event") == "existing")
    made = net.popen([sys.executable, "-c", SLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    for event in "accept", "state":
        made.stdout.readline()
        for way in "in", "out":
            f.until(lambda r: r.get("event") in (event, "open") and side(r, 7601) == way)
        f.until(lambda r: r.get("event") == event)
        made.stdin.write(b"\n")
    assert made.wait(DEADLINE_S) == 0
    f.until(lambda r: r.get("event") == "close")
    records, _, (status, _) = f.end()
    assert status == 3
    for way, first in ("in", "accept"), ("out", "open"):
        mine = [r for r in records if side(r, 7601) == way]
        assert [r["event"] for r in mine] == [first, "state", "close"] and mine[0]["direction"] == way, mine
        assert all(r["process"][0]["name"] == "python3" for r in mine), mine
        assert (mine[1]["old_state"], mine[1]["state"]) == ("established", "close-wait" if way == "in" else "fin-wait-2")


def test_stopped_reader(ss, walks, script):
    """What found no room is counted, told where it is missing, and makes the answer incomplete; nothing is told twice."""
    net = script(HELD)
    f = Follower(net, ss, "all", "--columns=event,cookie,state,lost.events,lost.span").begun()
    pid = next(p for p in [f.proc.pid, *map(int, Path(f"/proc/{f.proc.pid}/task/{f.proc.pid}/children").read_text().split())]
               if os.readlink(f"/proc/{p}/exe") == str(ss))  # fmt: skip
    f.until(lambda r: r.get("event") == "existing")
    os.kill(pid, signal.SIGSTOP)
    before = memory(pid)
    assert net.run([sys.executable, "-c", MANY, "2000"]).status == 0  # nine events each, and room for some 15,000
    assert memory(pid) - before < 1 << 20
    os.kill(pid, signal.SIGCONT)
    f.until(lambda r: r.get("event") == "lost")
    assert net.run([sys.executable, "-c", MANY, "1"]).status == 0
    records, notes, (status, err) = f.end()
    lost = sum(r["lost"]["events"] for r in records if r["event"] == "lost")
    told = sum(r["event"] not in ("lost", "existing") for r in records)
    assert told + lost == 2001 * 9, (told, lost)
    assert lost > 1000 and status == 3 and all(r["lost"]["span"] > 0 for r in records if r["event"] == "lost")


def test_ends_while_more_comes(ss, walks, script):
    """A signal ends it though connections come faster than they can be told."""
    net = script(HELD)
    busy = net.popen([ss.parent / "tests/bench/bench-short", "4", "30"], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        f = net.popen([ss, "--events=all", "--ndjson"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(2)
        f.send_signal(signal.SIGTERM)
        assert f.wait(DEADLINE_S) in (0, 3) and busy.poll() is None
    finally:
        if busy.poll() is None:
            os.killpg(busy.pid, signal.SIGKILL)
        busy.wait(DEADLINE_S)


def test_other_namespaces(ss, walks, script):
    """Those of another one only where all are asked for; of one that ends meanwhile what happened in it."""
    net = script(HELD)
    if not net.has_real_root:
        pytest.skip("needs root")
    here, all_of_them = Follower(net, ss, "close").begun(), Follower(net, ss, "close", "--all-netns").begun()
    gone = ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable, "-c", MANY, "3"]
    assert net.run(gone).status == 0
    assert net.run([sys.executable, "-c", MANY, "1"]).status == 0
    mine, _, end = here.end()
    assert len(mine) == 2 and end == (0, b"")
    records, _, (status, _) = all_of_them.end()
    ours = Counter(r["netns_id"] for r in records if 7620 in (r["local"]["port"], r["peer"]["port"]))
    assert status == 0 and ours[mine[0]["netns_id"]] == 2 and 6 in ours.values()  # others may run tests beside


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_forms(ss, walks, script, form):
    """--limit ends it; each record has its time."""
    net = script(HELD)
    f = Follower(net, ss, "close", "--limit=2", "--columns=time,event,duration", form=f"--format={form}").begun()
    assert net.run([sys.executable, "-c", MANY, "3"]).status == 0
    out, err = f.proc.communicate(timeout=DEADLINE_S)
    assert (f.proc.returncode, err, out.count(b"close"), out.count(b"Z")) == (0, b"", 2, 2)
    if form == "json":
        assert [list(r) for r in json.loads(out)["events"]] == [["time", "event", "duration"]] * 2


@pytest.mark.parametrize("source", [[], ["--source=netlink"]])
def test_every_column_of_what_exists(ss, walks, script, source):
    """The list asks for what the columns want, the other ends among it."""
    net = script(HELD)
    done = net.run([ss, "--events=existing,close", "--csv", "--limit=2", *source])
    lines = done.out.decode().splitlines()
    assert done.status == 0 and len(lines) == 3 and all(",existing," in line for line in lines[1:]), done


def test_counted(ss, walks, script):
    """Groups of events in intervals, each of its own time."""
    net = script(HELD)
    f = Follower(net, ss, "close", "--every=0.2", "--count=20", "--by=direction,sum(tcp.bytes_received)").begun()
    assert net.run([sys.executable, "-c", MANY, "30"]).status == 0
    out, err = f.proc.communicate(timeout=DEADLINE_S)
    groups = [json.loads(line) for line in out.splitlines()]
    assert (f.proc.returncode, err) == (0, b"") and all(g["time"] for g in groups)
    assert {d: sum(g["count"] for g in groups if g["direction"] == d) for d in ("in", "out")} == {"in": 30, "out": 30}


# What is counted by, the events, and whether the kernel can.
GROUPS = [
    ("peer.addr,sum(tcp.bytes_sent)", "close", True),
    ("local.addr/8,peer.port,direction,sum(tcp.segs_out),sum(tcp.bytes_received)", "close", True),
    ("event,state,old_state", "all", True),
    ("closed.by,closed.how,netns_id,family", "close,reset", True),
    ("cgroup_id,unit,container,sum(tcp.data_segs_in)", "close", True),
    ("local.port,event", "accept,close", True),
    ("local.port", "open", False),
    ("process.name,sum(tcp.bytes_sent)", "close", False),
    ("peer.port,max(tcp.bytes_sent)", "close", False),
    ("peer.port,sum(tcp.rtt),sum(tcp.min_rtt)", "close", False),
    ("uid", "close", False),
]


def counts_in_kernel(pid):
    """Whether there is a table with room for groups."""
    texts = [p.read_text() for p in Path(f"/proc/{pid}/fdinfo").iterdir() if "map_type" in p.read_text()]
    return any(re.search(r"^map_type:\t1$", t, re.M) and re.search(r"^key_size:\t112$", t, re.M) and "max_entries:\t65536" in t for t in texts)


def test_counted_in_kernel(ss, walks, script):
    """The groups and sums are those of the events told one by one, wherever they are counted."""
    net = script(HELD)
    jobs = []
    for by, kinds, in_kernel in GROUPS:
        for words in ([], ["tcp.segs_out >= 0 or event = reset"]):
            argv = [ss, f"--events={kinds}", "--every=0.5", "--ndjson", f"--by={by}", "--timestamp", *words]
            jobs.append((net.popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE), in_kernel and not words))
    end_s = time.monotonic() + DEADLINE_S
    for proc, in_kernel in jobs:
        while not bpf.attached(proc.pid):
            assert time.monotonic() < end_s and proc.poll() is None, proc.communicate()
            time.sleep(0.01)
        assert counts_in_kernel(proc.pid) == in_kernel, proc.args
    time.sleep(0.5)
    made = net.run([sys.executable, "-c", ALL.replace("late.start()", "").replace("late.join()", "")])
    assert made.status == 0 and net.run([sys.executable, "-c", MANY, "40"]).status == 0
    time.sleep(0.6)
    totals = []
    for proc, _ in jobs:
        proc.send_signal(signal.SIGINT)
        out, err = proc.communicate(timeout=DEADLINE_S)
        assert (proc.returncode, err) == (0, b""), proc.args
        groups = [r for r in map(json.loads, out.splitlines()) if r.get("event") not in ("existing", "lost")]
        total = Counter()
        for g in groups:
            numbers = {k: v for k, v in g.items() if k == "count" or k.startswith("sum(")}
            key = json.dumps({k: v for k, v in g.items() if k not in numbers and k not in ("time", "share", "monotonic")})
            total.update({(key, k): v for k, v in numbers.items()})
            total[key, "max"] = max([total[key, "max"], *(v for k, v in g.items() if k.startswith("max("))])
        totals.append(total)
    for (by, *_), one, other in zip(GROUPS, totals[::2], totals[1::2]):
        assert sum(v for (_, k), v in one.items() if k == "count") >= 40, by
        assert one == other or by == "local.port", by  # which that is may not be found out any more


@pytest.mark.parametrize("words, why", [
    (["--events=close,nonsense"], b'"nonsense" is none of'),
    (["--events="], b'"" is none of'),
    (["--events=close", "-u"], b"say -t"),
    (["--events=close", "--every=1"], b"do not go together"),
    (["--events=close", "--columns=peer.process"], b"not known of events"),
    (["--events=close", "opt.nodelay = 1"], b"not known of events"),
    (["--events=close", "-E"], b"do not go together"),
])  # fmt: skip
def test_refused(ss, words, why):
    done = subprocess.run([ss, *words], capture_output=True, timeout=DEADLINE_S)
    assert (done.returncode, done.stdout) == (2, b"") and why in done.stderr, done


def test_resets_behind_the_end(ss, walks, script):
    """The RST of who aborts a connection is told when it and its peer are over: whose it was is known of each."""
    net = script("")
    f = Follower(net, ss, "reset").begun()
    assert net.run([sys.executable, "-c", ABORTED]).status == 0
    records, notes, _ = f.end()
    told = Counter((side(r, 7621), r.get("direction"), r["closed"]["by"]) for r in records if side(r, 7621))
    assert told == {("in", "in", "local"): 300, ("out", "out", "remote"): 300} and notes == []
