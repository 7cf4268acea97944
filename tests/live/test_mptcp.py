# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Subflows of MPTCP connections that no process holds: the kernel gives these no inode, and keeps the old one in subflows."""

import json
import time

import pytest

from lib import netns

SOCKETS = """
def mptcp():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)

server = mptcp(); server.bind(("127.0.0.1", 7120)); server.listen()
closed = mptcp(); closed.connect(("127.0.0.1", 7120)); closed.send(b"x")
held = server.accept()[0]; held.recv(1); keep.append(held)
waiting = mptcp(); waiting.connect(("127.0.0.1", 7120)); waiting.send(b"x"); keep.append(waiting)
plain = socket.create_server(("127.0.0.1", 7121)); keep.append(plain)
fallen = mptcp(); fallen.connect(("127.0.0.1", 7121)); keep.append(fallen)
closed.close(); keep.append(server)
"""


@pytest.fixture
def net(script):
    try:
        return script(SOCKETS)
    except RuntimeError as e:
        raise netns.Unavailable(f"no MPTCP: {e}") from e


def listed(net, ss, *words):
    done = net.run([ss, "-tMan", "--json", *words])
    assert done.status == 0, done.err
    return json.loads(done.out)


def test_nobody_holds_it(ss, net):
    columns = "--columns=netid,state,inode,local.port,peer.port,mptcp.token,mptcp.flags"
    for _ in range(100):
        whole = listed(net, ss, columns)["sockets"]
        if any(s["netid"] == "mptcp" and s["state"].startswith("fin-wait") for s in whole):
            break
        time.sleep(0.05)
    connections = [s for s in whole if s["netid"] == "mptcp"]
    if not connections:
        pytest.skip("this kernel does not list MPTCP sockets")
    # Both ends of two connections, of which one end is closed and one not accepted; one that fell back; a listener.
    assert len(connections) == 6 and sum("inode" not in s for s in connections) == 2
    assert all(s.get("subflows") for s in connections)
    assert sorted(s["state"] for s in whole if s["netid"] == "tcp") == ["established", "listening"]
    groups = listed(net, ss, "--by=netid")["groups"]
    assert {g["netid"]: g["count"] for g in groups} == {"mptcp": 6, "tcp": 2}


def test_an_ordinary_user_is_told_why(net, ss_of_all):
    """In a table of connections and their subflows as in any other."""
    done = net.run([ss_of_all, "-tMan", "--columns=netid,process.name,state", "sport = 7121 or sport = 7120"], uid=65534)
    if b"mptcp" not in done.out:
        pytest.skip("this kernel does not list MPTCP sockets")
    assert [line for line in done.lines if "established" in line or "listening" in line] and "(hidden)" in done.out.decode()
    assert all("(hidden)" in line for line in done.lines[1:] if "listening" in line), done.lines
