# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Command lines, recordings and surroundings that nobody means well with."""

import fcntl
import os
import re
import subprocess

import pytest

from lib import builds, seccomp

WORDS = 10000


def direct(ss, *args, env=None, **popen):
    """Where nothing is asked of the kernel no namespace is needed."""
    return subprocess.run([ss, *args], env=builds.environment(**(env or {})), capture_output=True, timeout=120, **popen)


def test_long_filter(ss, steady):
    """One term of thousands holds; the kernel's own program could not jump that far."""
    words = " or ".join(f"sport = {20000 + i}" for i in range(WORDS // 4)).split()
    few = steady.run([ss, "-Htln", "sport = 22"])
    many = steady.run([ss, "-Htln", *words, "or", "sport", "=", "22"])
    assert few.lines and (many.status, many.err) == (0, b"")
    assert set(few.lines) <= set(many.lines)
    none = steady.run([ss, "-Htln", "(", *words, ")", "and", "sport", "=", "22"])
    assert (none.status, none.out, none.err) == (0, b"", b"")


def test_long_filter_in_one_word(ss, steady):
    text = " or ".join(f"sport = {20000 + i}" for i in range(WORDS // 4))
    split = steady.run([ss, "-Htan", *text.split()])
    assert steady.run([ss, "-Htan", text]).out == split.out
    assert split.status == 0


@pytest.mark.parametrize(
    "words",
    [
        ["("] * 5000 + ["sport", "=", "22"] + [")"] * 5000,
        ["(" * 5000 + "sport", "=", "22" + ")" * 5000],
        ["("] * WORDS,
        [")"] * WORDS,
        ["( " * 5000],
        ["and"] * WORDS,
        ["sport"] * WORDS,
        ["!"] * WORDS,
        ["sport", "="] * (WORDS // 2),
        ["state"] * WORDS,
        ["sport", "=", "1", "or"] * (WORDS // 4),
    ],
    ids=lambda w: f"{' '.join(w[:3])[:12]}-{len(w)}",
)
def test_refused_with_a_reason(ss, steady, words):
    result = steady.run([ss, "-tan", *words])
    assert (result.status, result.out) == (255, b"")
    assert 0 < len(result.err) < 4000


@pytest.mark.parametrize("words, same", [(["!"] * 5000, []), (["not"] * 5001, ["!"]), (["!" * 5000 + "autobound"], ["autobound"])], ids=["!", "not", "glued"])
def test_many_negations(ss, steady, words, same):
    rest = [] if "autobound" in same else ["sport", "=", "22"]
    result = steady.run([ss, "-Htan", *words, *rest])
    assert result.status == 0 and result.lines
    assert result.out == steady.run([ss, "-Htan", *same, *rest]).out


def test_many_options(ss, steady):
    plain = steady.run([ss, "-tan"])
    assert steady.run([ss, *["-t", "--numeric", "-an"] * (WORDS // 3)]).out == plain.out
    assert steady.run([ss, "-" + "tan" * WORDS]).out == plain.out
    assert steady.run([ss, "-A", ",".join(["tcp"] * WORDS), "-an"]).out == plain.out


@pytest.fixture(scope="module")
def recording(ss, steady):
    done = steady.run([ss, "-tlnem", "-D", "-", "sport = 22 or sport = 443 or sport = 8080"])
    assert done.status == 0 and len(done.out) > 500
    return done.out


STEP = 97


def replay(ss, path, data):
    path.write_bytes(data)
    return direct(ss, "-Htaniem", env={"TCPDIAG_FILE": path})


def test_cut_recordings(ss, recording, tmp_path):
    """Whole messages are shown, and that the rest is missing is told."""
    whole = replay(ss, tmp_path / "dump", recording)
    assert whole.returncode == 0 and whole.stdout
    for at in range(0, len(recording), STEP):
        cut = replay(ss, tmp_path / "dump", recording[:at])
        assert cut.returncode == 1 and cut.stderr, f"cut at {at}"
        # columns are as wide as their widest cell
        assert whole.stdout.split()[: len(cut.stdout.split())] == cut.stdout.split(), f"cut at {at}"


@pytest.mark.parametrize("mask", [0xFF, 0x01, 0x80])
def test_changed_recordings(ss, recording, tmp_path, mask):
    whole = replay(ss, tmp_path / "dump", recording)
    for at in range(mask % 7, len(recording), STEP):
        data = bytearray(recording)
        data[at] ^= mask
        done = replay(ss, tmp_path / "dump", bytes(data))
        assert done.returncode in (0, 1), f"byte {at} changed: {done.stderr!r}"
        assert bool(done.stderr) == bool(done.returncode), f"byte {at} changed"
        assert not set(done.stdout) & (set(range(0x20)) - {0x09, 0x0A}), f"byte {at} changed"
    assert whole.returncode == 0


def test_recordings_that_are_none(ss, tmp_path):
    for data in (b"", b"\0" * 4096, b"\xff" * 4096, os.urandom(4096), b"\x10\0\0\0" * 100000):
        done = replay(ss, tmp_path / "dump", data)
        assert (done.returncode, done.stdout) == (1, b"") and done.stderr


def forbidden(net, ss, *args):
    result = net.run([*seccomp.without("netlink"), ss, *args])
    if b"prctl" in result.err:
        pytest.skip(f"no seccomp filters here: {result.err.decode()}")
    return result


@pytest.mark.parametrize("args", ["-Htln", "-Huan", "-Hxan", "-H0an"])
def test_no_netlink_at_all(ss, steady, args):
    """Where a sandbox forbids it /proc/net serves, with the same sockets, and that it does is told."""
    result = forbidden(steady, ss, args)
    assert result.status == 0
    assert b"cannot open a netlink socket: Operation not permitted; /proc/net, read instead" in result.err

    def names(out):
        # what /proc does not tell: backlogs, interfaces, and that an address is for both families
        words = [line.split()[-2] for line in out.decode("utf-8", "surrogateescape").splitlines()]
        return sorted(re.sub(r"%\w+", "", word) for word in words if "." in word)

    whole = names(steady.run([ss, args]).out)
    assert names(result.out) == whole and (whole or args != "-Htln")
    # connections that nobody accepted yet are in /proc/net/unix only
    assert len(result.lines) >= len(steady.run([ss, args]).lines) > 0


def test_names_of_interfaces_without_netlink(ss, steady):
    known = forbidden(steady, ss, "-uan", "dev", "lo")
    assert b"no such device" not in known.err
    assert known.status == 1 and b"does not tell ifindex" in known.err
    unknown = forbidden(steady, ss, "-uan", "dev", "nonexistent")
    assert unknown.status == 1 and b"no such device" in unknown.err
    assert b":lo " in forbidden(steady, ss, "-0an").out


@pytest.mark.parametrize("args", [["-Ban"], ["-M"], ["--vsock"], ["-K", "dst", "192.0.2.1"], ["-tan", "-D", "-"], ["-E"]], ids=" ".join)
def test_what_needs_netlink(ss, steady, args):
    """Nobody else can answer: an error, not an empty list that looks like an answer."""
    if args == ["-Ban"]:
        args = ["-tBn"]
    result = forbidden(steady, ss, *args)
    assert result.status in (1, 255)
    assert b"Operation not permitted" in result.err


@pytest.mark.parametrize("blocks", [True, False], ids=["waits", "does-not-wait"])
@pytest.mark.parametrize("args", ["-an", "-tanoemip", "-h"])
def test_slow_reader(ss, steady, args, blocks):
    """One page fits into the pipe, and the reader takes a few bytes at a time."""
    whole = steady.run([ss, args]).out
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(w, blocks)
    p = steady.popen([ss, args], stdout=w, stderr=subprocess.PIPE)
    os.close(w)
    got = b""
    while chunk := os.read(r, 61):
        got += chunk
    os.close(r)
    assert (p.wait(), p.stderr.read()) == (0, b"")
    p.stderr.close()
    assert len(got.splitlines()) == len(whole.splitlines())
    if args == "-h":
        assert got == whole


@pytest.mark.parametrize("ignored", [True, False], ids=["ignored", "default"])
@pytest.mark.parametrize("args", ["-an", "-tanoemip", "-s", "-h", "--complete"])
def test_pipe_without_a_reader(ss, steady, args, ignored):
    """Quiet, and with a status: neither a part of an answer with status 0, nor death by the signal."""
    r, w = os.pipe()
    os.close(r)
    # Python ignores it, and what it starts does so, too, unless it is restored.
    try:
        result = steady.run([ss, args], stdout=w, restore_signals=not ignored)
    finally:
        os.close(w)
    assert (result.status, result.err) == (1, b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("args", ["-tan", "-tanp", "-tan -F -", "-tan -D -", "-s"])
def test_closed_descriptors(ss, steady, args, closed):
    """What is opened later must not be taken for standard output, nor for the filter."""
    plain = steady.run([ss, *args.split()])
    result = steady.run(["sh", "-c", f"exec '{ss}' {args} {closed}"])
    if "<&-" in closed and "-F" in args:
        assert (result.status, result.out) == (255, b"")
    elif closed.startswith(">&-") or " >&-" in closed:
        assert (result.status, result.out) == (1, b"")
    else:
        assert result.status == 0 == plain.status
        # the counters of the machine and the bytes of a recording move
        assert result.out and (args in ("-s", "-tan -D -") or result.out == plain.out)
