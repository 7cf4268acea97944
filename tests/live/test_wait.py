# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--exists, --wait, --gone: how they answer, and that they leave nothing behind. And rates, against what a program sent."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest

LISTEN = "l = socket.socket(); l.bind(('127.0.0.1', %d)); l.listen(); keep.append(l)\n"
LATER = "import socket, sys, time; time.sleep(float(sys.argv[2])); l = socket.socket(); l.bind(('127.0.0.1', int(sys.argv[1]))); l.listen(); time.sleep(1)"

# Sends to itself, as much each hundredth of a second.
FLOW = """
import threading, time
l = socket.socket(); l.bind(('127.0.0.1', 4000)); l.listen()
a = socket.create_connection(('127.0.0.1', 4000)); b = l.accept()[0]
def flow():
    while True:
        a.sendall(b'x' * 10000); b.recv(20000); time.sleep(0.01)
threading.Thread(target=flow, daemon=True).start()
keep += [l, a, b]
"""


@pytest.fixture
def net(script):
    return script(LISTEN % 80)


@pytest.mark.parametrize("words, status", [
    (["--exists", "-tln"], 0),
    (["--exists", "-tln", "sport = 81"], 1),
    (["--exists", "-tln", "--by=state", "--having=count > 0"], 0),
    (["--exists", "-tln", "--by=state", "--having=count > 1"], 1),
    (["--exists", "-tln", "--format=json", "--columns=state"], 0),
    (["--gone", "-tln", "sport = 81"], 0),
    (["--gone=0.05", "-tln", "sport = 80"], 1),
    (["--gone=50ms", "-tln", "--by=state", "--having=count > 0"], 1),
    (["--wait=0.05", "-tln", "sport = 81"], 1),
])  # fmt: skip
def test_status_alone(net, ss, words, status):
    result = net.run([ss, *words])
    assert (result.status, result.out, result.err) == (status, b"", b"")


@pytest.mark.parametrize("form", ["classic", "table", "json", "ndjson", "csv"])
def test_wait_shows_the_first(net, ss, form):
    """As --limit=1 would, of those there are."""
    words = ["-tln"] if form == "classic" else ["-tln", f"--format={form}", "--columns=state,local.port"]
    result = net.run([ss, "--wait=5", *words])
    assert (result.status, result.err) == (0, b"")
    assert result.out == net.run([ss, "--limit=1", *words]).out and b"80" in result.out


# A connection that is reset when something is read.
RESET = """
import struct, sys
l = socket.socket(); l.bind(('127.0.0.1', 4001)); l.listen()
a = socket.create_connection(('127.0.0.1', 4001)); b = l.accept()[0]
def reset():
    sys.stdin.readline()
    a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); a.close()
"""


@pytest.mark.plain
def test_an_end_is_announced(net, ss, tmp_path):
    """Who waits for it is woken, and need not ask until he is lucky."""
    code = "import socket, sys\n" + RESET + "print('ready', flush=True)\nreset()\nprint('done', flush=True)\nsys.stdin.read()\n"
    told = tmp_path / "calls"
    with net.popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"ready\n"
        gone = net.popen(["strace", "-e", "trace=ppoll", "-o", told, ss, "--gone=30", "-tn", "sport = 4001"])
        # It asks seldom by now.
        while not re.search(r"tv_nsec=[6-9]\d{8}\}", told.read_text() if told.exists() else ""):
            assert gone.poll() is None
            time.sleep(0.01)
        other.stdin.write(b"go\n")
        other.stdin.flush()
        assert other.stdout.readline() == b"done\n" and gone.wait(20) == 0
        assert re.search(r"ppoll\(.*\) = 1 \(\[\{fd=\d+, revents=POLLIN\}\]", told.read_text()), told.read_text()
        other.stdin.close()


