# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--record and --from: what was recorded is answered as it was answered then, and what was not is no answer."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from lib import loaded, netns, replayed

NOBODY = 65534
RANDOM_LINES = int(os.environ.get("SOCKEYE_RANDOM_LINES", "20"))


@pytest.fixture(scope="module")
def folder():
    path = Path(tempfile.mkdtemp(prefix="sockeye-rec-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def ours(ss, folder):
    """A program that an ordinary user can run."""
    shutil.copy(ss, folder / "ss")
    (folder / "ss").chmod(0o755)
    loaded.COPIES[folder / "ss"] = ss
    return folder / "ss"


@pytest.fixture(scope="module")
def quiet(steady, ss):
    steady.wait_quiet(ss)
    return steady


def record(net, ss, file, *words, **how):
    done = net.run([ss, f"--record={file}", *words], **how)
    assert done.out == b"" and done.status == 0, done
    return file


@pytest.fixture(scope="module")
def whole(quiet, ours, folder):
    return record(quiet, ours, folder / "whole", "--with=cmdline")


def check_same(net, ss, file, words, uid=None):
    """Live, recorded, live: where the first and the last differ it says nothing."""
    for _ in range(3):
        before, past, after = (net.run([ss, *w], uid=uid) for w in (words, [f"--from={file}", *words], words))
        if replayed.at_rest(before.out) == replayed.at_rest(after.out):
            break
    assert not replayed.difference(after.out, past.out), (words, past.err)
    # What was missing then is missing now; of what is recorded nothing more can be.
    is_ours = before.status in (2, 3, 4) or past.status in (2, 3, 4)
    assert past.status == before.status or (is_ours and before.status in (0, 1)) , (words, past.err)


@pytest.mark.plain
@pytest.mark.parametrize("words", replayed.LINES, ids=" ".join)
def test_same_as_live(quiet, ours, whole, words):
    check_same(quiet, ours, whole, words)


@pytest.mark.plain
def test_random_lines_are_the_same(quiet, ours, whole):
    seed = int(os.environ.get("SOCKEYE_SEED", time.time_ns() % 100000))
    for words in replayed.random_lines(seed, RANDOM_LINES):
        print(f"seed {seed}:", *words)
        check_same(quiet, ours, whole, words)


@pytest.mark.plain
def test_same_for_an_ordinary_user(quiet, ours, folder):
    """What he could not see is missing then as now."""
    if not quiet.has_real_root:
        pytest.skip("another user needs root")
    file = folder / "nobodys"
    for to, more in ((folder / "often", ["--every=0.05", "--count=3"]), (file, [])):
        made = quiet.run([ours, f"--record={to}", "--with=cmdline", *more], uid=NOBODY)
        assert made.status == 3 and made.out == b"" and made.err.count(b"who holds some of the sockets is not recorded: ") == 1, made
    for words in replayed.LINES:
        check_same(quiet, ours, file, words, uid=NOBODY)


def test_made_for_its_owner_only(quiet, ours, whole, folder):
    assert stat.S_IMODE(whole.stat().st_mode) == 0o600
    (folder / "link").symlink_to(folder / "elsewhere")
    done = quiet.run([ours, f"--record={folder / 'link'}"])
    assert done.status == 4 and not (folder / "elsewhere").exists() and done.err.count(b"\n") == 1
    if quiet.has_real_root:
        assert quiet.run([ours, f"--from={whole}"], uid=NOBODY).status == 4


def test_no_stream(quiet, ours, folder):
    for file in ("-", "./-"):
        done = quiet.run(["sh", "-c", f"cd {folder} && exec {ours} -t --record={file}"])
        if file == "-":
            assert done.status == 2 and done.out == b"" and b"say --record=./- for one of that name" in done.err, done
            assert not (folder / "-").exists()
        else:
            assert done.status == 0 and quiet.run([ours, f"--from={folder / '-'}", "-ta"]).status == 0


def test_command_lines_only_when_asked(quiet, ours, whole, folder):
    asked = ["-tl", "--columns=process.cmdline", "--ndjson", "has process"]
    file = record(quiet, ours, folder / "bare")
    assert b"mksock" not in quiet.run([ours, f"--from={file}", *asked]).out
    assert quiet.run([ours, f"--from={whole}", *asked]).out.count(b"mksock") > 3


@pytest.mark.parametrize(
    "made, asked, told",
    [
        (["-t"], ["-ua"], "has none: it was made of tcp"),
        (["-t"], ["-xa"], "has none: it was made of tcp"),
        (["-tl"], ["-ta"], "has no tcp sockets in these states"),
        (["-u"], ["-tan"], "has none: it was made of udp"),
        (["-4t"], ["-6ta"], "has none"),
        (["-A", "unix_stream"], ["-A", "unix_dgram", "-a"], "has no unix_dgram sockets"),
        (["-t", "sport = :7650"], ["-ta"], "has only sockets that fit: sport = 7650"),
        (["-t", "sport = :7650"], ["-ta", "sport = :7650 or sport = :1"], "has only sockets that fit"),
        (["-t", "sport = :7650"], ["--exists", "-ta", "sport = :1"], "has only sockets that fit"),
        (["-t"], ["--by=netid", "-ua"], "has none"),
        (["-t"], ["-ua", "--json"], "has none"),
    ],
)  # fmt: skip
def test_what_is_lacking_is_no_answer(quiet, ours, folder, made, asked, told):
    file = folder / "part"
    file.unlink(missing_ok=True)
    record(quiet, ours, file, *made)
    done = quiet.run([ours, f"--from={file}", *asked])
    assert done.status == 3 and told in done.err.decode(), done
    if "--json" in asked:
        assert json.loads(done.out)["complete"] is False


@pytest.mark.parametrize(
    "asked, status", [([], 0), (["--json"], 0), (["--by=netid"], 0), (["--summary=full"], 0), (["--ports"], 3), (["--ports", "53"], 3), (["--exists", "sport = :53"], 3)]
)  # fmt: skip
def test_kinds_that_nobody_named(quiet, ours, folder, asked, status):
    """A list is of what was recorded, and says so; that there is none cannot be told of what was not."""
    file = folder / "tcp"
    if not file.exists():
        record(quiet, ours, file, "-t")
    done = quiet.run([ours, f"--from={file}", *asked])
    assert done.status == status and b"was made of tcp: it does not tell of other sockets" in done.err, done
    assert b"nobody listens there" not in done.err
    if asked == ["--json"]:
        answer = json.loads(done.out)
        assert answer["complete"] is True and "was made of tcp" in str(answer["notes"])
    if asked == ["--ports"]:
        assert json.loads(quiet.run([ours, f"--from={file}", "--ports", "--json"]).out)["complete"] is False


@pytest.mark.parametrize(
    "made, asked",
    [(["-t"], ["-ta"]), (["-tl"], ["-tl"]), (["-t", "sport = :7650"], ["-ta", "sport", "=", ":7650"]),
     (["-x"], ["-xl"]), (["-A", "unix_stream"], ["-A", "unix_stream", "-a"])],
)  # fmt: skip
def test_what_was_recorded_is_whole(quiet, ours, folder, made, asked):
    file = folder / "same"
    file.unlink(missing_ok=True)
    record(quiet, ours, file, *made)
    done = quiet.run([ours, f"--from={file}", *asked])
    assert (done.status, done.err) == (0, b"")


@pytest.mark.parametrize(
    "words, told",
    [
        (["-K", "-t"], "do not go together"), (["--events=all", "--at=last"], "do not go together"), (["-K", "-E"], "do not go together"),
        (["--source=bpf"], "do not go together"), (["--root=/"], "do not go together"), (["--wait", "-t"], "say --exists"),
        (["-r"], "do not go together"), (["-tpT"], "which threads"),
        (["-tZ"], "no security contexts"), (["-t", "--sockopts"], "no options of sockets"), (["-N", "nowhere"], "no network namespace called nowhere"), (["-N", "all"], "without -N all"),
        (["--all-netns"], "without -N all"), (["--at=noon"], "such as 03:12"), (["--at=1999-01-01"], "the recording begins at"),
        (["--since=last", "--until=first"], "--until is before --since"), (["--since=9999-01-01"], "ends before"),
        (["--since=9999-01-01", "--every=1"], "ends before"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(quiet, ours, whole, folder, words, told):
    file = record(quiet, ours, folder / "two", "-t")
    record(quiet, ours, file, "-t")
    done = quiet.run([ours, f"--from={file}", *words])
    assert done.status == 2 and done.out == b"" and told in done.err.decode(), done


def test_autobound_is_told_to_be_a_guess(quiet, ours, whole, folder):
    """Only the kernel knows whether somebody chose a port; it was not asked for each."""
    done = quiet.run([ours, f"--from={whole}", "-tan", "autobound"])
    assert done.status == 3 and b"whether the kernel chose a port" in done.err
    file = record(quiet, ours, folder / "auto", "-t", "autobound")
    done = quiet.run([ours, f"--from={file}", "-tan", "autobound"])
    assert (done.status, done.out) == (0, quiet.run([ours, "-tan", "autobound"]).out)


def test_not_a_recording(quiet, ours, folder):
    for name, contents in (("empty", b""), ("text", b"no recording\n" * 99), ("zeros", bytes(8192))):
        (folder / name).write_bytes(contents)
        done = quiet.run([ours, f"--from={folder / name}", "-t"])
        assert done.status == 4 and done.out == b"" and name in done.err.decode(), done
        if contents:
            assert quiet.run([ours, f"--record={folder / name}", "-t"]).status == 4
            assert (folder / name).read_bytes() == contents
    assert quiet.run([ours, f"--from={folder / 'nothing'}"]).status == 4


def test_a_file_that_may_not_grow(quiet, ours, folder):
    """As a full medium: it is told, and what comes to be is no file that could never be recorded to."""
    file = folder / "limited"
    done = quiet.run(["prlimit", "--fsize=0", ours, f"--record={file}", "-t"])
    assert done.status == 4 and b"limited: File too large" in done.err, done
    record(quiet, ours, file, "-t")
    size = file.stat().st_size
    done = quiet.run(["prlimit", f"--fsize={size + 100}", ours, f"--record={file}", "-t"])
    assert done.status == 4 and b"limited: File too large" in done.err, done
    assert quiet.run([ours, f"--from={file}", "-ta"]).status == 0
    record(quiet, ours, file, "-t")


def test_a_chart_does_not_replace_what_it_is_of(quiet, ours, whole, folder):
    before = whole.read_bytes()
    link = folder / "link.svg"
    link.symlink_to(whole)
    for chart in (whole, link):
        done = quiet.run([ours, f"--from={whole}", "-t", f"--chart={chart}"])
        assert done.status == 2 and b"would overwrite the recording" in done.err, done
        assert whole.read_bytes() == before
    (folder / "a.svg").write_bytes(bytes(9999))
    assert quiet.run([ours, f"--from={whole}", "-t", f"--chart={folder / 'a.svg'}"]).status == 0
    assert b"</svg>" in (folder / "a.svg").read_bytes()[-9:]


GROWING = """
import time
l = socket.socket(); l.bind(("127.0.0.1", 7001)); l.listen()
a = socket.create_connection(("127.0.0.1", 7001)); b, _ = l.accept()
"""


@pytest.fixture(scope="module")
def series(ours, folder):
    """A service that took some samples of a namespace in which nothing happens, and ended by a signal."""
    net = netns.Script(GROWING).start()
    file = folder / "series"
    proc = net.popen([ours, f"--record={file}", "--every=0.1", "-t"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.3)
        done = net.run([ours, f"--from={file}", "-tan", "--since=first", "--ndjson", "--by=boot"])
        if done.out.count(b"boot") >= 8:
            break
    proc.send_signal(signal.SIGTERM)
    out, err = proc.communicate(timeout=60)
    yield net, file, proc.returncode, out + err
    net.stop()


def test_a_service_ends_cleanly_and_says_nothing(series):
    _, _, status, told = series
    assert status == 0 and told in (b"",) or b"samples are left out" in told


def times(net, ss, file, *words):
    done = net.run([ss, f"--from={file}", "-tl", "--ndjson", "--columns=time,local.port", *words])
    assert done.status == 0, done
    return [json.loads(line)["time"] for line in done.out.splitlines() if b"note" not in line]


def test_times(series, ours):
    net, file, *_ = series
    every = times(net, ours, file, "--since=first")
    assert len(every) >= 8 and every == sorted(set(every))
    assert times(net, ours, file, "--at=last", "--timestamp") == every[-1:] == times(net, ours, file, "--timestamp")
    assert times(net, ours, file, "--at=first", "--timestamp") == every[:1]
    assert times(net, ours, file, f"--at={every[3]}", "--timestamp") == [every[3]]
    assert times(net, ours, file, f"--since={every[2]}", f"--until={every[5]}") == every[2:6]
    assert times(net, ours, file, f"--until={every[1]}") == every[:2]
    assert times(net, ours, file, "--since=first", "--every=1ms", "--count=2") == every[:2]
    steps = times(net, ours, file, "--every=0.25")
    assert steps[0] == every[0] and set(steps) < set(every) and len(steps) >= 2
    between = f"{every[0][:-7]}{(int(every[0][-7:-1]) + 1) % 1_000_000:06}Z"
    done = net.run([ours, f"--from={file}", "-t", f"--since={between}", f"--until={between}"])
    assert done.status == 2 and b"no sample between --since and --until" in done.err, done


def test_rates_are_those_of_then(series, ours):
    net, file, *_ = series
    done = net.run([ours, f"--from={file}", "-tn", "--since=first", "--ndjson", "--columns=time,tcp.bytes_acked_rate,tcp.segs_in_rate"])
    assert done.status == 0
    rows = [json.loads(line) for line in done.out.splitlines() if b"note" not in line]
    assert len({r["time"] for r in rows}) >= 8
    assert {r["tcp"].get("segs_in_rate") for r in rows[4:]} == {0.0}, rows[4:6]


def blocks_of(data):
    """Offset and length of each block with samples (src/history/block.h), in the order of their samples."""
    at, found = 64, []
    while at < len(data):
        length = int.from_bytes(data[at + 8 : at + 16], "little")
        if data[at + 4] == 1:
            found.append((int.from_bytes(data[at + 16 : at + 24], "little"), at, length))
        at += length
    return [b[1:] for b in sorted(found)]


@pytest.mark.parametrize(
    ("which", "words", "status"),
    [(2, ["--at=first"], 0), (2, [], 3), (2, ["--since=first"], 3), (1, ["--since=first"], 3), (1, ["--at=last"], 0)],
)  # fmt: skip
def test_what_is_whole_is_read(quiet, ours, folder, which, words, status):
    """A block that is damaged costs its own samples; an answer that could have had them says so."""
    file = folder / f"damaged-{which}-{len(words)}-{status}"
    file.unlink(missing_ok=True)
    for _ in range(3):  # a block each
        done = quiet.run([ours, f"--record={file}", "-t", "--every=0.02", "--count=2"])
        assert done.status == 0, done
    n_all = len(times(quiet, ours, file, "--since=first", "--limit=1"))
    data = bytearray(file.read_bytes())
    at, length = blocks_of(data)[which]
    data[at + length - 80] ^= 0x55
    file.write_bytes(data)
    done = quiet.run([ours, f"--from={file}", "-ta", "--ndjson", "--columns=time", "--limit=1", "--timestamp", *words])
    assert done.status == status and (b" is damaged from " in done.err) == (status == 3), done
    assert done.out.count(b'"time"') == (n_all - 2 if "--since=first" in words else 1), done


def test_cron(ours, folder):
    """One sample a call, whatever is asked for: each by its own making."""
    net = netns.Script(GROWING).start()
    file = folder / "cron"
    try:
        for words in (["-t"], ["-tu"], ["-x"]):
            record(net, ours, file, *words)
        assert net.run([ours, f"--from={file}", "-ta", "--at=first"]).status == 0
        assert net.run([ours, f"--from={file}", "-ua", "--at=first"]).status == 3
        assert net.run([ours, f"--from={file}", "-ta", "--at=last"]).status == 3
        both = net.run([ours, f"--from={file}", "-ta", "--since=first", "--by=netid"])
        assert both.status == 3 and both.out.count(b"# 20") == 3
    finally:
        net.stop()


def test_two_writers(series, ours, folder):
    net = series[0]
    file = folder / "busy"
    proc = net.popen([ours, f"--record={file}", "--every=10"], stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while not file.exists() or net.run([ours, f"--from={file}"]).status == 4:
            assert time.monotonic() < deadline
        second = net.run([ours, f"--record={file}"])
        assert second.status == 4 and b"busy" in second.err
    finally:
        proc.terminate()
        proc.communicate(timeout=60)
    assert net.run([ours, f"--from={file}", "-ta"]).status == 0


@pytest.mark.plain
def test_all_namespaces(series, ours, folder):
    net, *_ = series
    if not net.has_real_root:
        pytest.skip("other network namespaces are for root")
    file = folder / "all"
    done = net.run([ours, f"--record={file}", "-t", "-N", "all"])
    assert done.status in (0, 3)
    columns = ["-tl", "--csv", "--columns=netns,local.port", "sport = :7001"]
    live = net.run([ours, *columns, "-N", "all"]).lines
    past = net.run([ours, f"--from={file}", *columns, "-N", "all"]).lines
    assert past == live and len(live) >= 2
    name = live[1].split(",")[0]
    assert net.run([ours, f"--from={file}", *columns, "-N", name]).lines == live[:2]
    assert net.run([ours, f"--from={file}", "-tl", "-N", "nowhere"]).status == 2
    assert net.run([ours, f"--from={file}", *columns]).lines == live[:2]  # home, where it was made


def test_header_on_a_terminal(series, ours):
    net, file, *_ = series
    done = net.run(["script", "-qec", f"{ours} --from={file} -tn", "/dev/null"])
    assert re.search(rb"ss: \S+ at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+, \d+ (s|min) ago", done.out), done
