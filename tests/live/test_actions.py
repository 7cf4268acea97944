# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What does more than list: -N enters a namespace, -K destroys, -E follows; -D and its reader."""

import select
import subprocess
import time

import pytest

from lib import builds, netns, rows

DEADLINE_S = 20


@pytest.fixture
def own(tmp_path):
    """A namespace for one test, whose sockets may be destroyed."""
    try:
        net = netns.Net(builds.find_mksock(), tmp_path / "own", ["established", "listen", "udp", "unix-stream"]).start()
    except netns.Unavailable as e:
        pytest.skip(str(e))
    yield net
    net.stop()


def established(net, ss):
    result = net.run([ss, "-Htn", "state", "established"])
    assert result.status == 0
    return sorted(tuple(line.split()[2:4]) for line in result.lines)


def test_kill(ss, own):
    before = established(own, ss)
    doomed = [pair for pair in before if "127.0.0.1:40001" in pair]
    assert len(before) == 4 and len(doomed) == 2
    result = own.run([ss, "-K", "-Htn", "sport = 40001 or dport = 40001"])
    assert result.status == 0
    assert {tuple(line.split()[3:5]) for line in result.lines} <= set(doomed) and result.lines
    assert established(own, ss) == [pair for pair in before if pair not in doomed]


def test_kill_nothing(ss, own):
    before = own.run([ss, "-tuan"]).out
    result = own.run([ss, "-K", "-Htuan", "sport = 1"])
    assert (result.status, result.out) == (0, b"")
    assert own.run([ss, "-tuan"]).out == before


def test_kill_is_refused_to_ordinary_users(ss, own, tmp_path_factory):
    if not own.has_real_root:
        pytest.skip("another user needs root")
    before = established(own, ss)
    result = own.run(["setpriv", "--bounding-set=-all", "--inh-caps=-all", ss, "-K", "-Htn", "sport = 40001"])
    assert established(own, ss) == before
    assert result.err.strip(), "that nothing was killed must be told"
    assert result.out == b"", "what was not killed must not be listed as killed"


def wait_subscribed(net, proc):
    """Until a netlink socket of a group of destroyed sockets exists in the namespace."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        assert proc.poll() is None, proc.stderr.read()
        for line in net.run(["cat", "/proc/net/netlink"]).lines[1:]:
            words = line.split()
            if words[1] == "4" and int(words[3], 16):
                return
        time.sleep(0.02)
    pytest.fail("ss -E subscribes to nothing")


def read_line(proc):
    assert select.select([proc.stdout], [], [], DEADLINE_S)[0], "no event was shown"
    line = b""
    while not line.endswith(b"\n"):
        byte = proc.stdout.read(1)
        assert byte, "ss -E ended"
        line += byte
    return line


def test_events(ss, own):
    proc = own.popen([ss, "-E", "-4tnH"], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_subscribed(own, proc)
        ends = {rows.endpoints(m) for m in own.made if m.table == "tcp"}
        own.stop()
        for _ in range(2):
            line = read_line(proc).decode().split()
            assert line[0] == "UNCONN" and tuple(line[3:5]) in ends
    finally:
        proc.terminate()
        proc.wait(DEADLINE_S)
        proc.stdout.close()
        proc.stderr.close()


def test_named_namespace(ss, steady):
    """-N NAME shows what is seen inside."""
    if not steady.has_real_root:
        pytest.skip("needs root")
    script = (
        "mount -t tmpfs none /run && mkdir /run/netns && touch /run/netns/here && "
        f"mount --bind /proc/{steady.proc.pid}/ns/net /run/netns/here && exec '{ss}' -N here -tan"
    )
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c", script], capture_output=True, env=builds.environment(), timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == steady.run([ss, "-tan"]).out


def test_dump_is_read_back(ss, ref, steady, tmp_path):
    """A dump of one family reads back as the same table, with either program."""
    file = tmp_path / "dump"
    for writer, reader in ((ss, ss), (ref.path, ss), (ss, ref.path)):
        assert steady.run([writer, "-4tn", "-D", file]).status == 0
        result = steady.run([reader, "-4tn"], env={"TCPDIAG_FILE": file})
        assert result.status == 0
        assert result.out == steady.run([ref.path, "-4tn"]).out