@pytest.mark.plain
def test_a_change_is_told(net, ss, walks, tmp_path):
    """Who waits for a socket is woken by a BPF program when it comes, once a few questions were in vain."""
    told = tmp_path / "calls"
    wait = net.popen(["strace", "-e", "trace=ppoll", "-o", told, ss, "--wait=30", "-Hltn", "sport = 83"], stdout=subprocess.PIPE)
    while not re.search(r"tv_nsec=[6-9]\d{8}\}", told.read_text() if told.exists() else ""):
        assert wait.poll() is None
        time.sleep(0.01)
    proc = net.popen([sys.executable, "-c", LATER, "83", "0"])
    out, _ = wait.communicate(timeout=30)
    assert (wait.returncode, out.count(b"\n")) == (0, 1)
    assert re.search(r"ppoll\(.*\) = 1 \(\[\{fd=\d+, revents=POLLIN\}\]", told.read_text()), told.read_text()
    assert proc.wait(20) == 0


def test_what_could_not_be_seen(net, ss):
    """Nobody is found, but not everybody was seen: neither yes nor no."""
    words = ["-tln", "process.name = nosuch"]
    unseen = net.run([ss, "--exists", *words], uid=65534)
    assert (unseen.status, unseen.out) == (3, b"") and b"could not be seen" in unseen.err
    gone = net.run([ss, "--gone=30", *words], uid=65534)
    assert gone.status == 3 and b"could not be seen" in gone.err
    assert net.run([ss, "--exists", *words]).status == 1
    there = net.run([ss, "--exists", "-tln", "state = listening"], uid=65534)
    assert (there.status, there.err) == (0, b"")


def test_comes_and_goes(net, ss):
    """What is waited for is seen when it comes, and that it went when it is over."""
    proc = net.popen([sys.executable, "-c", LATER, "82", "0.3"])
    came = net.run([ss, "--wait=20", "-Hltn", "sport = 82"])
    assert came.status == 0 and came.out.count(b"\n") == 1
    gone = net.run([ss, "--gone=20", "-tln", "sport = 82"])
    assert (gone.status, gone.out) == (0, b"")
    assert proc.wait(20) == 0


def is_caught(pid, number):
    """Whether the process has a handler for that signal."""
    with open(f"/proc/{pid}/status") as f:
        (mask,) = (int(line.split()[1], 16) for line in f if line.startswith("SigCgt:"))
    return mask >> number - 1 & 1


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_no(net, ss, sent):
    proc = net.popen([ss, "--wait", "-tln", "sport = 81"], stdout=subprocess.PIPE)
    while not is_caught(proc.pid, sent):
        assert proc.poll() is None
        time.sleep(0.01)
    proc.send_signal(sent)
    out, _ = proc.communicate(timeout=20)
    assert (proc.returncode, out) == (1, b"")


def samples(net, ss, *words):
    out = net.run([ss, "-tn", "--every=0.4", "--count=4", "-j", *words, "dport = 4000"]).out
    return [(s["time"], s.get("sockets", s.get("groups"))) for s in json.loads(out)["samples"]]


def seconds(stamp):
    whole, part = stamp.rstrip("Z").split(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + part)


def test_rates(script, ss):
    """A rate is what the counter grew by, over the time between: that of groups is the sum of theirs."""
    net = script(FLOW)
    found = samples(net, ss, "--columns=tcp.bytes_sent,tcp.bytes_sent_rate,tcp.segs_out_rate")
    assert "bytes_sent_rate" not in found[0][1][0]["tcp"]
    for (before, a), (at, b) in zip(found, found[1:]):
        rate = (b[0]["tcp"]["bytes_sent"] - a[0]["tcp"]["bytes_sent"]) / (seconds(at) - seconds(before))
        assert rate > 0 and abs(b[0]["tcp"]["bytes_sent_rate"] / rate - 1) < 0.1  # the time of a sample is that of its list, which is read a little later
        assert b[0]["tcp"]["segs_out_rate"] > 0
    for _, groups in samples(net, ss, "--by=state,sum(tcp.bytes_sent_rate) as sent", "--having=sent > 10kB/s")[1:]:
        assert [g["state"] for g in groups] == ["established"] and groups[0]["sent"] > 10000
    assert net.run([ss, "--wait=20", "-Htn", "tcp.bytes_sent_rate > 10kB/s"]).out.count(b"\n") == 1
    assert net.run([ss, "--wait=0.5", "-Htn", "tcp.bytes_sent_rate > 10GB/s"]).status == 1
