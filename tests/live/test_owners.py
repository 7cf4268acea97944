# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The Process column: odd names, shared sockets, threads, what an ordinary user sees."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from lib import builds

NOBODY = 65534


def test_shared_by_processes(ss, steady):
    lines = steady.run([ss, "-Htlnp", "sport", "=", "7650"]).lines
    assert len(lines) == 1
    owners = re.findall(r'\("([^"]*)",pid=([0-9]+),fd=([0-9]+)\)', lines[0])
    made = steady.find("owner.shared")
    assert sorted((int(pid), int(fd)) for _, pid, fd in owners) == sorted((m.pid, m.fd) for m in made)
    assert sorted(name for name, _, _ in owners) == ["mksock", "worker one", "worker two", "worker two"]


def test_threads(ss, steady):
    made = steady.find("owner.thread")
    plain = steady.run([ss, "-Htlnp", "sport", "=", "7651"]).lines
    assert len(plain) == 1 and plain[0].count("pid=") == 1 and "tid=" not in plain[0]
    with_threads = steady.run([ss, "-HtlnpT", "sport", "=", "7651"]).lines
    assert len(with_threads) == 1
    for m in made:
        assert f'("{m.comm}",pid={m.pid},tid={m.note},fd={m.fd})' in with_threads[0]
    assert with_threads[0].count("tid=") == len(made) + 1


def odd_rows(ss, odd):
    """Port -> the row, from plain text; a name must not be able to make a row of its own."""
    result = odd.run([ss, "-Htlnp"])
    assert result.status == 0 and result.err == b""
    found = {}
    for line in result.out.split(b"\n")[:-1]:
        port = re.match(rb"LISTEN +0 +3 +127\.0\.0\.1:([0-9]+) ", line)
        assert port, f"not a row: {line}"
        found[int(port[1])] = line
    return found


def test_odd_process_names(ss, odd):
    found = odd_rows(ss, odd)
    for m in odd.find("owner.odd"):
        row = found[m.local_port]
        assert b",pid=%d,fd=%d)" % (m.pid, m.fd) in row
        assert not re.search(rb"[\x00-\x1f\x7f]", row), f"control bytes of a name pass: {row}"
        plain = re.match(rb"[A-Za-z0-9 ]*", m.bytes("comm"))[0]
        assert b'("' + plain in row


@pytest.mark.parametrize("name", ["a)b(c", ")first", "(((", "it's", "with blank", "comma,pid=1"])
def test_name_is_whole(ss, odd, name):
    m = next(m for m in odd.find("owner.odd") if m.comm == name)
    assert f'("{name}",pid={m.pid},fd={m.fd})'.encode() in odd_rows(ss, odd)[m.local_port]


def test_odd_unix_names(ss, odd):
    """Each socket is found by its inode, and what is plain in its name is there to read."""
    out = odd.run([ss, "-Hxlp"]).out
    for m in odd.find("unix.odd"):
        at = re.search(rb" %d +\* 0" % m.inode, out)
        assert at, f"not shown: {m.data}"
        last = re.split(rb"[^A-Za-z0-9.@*]", m.bytes("name").replace(b"\0", b"@"))[-1]
        assert out[: at.start()].endswith(last)


@pytest.fixture
def for_everybody(ss):
    """Copies of the programs where an ordinary user can run them."""
    folder = Path(tempfile.mkdtemp(prefix="sockeye-test-"))
    folder.chmod(0o777)
    for path in (ss, builds.find_mksock()):
        shutil.copy(path, folder / path.name)
        (folder / path.name).chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def nobodys(odd, for_everybody):
    """A factory of an ordinary user, with one listener."""
    if not odd.has_real_root:
        pytest.skip("another user needs root")
    argv = odd.inside([for_everybody / "mksock", "-d", for_everybody, "threads"], uid=NOBODY)
    proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=builds.environment())
    while (line := proc.stdout.readline()) != b"ready\n":
        assert line, "the factory failed"
    yield for_everybody / "ss"
    proc.stdin.close()
    proc.wait(10)
    proc.stdout.close()


def test_ordinary_user_sees_own(odd, nobodys):
    result = odd.run([nobodys, "-Htlnp"], uid=NOBODY)
    assert result.status == 0
    own = [line for line in result.lines if "127.0.0.1:7651 " in line]
    assert len(own) == 1 and 'users:(("threaded",pid=' in own[0]
    others = [line for line in result.lines if "127.0.0.1:76" in line and line not in own]
    assert len(others) == len(odd.find("owner.odd"))
    assert not any("users:" in line for line in others)


def test_ordinary_user_gets_the_same_rows(odd, nobodys):
    for args in (["-Htan"], ["-Hxa"], ["-Huan"], ["-s"]):
        mine = odd.run([nobodys, *args], uid=NOBODY)
        roots = odd.run([nobodys, *args])
        assert mine.status == roots.status == 0
        if args != ["-s"]:
            assert mine.out == roots.out
        assert mine.err == b""


def test_ordinary_user_sees_uid(odd, nobodys):
    line = odd.run([nobodys, "-Htlne", "sport", "=", "7651"], uid=NOBODY).lines
    assert len(line) == 1 and f" uid:{NOBODY} " in line[0]
