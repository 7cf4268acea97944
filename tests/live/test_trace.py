# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--events=LIST: what happens to TCP connections is told once each, in order, with what is known of them."""

import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from lib import bpf, netns

DEADLINE_S = 60

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
        notes = [r for r in self.records if "event" not in r]
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


@pytest.fixture(scope="module")
def told(ss, walks):
    """What followers of all, and of some, tell of the same connections."""
    net = netns.Script(HELD, before=NOWHERE).start()
    try:
        followers = [Follower(net, ss, *words) for words in [["all"], *(words for words, _ in SOME)]]
        for f in followers:
            f.begun()
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
