# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Rows that a walk by BPF gives are those that sock_diag gives, and while sockets come and go none is lost."""

import re
import subprocess
import sys

import pytest

from lib import kernel, netns, rows, udp
from lib.churn import CHURN

TRIES = 10
OPTIONS = ["-tan", "-tane", "-tanm", "-tano", "-tani", "-tanei", "-tanmieop", "-tn", "-tln", "-t4an", "-t6an", "-tB",
           "-tanOie --tos --cgroup --inet-sockopt", "-tan state time-wait", "-tan state syn-recv state fin-wait-2",
           "-tane sport > :1000 and not dport = :9", "-tan src [::1] or src 127.0.0.1", "-tan fwmark = 7",
           "-tan state bound-inactive", "-tane state closed"]
UDP_OPTIONS = ["-uan", "-uane", "-uanm", "-uanp", "-un", "-uln", "-u4an", "-u6an", "-uanmieop",
               "-uanOem --tos --cgroup --inet-sockopt", "-uan sport = :7000 or src [::1]", "-uan fwmark = 7",
               "-uan state connected", "-tuan"]
# What goes on by itself.
MOVES = re.compile(rb"(last(?:snd|rcv|ack)|busy|rwnd_limited|sndbuf_limited):[0-9.]+(?:ms)?(?:\([0-9.]+%\))?"
                   rb"|timer:\([^)]*\)| +$", re.MULTILINE)


def listing(net, ss, source, words):
    result = net.run([ss, f"--source={source}", *words.split()])
    assert result.status == 0 and result.err == b"", result.err
    return MOVES.sub(b"", result.out)


@pytest.fixture(scope="module")
def crowd():
    """UDP sockets, most of them on few ports."""
    net = netns.Script(udp.CROWD).start()
    yield net
    net.stop()


def check_same(net, ss, words):
    for _ in range(TRIES):  # a socket may change between two listings
        before = listing(net, ss, "netlink", words)
        walked = listing(net, ss, "bpf", words)
        if walked == before:
            return
    assert walked.decode() == before.decode()


@pytest.mark.plain
@pytest.mark.parametrize("words", OPTIONS)
@pytest.mark.parametrize("kind", ["steady", "moving"])
def test_same_as_netlink(ss, walks, kind, words, request):
    net = request.getfixturevalue(kind)
    listing(net, ss, "netlink", "-tane")  # gives every socket its cookie
    check_same(net, ss, words)


@pytest.mark.plain
@pytest.mark.parametrize("words", UDP_OPTIONS)
@pytest.mark.parametrize("kind", ["steady", "crowd"])
def test_same_as_netlink_udp(ss, walks, kind, words, request):
    check_same(request.getfixturevalue(kind), ss, words)


def test_has_sockets_to_compare(ss, walks, steady, moving):
    for net in (steady, moving):
        assert len(listing(net, ss, "bpf", "-Htan").splitlines()) > 10


def test_cookies_are_made(ss, walks, steady):
    """A socket has no cookie until somebody asks; whoever looks first sees one."""
    first = listing(steady, ss, "bpf", "-HtanOe")
    assert b" sk:" in first and b"sk:0 " not in first
    assert first == listing(steady, ss, "netlink", "-HtanOe")


@pytest.mark.plain
def test_churn(ss, walks, steady):
    stable = {str(m.inode) for m in steady.made if m.table == "tcp" and m.get("inode")}
    assert len(stable) >= 60
    maker = steady.popen([sys.executable, "-B", "-c", CHURN], stdout=subprocess.PIPE, text=True)
    try:
        assert maker.stdout.readline() == "on\n"
        for _ in range(40):
            found = rows.by_word(listing(steady, ss, "bpf", "-HOtane").decode().splitlines(), "ino:")
            assert stable <= set(found)
            assert not [i for i in stable if len(found[i]) != 1]
        assert maker.poll() is None
    finally:
        maker.kill()
        maker.wait()


def test_udp_cookies_are_made(ss, walks):
    """Of these only one can be asked for, the others are given theirs by a dump."""
    made = netns.Script(udp.CROWD).start()
    try:
        first = listing(made, ss, "bpf", "-HuanOe")
        assert first.count(b" sk:") == len(first.splitlines()) > 4000 and b"sk:0 " not in first
        assert first == listing(made, ss, "netlink", "-HuanOe")
    finally:
        made.stop()


def by_inode(net, ss):
    return rows.by_word(listing(net, ss, "bpf", "-HOuane").decode().splitlines(), "ino:")


