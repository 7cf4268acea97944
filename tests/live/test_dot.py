# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--format=dot: who talks to whom, as Graphviz itself reads and draws it."""

import json
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from lib import netns

# Two programs with names of their own, and connections to another machine that does not answer.
SOCKETS = r"""
import os
server = socket.create_server(("127.0.0.1", 7140))
local = socket.socket(socket.AF_UNIX); local.bind("\0dot"); local.listen()
if os.fork() == 0:
    open("/proc/self/comm", "w").write('a"b\\N&lt;\x1b')
    server.close(); local.close()
    for i in range(3):
        keep.append(socket.create_connection(("127.0.0.1", 7140)))
    c = socket.socket(socket.AF_UNIX); c.connect("\0dot"); keep.append(c)
    for to in ("10.9.0.5", "10.9.0.6", "10.9.1.7"):
        c = socket.socket(); c.setblocking(False); c.connect_ex((to, 80)); keep.append(c)
    sys.stdin.read(); os._exit(0)
open("/proc/self/comm", "w").write("server")
for i in range(3):
    keep.append(server.accept()[0])
keep.append(local.accept()[0])
"""

SILENT = ["10.9.0.5", "10.9.0.6", "10.9.1.7"]
NETWORK = [
    "ip link add d0 type veth peer name d1", "ip addr add 10.9.0.1/16 dev d0", "ip link set d1 up", "ip link set d0 up",
    *(f"ip neigh add {a} lladdr 02:00:00:00:00:05 dev d0" for a in SILENT),
]  # fmt: skip
HOSTILE = 'a"b\\N&lt;.'


@pytest.fixture(scope="module")
def net():
    made = netns.Script(SOCKETS, " && ".join(NETWORK))
    yield made.start()
    made.stop()


def draw(text, form):
    if not shutil.which("dot"):
        pytest.skip("no dot: it is in the package graphviz")
    done = subprocess.run(["dot", f"-T{form}"], input=text, capture_output=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def graph(ss, net, *words, status=0):
    done = net.run([ss, "--format=dot", *words])
    assert done.status == status, done.err
    return done.out


def edges(text):
    """What Graphviz makes of it: from, to, label."""
    found = json.loads(draw(text, "json"))
    names = {o["_gvid"]: o["label"].replace("&amp;", "&").replace('\\"', '"').replace("\\\\", "\\") for o in found["objects"]}
    return {(names[e["tail"]], names[e["head"]], e["label"]) for e in found["edges"]}


def test_who_talks_to_whom(ss, net):
    """Each connection once, from who began it; other machines by their network."""
    text = graph(ss, net, "-tx")
    assert edges(text) == {
        (HOSTILE, "server", "tcp 3"), (HOSTILE, "server", "u_str 1"),
        (HOSTILE, "10.9.0.0/24", "tcp 2"), (HOSTILE, "10.9.1.0/24", "tcp 1"),
    }  # fmt: skip
    assert b'label="7 connections"' in text and b"\x1b" not in text
    assert {e[1:] for e in edges(graph(ss, net, "-t", "--by=process.name,peer.addr/16"))} >= {("10.9.0.0/16", "tcp 3")}


def test_part(ss, net):
    """The other end is known where a filter keeps its socket away."""
    assert edges(graph(ss, net, "-t", "dport = 7140")) == {(HOSTILE, "server", "tcp 3")}
    assert edges(graph(ss, net, "-t", "sport = 7140")) == {(HOSTILE, "server", "tcp 3")}


def test_limit(ss, net):
    text = graph(ss, net, "-tx", "--limit=1")
    assert edges(text) == {(HOSTILE, "server", "tcp 3")}
    assert b"7 connections; 4 on 3 more edges are not drawn" in text


def test_picture(ss, net):
    """As people see it: no name means anything to Graphviz."""
    svg = ElementTree.fromstring(draw(graph(ss, net, "-tx"), "svg"))
    texts = {e.text for e in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {HOSTILE, "server", "tcp 3", "u_str 1", "10.9.0.0/24", "7 connections"} <= texts


def test_nothing(ss, net):
    text = graph(ss, net, "-t", "sport = 1")
    found = json.loads(draw(text, "json"))
    assert not found.get("edges") and not found.get("objects") and b"0 connections" in text


NOBODY = r"""
server = socket.create_server(("127.0.0.1", 7141))
for i in range(3):
    c = socket.create_connection(("127.0.0.1", 7141)); a = server.accept()[0]; c.close(); a.close()
for i in range(2):
    keep.append(socket.create_connection(("127.0.0.1", 7141)))
open("/proc/self/comm", "w").write("server")
"""


def test_nobody(ss):
    """What no process can hold is drawn as that, and a connection that is not accepted counts once."""
    net = netns.Script(NOBODY).start()
    try:
        text = graph(ss, net, "-ta")
        assert edges(text) == {("(time-wait)", "127.0.0.0/24", "tcp 3"), ("server", "(not-accepted)", "tcp 2")}
        assert b'label="5 connections"' in text and text.count(b"style=dotted") == 2
        assert edges(graph(ss, net, "-ta", "--by=owner.why")) >= {("time-wait", "127.0.0.0/24", "tcp 3")}
        assert edges(graph(ss, net, "-tn", "dport = 7141")) == {("server", "(not listed)", "tcp 2")}
    finally:
        net.stop()
