# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What a terminal is told of work that takes long, and that nothing of it is left."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from lib import screen

pytestmark = pytest.mark.plain  # strace under a sanitizer is another program

# Each look at a directory of a process takes long; with --source=proc, since of a host with many files BPF tells who has them.
SLOW = ["strace", "-f", "-o", "/dev/null", "-e", "trace=getdents64", "-e", "inject=getdents64:delay_enter=25ms"]
LINE = r"reading processes: \d+ of \d+"


@pytest.fixture
def slow(steady):
    assert shutil.which("strace"), "strace is not installed: scripts/install-deps test"
    # Others on the machine may have many processes or few.
    sleepers = [steady.popen(["sleep", "60"]) for _ in range(20)]
    yield lambda *argv: [str(a) for a in steady.inside([*SLOW, *argv])]
    for proc in sleepers:
        proc.kill()
        proc.wait()


def last_seen(text):
    """What is to be seen at the end of what was written: a line that was erased is not."""
    return re.sub(r"[^\n\r]*\r(?:\x1b\[K)?", "", text)


def test_it_is_told_and_erased(slow, ss):
    text = screen.show(slow(ss, "-tanp", "--source=proc"))
    lines = re.findall(LINE, text)
    assert len(lines) > 1 and lines == sorted(lines, key=lambda line: int(line.split()[2]))
    assert text.index("reading") < text.index("State") and text.rindex("reading") < text.index("State")
    assert re.search(r"\r\x1b\[KState", text), text
    assert "reading" not in last_seen(text) and "ESTAB" in last_seen(text)


def test_it_is_cut(slow, ss):
    text = screen.show(slow(ss, "-tanp", "--source=proc"), columns=20)
    told = re.findall(r"\r([^\r\x1b]+)\x1b\[K", text)
    assert told and all(len(line) < 20 for line in told)


def test_nowhere_else(slow, ss):
    """A pipe, a terminal that cannot erase, an answer that comes again."""
    proc = subprocess.run(slow(ss, "-tanp", "--source=proc"), capture_output=True, timeout=60)
    assert proc.returncode == 0 and proc.stderr == b"" and b"reading" not in proc.stdout
    for argv, env in ((["-tanp", "--source=proc"], {"TERM": "dumb"}), (["-tanp", "--source=proc", "--every=0.1", "--count=1"], {})):
        assert "reading" not in screen.show(slow(ss, *argv), **env)


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_line(slow, ss, sig):
    """And is what it ends by, as without it."""
    seen, status = screen.follow(slow(ss, "-tanp", "--source=proc"), until=LINE, then=lambda pid: os.kill(strace_child(pid), sig))
    left = re.sub(r"strace: .*", "", last_seen(seen))
    assert status in (-sig, 128 + sig) and left.strip() == "", seen


def strace_child(pid):
    """The program that strace, or what became it, runs."""
    while True:
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
        if not children:
            return pid
        pid = int(children[0])
        time.sleep(0)
