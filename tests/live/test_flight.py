# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--flight: nothing is written before SIGUSR1, then all that is in memory, each sample once."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lib import netns

ONE = """
import time
from pathlib import Path
l = socket.socket(); l.bind(("127.0.0.1", 7001)); l.listen()
a = socket.create_connection(("127.0.0.1", 7001)); b, _ = l.accept()
"""


@pytest.fixture(scope="module")
def net():
    net = netns.Script(ONE, has_small_tables=True).start()  # it is listed 50 times a second
    yield net
    net.stop()


def times(net, ss, file):
    done = net.run([ss, f"--from={file}", "-tl", "--ndjson", "--columns=time,local.port", "--since=first"])
    if done.status == 4:
        return []
    assert done.status == 0 and b"damaged" not in done.err, done
    return [json.loads(line)["time"] for line in done.out.splitlines()]


class Flight:
    def __init__(self, net, ss, file, *words):
        self.net, self.ss, self.file = net, ss, file
        self.proc = net.popen([ss, f"--record={file}", "-t", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def wait(self, until):
        deadline = time.monotonic() + 300
        while not until():
            assert time.monotonic() < deadline and self.proc.poll() is None
            time.sleep(0.05)

    def caught(self):
        status = Path(f"/proc/{self.proc.pid}/status").read_text()
        mask = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)
        return mask >> (signal.SIGUSR1 - 1) & 1

    def ask(self):
        """The samples that are in the file when it has more than before."""
        before = times(self.net, self.ss, self.file)
        self.proc.send_signal(signal.SIGUSR1)
        self.wait(lambda: times(self.net, self.ss, self.file) != before)
        time.sleep(0.1)
        return times(self.net, self.ss, self.file)

    def ask_for(self, n):
        """The samples when there are so many."""
        self.wait(lambda: len(self.ask()) >= n)
        return self.ask()

    def kill(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.communicate()

    def end(self, sig=signal.SIGTERM):
        self.proc.send_signal(sig)
        out, err = self.proc.communicate(timeout=60)
        assert out == b""
        return self.proc.returncode, err


@pytest.fixture
def begin(net, ss):
    """Starts a Flight, which ends with the test."""
    made = []

    def make(file, *words):
        made.append(Flight(net, ss, file, "--every=0.02", *words))
        made[-1].wait(made[-1].caught)
        return made[-1]

    yield make
    for f in made:
        f.kill()


@pytest.fixture
def flight(begin, tmp_path):
    return begin(tmp_path / "flight.ss", "--flight=10m")


def test_written_when_asked_and_only_then(flight):
    time.sleep(0.5)
    assert flight.file.stat().st_size == 0 and flight.file.stat().st_mode & 0o777 == 0o600
    first = flight.ask()
    assert len(first) >= 2 and first == sorted(set(first))  # of the time before
    size = flight.file.stat().st_size
    time.sleep(0.5)
    assert flight.file.stat().st_size == size
    status, err = flight.end()
    assert status == 0 and (not err or b"samples are left out" in err)
    assert flight.file.stat().st_size == size and times(flight.net, flight.ss, flight.file) == first


def test_again_and_again_without_doubles(flight):
    seen = []
    for n in range(13, 66, 13):  # long blocks take the place of short ones meanwhile
        now = flight.ask_for(n)
        assert now[: len(seen)] == seen and len(now) > len(seen) and now == sorted(set(now))
        seen = now
    assert len(seen) >= 65  # so that a long block is among them
    assert flight.end()[0] == 0


def test_a_file_that_was_moved_away(flight):
    """What was taken away is left alone; the next one has all of it."""
    first = flight.ask()
    away = flight.file.with_name("away.ss")
    flight.file.rename(away)
    second = flight.ask()
    assert times(flight.net, flight.ss, away) == first
    assert second[: len(first)] == first and len(second) > len(first)
    flight.file.unlink()
    assert flight.ask()[: len(second)] == second


def test_behind_what_the_file_had(net, ss, begin, tmp_path):
    file = tmp_path / "flight.ss"
    for _ in range(3):
        assert net.run([ss, f"--record={file}", "-t"]).status == 0
    before = times(net, ss, file)
    f = begin(file, "--flight=1m")
    assert net.run([ss, f"--record={file}", "-t"]).status == 4  # one writer
    assert times(net, ss, file) == before
    now = f.ask()
    assert now[:3] == before and len(now) > 3
    assert f.end()[0] == 0


def test_killed_is_nothing_lost(flight):
    seen = flight.ask()
    flight.proc.send_signal(signal.SIGUSR1)
    flight.end(signal.SIGKILL)
    now = times(flight.net, flight.ss, flight.file)
    assert now[: len(seen)] == seen and now == sorted(set(now))


def test_only_the_last_minutes(begin, tmp_path):
    f = begin(tmp_path / "flight.ss", "--flight=2")
    time.sleep(5)
    seen = f.ask()
    status, err = f.end()
    assert status == 0 and b"64 MiB" not in err
    assert 10 < len(seen) <= 150, len(seen)  # a sanitized program is slower


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_a_full_disk_ends_nothing(net, begin, tmp_path):
    """Told, tried again, and written when there is room."""
    place = tmp_path / "small"
    place.mkdir()
    assert net.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place]).status == 0
    try:
        assert net.run(["sh", "-c", f"head -c 61440 /dev/zero >{place}/ballast"]).status == 0
        f = begin(place / "flight.ss", "--flight=1m")
        time.sleep(3)
        f.proc.send_signal(signal.SIGUSR1)
        time.sleep(1)
        assert f.proc.poll() is None
        assert net.run(["rm", place / "ballast"]).status == 0
        assert len(f.ask_for(30)) >= 30
        status, err = f.end()
        assert status == 3 and b"the samples in memory are not written" in err and b"No space left" in err
    finally:
        net.run(["umount", "-l", place])


