# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Searches that pass the sockets of the whole host are not begun in a small namespace beside very many sockets."""

import re

import pytest

from lib import fakeproc, kernel, netns

BOUND = 7190
# A listening socket, a connection, one end of another that nobody holds and that cannot send what it has, a bound one.
SOCKETS = f"""
l = socket.socket()
l.bind(("127.0.0.1", 7101))
l.listen(9)
pair = [socket.create_connection(("127.0.0.1", 7101)), l.accept()[0]]
orphan, peer = socket.create_connection(("127.0.0.1", 7101)), l.accept()[0]
orphan.setblocking(False)
try:
    while True:
        orphan.send(bytes(65536))
except BlockingIOError:
    pass
orphan.close()
b = socket.socket()
b.bind(("127.0.0.1", {BOUND}))
print("{{}}")
"""
IN_USE, ESTABLISHED = 5, 3


@pytest.fixture(scope="module")
def net():
    made = netns.Script(SOCKETS).start()
    yield made
    made.stop()


@pytest.fixture
def told(build, net, ss, tmp_path):
    """Runs it where /proc tells these counters."""
    if build.is_sanitized:
        pytest.skip(fakeproc.SANITIZED)

    def run(*words, host=IN_USE + 1, orphans=1, established=ESTABLISHED):
        files = tmp_path / "proc/net"
        files.mkdir(parents=True, exist_ok=True)
        (files / "sockstat").write_text(
            f"sockets: used 9\nTCP: inuse {IN_USE} orphan {orphans} tw 0 alloc {host} mem 1\nUDP: inuse 0 mem 0\n")
        (files / "sockstat6").write_text("TCP6: inuse 0\nUDP6: inuse 0\n")
        (files / "snmp").write_text(f"Tcp: RtoMin CurrEstab\nTcp: 200 {established}\n")
        result = net.run([*fakeproc.within("files", tmp_path / "proc"), ss, *words])
        if result.status == 99:
            pytest.skip(f"no other /proc can be mounted: {result.err.decode()}")
        return result

    return run


def test_bound_among_few(told):
    result = told("-Htan")
    assert (result.status, result.err) == (0, b"")
    assert (f":{BOUND} " in result.out.decode()) == kernel.LISTS_BOUND


@pytest.mark.skipif(not kernel.LISTS_BOUND, reason="this kernel has no list of bound sockets")
def test_bound_beside_many(told):
    """What would be passed are the host's sockets, however few are here."""
    result = told("-Htan", "--source=netlink", host=150000)
    assert result.status == 0 and f":{BOUND} " not in result.out.decode()
    assert b"left out: to look for them, the kernel would pass, under locks, the 150000 TCP sockets of the whole host" in result.err
    asked = told("-HtanB", "--source=netlink", host=150000)
    assert (asked.status, asked.err) == (0, b"") and f":{BOUND} " in asked.out.decode()


def summary(result):
    found = re.search(r"TCP: +(\d+) \(estab (\d+), closed (\d+), orphaned (\d+),", result.out.decode())
    return {"closed": int(found[3]), "orphaned": int(found[4])}


def test_summary_among_few(told):
    result = told("-s", host=IN_USE + 9)
    assert (result.status, result.err) == (0, b"")
    assert summary(result) == {"closed": int(kernel.LISTS_BOUND), "orphaned": 1}


def test_summary_beside_many(told):
    result = told("-s", host=150000)
    assert result.status == 0 and b"closed TCP sockets not counted" in result.err
    assert b"with 150000 in use on the host" in result.err
    assert summary(result) == {"closed": 0, "orphaned": 1}


def test_no_orphan_is_looked_for_where_none_can_be(told):
    """The counters leave none: that there is one here, which they hide, shows that nobody looked."""
    result = told("-s", host=150000, orphans=9, established=IN_USE - 1)
    assert result.status == 0 and summary(result)["orphaned"] == 0
