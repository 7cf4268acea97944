# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Rows that a walk by BPF gives are those that sock_diag gives, and while sockets come and go none is lost."""

import re
import subprocess
import sys

import pytest

from lib import rows
from lib.churn import CHURN

TRIES = 10
OPTIONS = ["-tan", "-tane", "-tanm", "-tano", "-tani", "-tanei", "-tanmieop", "-tn", "-tln", "-t4an", "-t6an", "-tB",
           "-tanOie --tos --cgroup --inet-sockopt", "-tan state time-wait", "-tan state syn-recv state fin-wait-2",
           "-tane sport > :1000 and not dport = :9", "-tan src [::1] or src 127.0.0.1", "-tan fwmark = 7",
           "-tan state bound-inactive", "-tane state closed"]
# What goes on by itself.
MOVES = re.compile(rb"(last(?:snd|rcv|ack)|busy|rwnd_limited|sndbuf_limited):[0-9.]+(?:ms)?(?:\([0-9.]+%\))?"
                   rb"|timer:\([^)]*\)| +$", re.MULTILINE)


def listing(net, ss, source, words):
    result = net.run([ss, f"--source={source}", *words.split()])
    assert result.status == 0 and result.err == b"", result.err
    return MOVES.sub(b"", result.out)


@pytest.mark.parametrize("words", OPTIONS)
@pytest.mark.parametrize("kind", ["steady", "moving"])
def test_same_as_netlink(ss, walks, kind, words, request):
    net = request.getfixturevalue(kind)
    listing(net, ss, "netlink", "-tane")  # gives every socket its cookie
    for _ in range(TRIES):  # a socket may change between two listings
        before = listing(net, ss, "netlink", words)
        walked = listing(net, ss, "bpf", words)
        if walked == before:
            return
    assert walked.decode() == before.decode()


def test_has_sockets_to_compare(ss, walks, steady, moving):
    for net in (steady, moving):
        assert len(listing(net, ss, "bpf", "-Htan").splitlines()) > 10


def test_cookies_are_made(ss, walks, steady):
    """A socket has no cookie until somebody asks; whoever looks first sees one."""
    first = listing(steady, ss, "bpf", "-HtanOe")
    assert b" sk:" in first and b"sk:0 " not in first
    assert first == listing(steady, ss, "netlink", "-HtanOe")


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


def test_refused(ss, walks, steady):
    """What was asked for and cannot be had is an error, and nothing else is shown in its place."""
    if not steady.has_real_root:
        pytest.skip("needs root, to have it taken away")
    result = steady.run([ss, "--source=bpf", "-Htan"], uid=65534)
    assert result.status == 1 and b"no walk by BPF" in result.err
    assert result.out == b""
    assert steady.run([ss, "-Htan"], uid=65534).status == 0


def test_explain(ss, tmp_path):
    (tmp_path / "many").write_text("sockets: used 9\nTCP: inuse 250000 orphan 0 tw 10 alloc 300000 mem 1\n")
    (tmp_path / "few").write_text("sockets: used 9\nTCP: inuse 25 orphan 0 tw 10 alloc 30 mem 1\n")
    (tmp_path / "none").write_text("")
    out = {}
    for name in ("many", "few"):
        env = {"PATH": "/usr/bin:/bin", "PROC_NET_SOCKSTAT": str(tmp_path / name),
               "PROC_NET_SOCKSTAT6": str(tmp_path / "none"), "PROC_NET_SNMP": str(tmp_path / "none")}
        run = subprocess.run([ss, "--explain", "-t4ni", "sport", "=", ":22", "or", "dev", "=", "lo"], env=env,
                             capture_output=True, text=True, check=True)
        assert run.stderr == ""
        out[name] = run.stdout
    assert "\nfilter: sport = inet:22 or dev = lo\n" in out["few"] and " tcp.rtt " in out["few"]
    assert "\n  ask: info vegasinfo cong\n" in out["few"] and "\nowners: no\n" in out["few"]
    assert "source: netlink (the kernel runs the filter: 35 TCP sockets)" in out["few"]
    version = subprocess.run([ss, "-V"], capture_output=True, text=True, check=True).stdout
    if "bpf-walk" in version:
        assert "source: bpf (sock_diag would hold up new connections: 250010 TCP sockets)" in out["many"]
    else:
        assert "source: netlink (built without BPF programs)" in out["many"]


def test_no_such_source(ss):
    run = subprocess.run([ss, "--source=elsewhere"], capture_output=True, text=True)
    assert run.returncode == 255 and "elsewhere" in run.stderr and run.stdout == ""