@pytest.mark.plain
def test_udp_churn(ss, walks, crowd):
    """All sockets that stay come once each, also those that others come to and go from, on the same port."""
    stable = set(by_inode(crowd, ss))
    assert len(stable) > 4000
    maker = crowd.popen([sys.executable, "-B", "-c", udp.CHURN], stdout=subprocess.PIPE, text=True)
    try:
        assert maker.stdout.readline() == "on\n"
        for _ in range(40):
            found = by_inode(crowd, ss)
            assert stable <= set(found)
            assert not [i for i in stable if len(found[i]) != 1]
        assert maker.poll() is None
    finally:
        maker.kill()
        maker.wait()


def test_refused(ss, walks, steady):
    """What was asked for and cannot be had is an error, and nothing else is shown in its place."""
    if not steady.has_real_root:
        pytest.skip("needs root, to have it taken away")
    for words in ("-Htan", "-Huan"):
        result = steady.run([ss, "--source=bpf", words], uid=65534)
        assert result.status == 1 and b"no walk by BPF" in result.err
        assert result.out == b""
        assert steady.run([ss, words], uid=65534).status == 0


@pytest.mark.skipif(kernel.VERSION >= (6, 2), reason="this kernel has what the programs call")
def test_a_kernel_that_is_too_old(ss, steady):
    """What the kernel lacks is named."""
    if not steady.has_real_root or b"bpf-walk" not in steady.run([ss, "-V"]).out:
        pytest.skip("needs root and a build with BPF programs")
    for words in ("-Htan", "-Huan"):
        result = steady.run([ss, "--source=bpf", words])
        assert (result.status, result.out) == (1, b"") and b"has no bpf_rdonly_cast(), which Linux has since 6.2" in result.err


@pytest.fixture
def explain(ss, tmp_path):
    """What would be done where the kernel counts so many sockets."""
    (tmp_path / "none").write_text("")

    def told(sockstat, *words):
        (tmp_path / "sockstat").write_text(f"sockets: used 9\n{sockstat}\n")
        env = {"PATH": "/usr/bin:/bin", "PROC_NET_SOCKSTAT": str(tmp_path / "sockstat"),
               "PROC_NET_SOCKSTAT6": str(tmp_path / "none"), "PROC_NET_SNMP": str(tmp_path / "none")}
        run = subprocess.run([ss, "--explain", *words], env=env, capture_output=True, text=True, check=True)
        assert run.stderr == ""
        return run.stdout

    return told


@pytest.fixture
def has_programs(ss):
    return "bpf-walk" in subprocess.run([ss, "-V"], capture_output=True, text=True, check=True).stdout


def test_explain(explain, has_programs):
    words = ["-t4ni", "sport", "=", ":22", "or", "dev", "=", "lo"]
    few = explain("TCP: inuse 25 orphan 0 tw 10 alloc 30 mem 1", *words)
    many = explain("TCP: inuse 250000 orphan 0 tw 10 alloc 300000 mem 1", *words)
    assert "\nfilter: sport = inet:22 or dev = lo\n" in few and " tcp.rtt " in few
    assert "\n  ask: info vegasinfo cong\n" in few and "\nowners: no\n" in few
    if has_programs:
        assert "source: netlink (the kernel runs the filter: 35 TCP sockets)" in few
        assert "source: bpf (sock_diag would hold up new connections: 250010 TCP sockets)" in many
    else:
        assert "source: netlink (built without BPF programs)" in many


def test_explain_udp(explain, has_programs):
    if not has_programs:
        pytest.skip("built without BPF programs")
    assert explain("UDP: inuse 70000 mem 1", "-uan").count("source: bpf (it pays: 70000 UDP sockets)") == 2
    assert explain("UDP: inuse 70 mem 1", "-uan").count("source: netlink (loading a BPF program would take longer") == 2
    assert "source: netlink (the kernel runs the filter" in explain("UDP: inuse 70000 mem 1", "-uan", "sport = :53")
    assert "source: bpf (asked for)" in explain("UDP: inuse 70 mem 1", "-uan", "--source=bpf")


def test_no_such_source(ss):
    run = subprocess.run([ss, "--source=elsewhere"], capture_output=True, text=True)
    assert run.returncode == 255 and "elsewhere" in run.stderr and run.stdout == ""


SHARED = """
for i in range(300):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", 5353))
    keep.append(s)
"""


def test_udp_sockets_of_one_address(ss, walks):
    """Nobody has asked for their cookies yet: sock_diag, asked about one, answers with any of them."""
    place = netns.Script(SHARED).start()
    try:
        walked = listing(place, ss, "bpf", "-Huan")
        assert len(walked.splitlines()) == 300
        assert listing(place, ss, "netlink", "-Huan") == walked
    finally:
        place.stop()
