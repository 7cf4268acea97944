# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What people build around ss: pipes, watch, cron."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time

import pytest

from lib import compare
from lib.builds import environment

PIPES = [
    "SS -ltnp | grep :80",
    "SS -tan | awk '{print $5}' | cut -d: -f1 | sort | uniq -c | sort -nr | head",
    "SS -tan | awk '{print $1}' | sort | uniq -c",
    "SS -tan state established | wc -l",
    "SS -Htan | awk '{print $4, $5}' | sort",
    "SS -tnp | grep -o 'pid=[0-9]*' | sort | uniq -c",
    "SS -lntu | tail -n +2 | awk '{print $1\"/\"$5}' | sort -u",
    "SS -xlp | awk 'NR>1 {print $5}' | sort",
    "SS -tin | grep -c cwnd",
    "SS -tOi | awk '{print NF}' | sort -n | tail -n 1",
    "SS -s | awk '/^TCP\\t/ {print $2}'",
    "SS -tan | column -t",
    "SS -tlnp | sed 's/.*pid=\\([0-9]*\\).*/\\1/'",
    "for s in established close-wait time-wait; do SS -Htan state $s | wc -l; done",
    "SS -tan 2>&1 | cat",
    "echo 'sport = 22' | SS -ltn -F -",
]


@pytest.fixture
def exact(ref):
    """A reference whose layout is ours."""
    if not ref.is_exact:
        pytest.skip("the reference is older than 7.0")
    return ref


@pytest.mark.parametrize("line", PIPES)
def test_pipe(ss, exact, steady, line):
    for _ in range(compare.TRIES):
        theirs, ours = (
            steady.run(["sh", "-c", line.replace("SS ", f"'{program}' ")], own_pids=True) for program in (exact.path, ss)
        )
        if ours.out == theirs.out:
            break
    assert ours.out == theirs.out, compare.difference(theirs.out, ours.out)
    assert ours.status == theirs.status


def test_from_cron(ss, exact, steady, tmp_path):
    """No terminal, an empty environment, output appended to a file."""
    log = tmp_path / "log"
    for _ in range(compare.TRIES):
        log.write_bytes(b"")
        for program in (exact.path, ss, exact.path):
            result = steady.run(["setsid", "env", "-i", "sh", "-c", f"'{program}' -s -t -n >>'{log}'"])
            assert result.status == 0 and result.out == b"" and result.err == b""
        parts = log.read_bytes().split(b"Total: ")[1:]
        assert len(parts) == 3
        first, ours, second = (re.sub(rb"^[0-9]+", b"N", compare.SUMMARY.sub(b"N", p)) for p in parts)
        if ours in (first, second):
            break
    assert ours in (first, second)


def on_terminal(net, argv, until, columns=80, keep=False):
    """What the program writes to a terminal, until the text @until came (or it ends, if not @keep)."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    proc = subprocess.Popen(
        net.inside(argv), stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL, env=environment(TERM="xterm"),
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    seen, end = b"", time.monotonic() + 30
    try:
        while time.monotonic() < end and not (keep and re.search(until, seen)):
            if select.select([controller], [], [], 0.2)[0]:
                try:
                    chunk = os.read(controller, 65536)
                except OSError:
                    break
                if not chunk:
                    break
                seen += chunk
    finally:
        if keep:
            proc.terminate()
        proc.wait(10)
        os.close(controller)
    return seen, proc.returncode


def text_of(seen):
    """Without the escape sequences that ncurses puts between words."""
    return b" ".join(re.sub(rb"\x1b(\[[0-9;?]*[A-Za-z]|\([A-Z0-9]|[=>78])", b" ", seen).split())


def test_watch(ss, ref, steady):
    if not shutil.which("watch"):
        pytest.skip("watch is not installed")
    texts = []
    for program in (ref.path, ss):
        seen, _ = on_terminal(steady, ["watch", "-t", "-n", "1", program, "-s"], rb"FRAG[^\n]*", keep=True)
        found = re.search(rb"Transport Total IP IPv6 RAW .* FRAG", text_of(seen))
        assert found, seen
        texts.append(found[0])
    assert texts[0] == texts[1]


def owners(users):
    """How many, as a word: those that have no room are counted."""
    more = re.search(rb"\)?,\+(\d+)\)$", users[0])
    return b"users:%d" % (users[0].count(b",fd=") + int(more[1] if more else 0))


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("args", ["-tan", "-tanp", "-xa", "-s", "-tani"])
def test_terminal_shows_the_same_words(ss, exact, steady, columns, args):
    """On a terminal the layout may be better than the reference's, but not what it says."""

    def words(program):
        seen, status = on_terminal(steady, [program, args], rb"", columns)
        assert status == 0
        seen = re.sub(rb"users:\(.*\)", owners, re.sub(rb",\s+", b",", seen))  # a long word breaks at a comma
        return sorted(text_of(compare.SUMMARY.sub(b"N", compare.STEADY.sub(b"", seen.replace(b"\r\n", b"\n").replace(b"\t", b" ")))).split())

    for _ in range(compare.TRIES):
        want, have = words(exact.path), words(ss)
        if want == have:
            break
    assert want == have


def test_terminal_is_safe_from_names(ss, odd):
    """A name with an escape sequence must not reach the terminal as one."""
    for args in ("-xlp", "-tlnp"):
        seen, status = on_terminal(odd, [ss, args], rb"", 200)
        assert status == 0
        assert b"\x1b[31mred" not in seen and b"\x1b[32mesc" not in seen
