# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Ping and UDP-Lite sockets, which are listed when they are named; services; what holds up sending."""

import json

import pytest

from lib import netns

MAKE = """
for family, kind, protocol, where in (
    (socket.AF_INET, "icmp", socket.IPPROTO_ICMP, ("127.0.0.1", 78)),
    (socket.AF_INET6, "icmp6", socket.IPPROTO_ICMPV6, ("::1", 79)),
    (socket.AF_INET, "udpl", 136, ("127.0.0.1", 5353)),
    (socket.AF_INET6, "udpl", 136, ("::1", 5353)),
):
    try:
        keep.append(socket.socket(family, socket.SOCK_DGRAM, protocol))
    except OSError:
        continue
    keep[-1].bind(where)
    print('{"kind": "%s", "port": %d}' % (kind, where[1]))
listener = socket.create_server(("127.0.0.1", 443))
client = socket.create_connection(("127.0.0.1", 443))
keep.append(listener.accept())
client.setblocking(False)
try:
    while True:
        client.send(bytes(65536))
except BlockingIOError:
    pass
"""
ALLOW = "{ echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range; } 2>/dev/null; true"


@pytest.fixture(scope="module")
def net():
    try:
        script = netns.Script(MAKE, before=ALLOW).start()
    except netns.Unavailable as e:
        pytest.skip(str(e))
    yield script
    script.stop()


def sockets(ss, net, *options):
    result = net.run([ss, "-an", "--json", *options])
    answer = json.loads(result.out)
    return result, answer["sockets"], answer


def test_only_when_they_are_named(ss, net):
    want = sorted((m.kind, m.port) for m in net.made)
    result, found, answer = sockets(ss, net, "-A", "icmp,udplite")
    assert sorted((s["netid"], s["local"]["port"]) for s in found) == want and (result.status, result.err) == (0, b"")
    assert all(s["inode"] and "state" in s for s in found)
    for options in ([], ["-4"], ["-A", "all"], ["-A", "inet"]):
        assert not {"icmp", "icmp6", "udpl"} & {s["netid"] for s in sockets(ss, net, *options)[1]}
    only = sockets(ss, net, "-6", "-A", "icmp")[1]
    assert [s["local"]["addr"] for s in only] == ["::1"] * sum(m.kind == "icmp6" for m in net.made)


def test_what_text_does_not_tell(ss, net):
    """There is no other answer about ping sockets than /proc/net."""
    if not [m for m in net.made if m.kind == "icmp"]:
        pytest.skip("this kernel has no ping sockets")
    result = net.run([ss, "-anA", "icmp", "--source=netlink"])
    assert result.status == 1 and b"sock_diag does not know them" in result.err
    result, _, answer = sockets(ss, net, "-A", "icmp", "--columns=local.port,cookie")
    assert result.status == 3 and not answer["complete"] and "cookie" in answer["notes"][0]["text"]
    owned = net.run([ss, "-apA", "icmp"]).out.decode()
    assert "users:((" in owned and "127.0.0.1:78 " in owned


def test_services(ss, net):
    columns = "--columns=local.port,local.service,peer.port,peer.service,state"
    _, found, _ = sockets(ss, net, "-t", columns)
    by_state = {(s["state"], s["local"]["port"] == 443): s for s in found}
    assert by_state["listening", True]["local"] == {"port": 443, "service": "https"} and "peer" not in by_state["listening", True]
    assert by_state["established", False]["peer"] == {"port": 443, "service": "https"}
    assert "service" not in by_state["established", False]["local"]
    assert not [s for s in sockets(ss, net, "-A", "icmp", "--columns=local.port,local.service")[1] if "service" in s["local"]]


def test_what_holds_up_sending(ss, net):
    """The reader takes nothing, so its window is full; it has nothing to say itself."""
    _, found, _ = sockets(ss, net, "-t", "--columns=state,local.port,tcp.limited_by")
    by = {(s["state"], s["local"]["port"] == 443): s.get("tcp", {}).get("limited_by") for s in found}
    assert by == {("listening", True): None, ("established", True): "app", ("established", False): "rwnd"}
    groups = json.loads(net.run([ss, "-tan", "--json", "--by=tcp.limited_by"]).out)["groups"]
    assert {g.get("tcp", {}).get("limited_by"): g["count"] for g in groups} == {None: 1, "app": 1, "rwnd": 1}