@pytest.mark.parametrize(
    "words, told",
    [(["--flight=1m"], "--flight is for --record"),
     (["--record=x", "--every=1", "--flight=soon"], "is no time"), (["--record=x", "--every=1", "--flight=1m", "--sync=1"], "do not go together")],
)  # fmt: skip
def test_refused(ss, words, told):
    done = subprocess.run([ss, *words], capture_output=True, timeout=60)
    assert done.returncode == 2 and told in done.stderr.decode(), done


# A client fills the queue of a listener as soon as somebody asks for it, by making a file.
WRONG = """
import time
from pathlib import Path
full = socket.create_server(("127.0.0.1", 8080), backlog=3)
held = []
def fill(asked):
    while not Path(asked).exists():
        time.sleep(0.01)
    for _ in range(6):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(("127.0.0.1", 8080))
        held.append(c)
"""


@pytest.mark.parametrize("known, wants_file", [("", True), ("LSN01 until=2099-12-31 known\n", False)])
def test_a_finding_writes_it_once(ss, tmp_path, known, wants_file):
    """What is found wrong is told and writes the file; that it stays so does not; what is suppressed never does."""
    file, asked = tmp_path / "flight.ss", tmp_path / "asked"
    (tmp_path / "known").write_text(known)
    net = netns.Script(WRONG + f"import threading; threading.Thread(target=fill, args=({str(asked)!r},), daemon=True).start()\n", has_small_tables=True).start()
    try:
        f = Flight(net, ss, file, "--flight=10m", "--every=0.05", "--doctor=LSN01", f"--suppress={tmp_path / 'known'}")
        f.wait(f.caught)
        assert file.stat().st_size == 0
        asked.touch()
        f.wait(lambda: len(net.run([ss, "-Htl", "accept.fill > 100%"]).lines) == 1)
        line = ""
        while wants_file and "LSN01" not in line:
            line = f.proc.stderr.readline().decode()
            assert line
        size = file.stat().st_size
        time.sleep(0.5)  # ten samples more
        assert file.stat().st_size == size
        if wants_file:
            assert re.search(rf"Z: (warning|critical) LSN01 the accept queue of 127.0.0.1:8080 is full: .*; {file} has all samples since 2", line)
            assert "LSN01" in net.run([ss, "--doctor=LSN01", f"--from={file}"]).out.decode()
        else:
            assert size == 0
        assert len(f.ask()) >= 2  # a signal still does
        status, err = f.end()
        assert status == (1 if wants_file else 0), err
        assert b"LSN01" not in err
    finally:
        f.kill()
        net.stop()


def test_a_finding_that_cannot_be_written(ss, tmp_path):
    """It is told, and written when it can be."""
    asked, file = tmp_path / "asked", tmp_path / "here" / "flight.ss"
    file.parent.mkdir()
    net = netns.Script(WRONG + f"import threading; threading.Thread(target=fill, args=({str(asked)!r},), daemon=True).start()\n", has_small_tables=True).start()
    try:
        f = Flight(net, ss, file, "--flight=10m", "--every=0.05", "--doctor=LSN01")
        f.wait(f.caught)
        file.unlink()
        file.parent.rmdir()
        asked.touch()
        while b"LSN01" not in (line := f.proc.stderr.readline()):
            assert line
        assert b"all samples since" not in line
        assert b"the samples in memory are not written: " in f.proc.stderr.readline()
        file.parent.mkdir()
        f.wait(lambda: file.exists() and file.stat().st_size)
        status, err = f.end()
        assert status == 1 and f"{file} has the samples for these findings now".encode() in err
    finally:
        f.kill()
        net.stop()
