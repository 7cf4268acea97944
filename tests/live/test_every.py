# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--every, --count, --timestamp: samples in a stream, on a screen, in a file, and how they end."""

import csv
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from xml.etree import ElementTree

import pytest

from lib import compare

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
TWO = ["--every=0.1", "--count=2"]
LATE = b"samples are left out"  # told by a machine that is busy with other things
DEADLINE_S = 30


def times(found):
    assert found == sorted(set(found)), found
    return len(found)


def test_classic_in_a_pipe(steady, ss):
    once = steady.run([ss, "-tanH"])
    result = steady.run([ss, "-tanH", *TWO])
    assert result.status == 0 and (not result.err or LATE in result.err)
    parts = re.split(rf"^# ({TIME})\n", result.out.decode(), flags=re.M)
    assert parts[0] == "" and times(parts[1::2]) == 2
    assert all(sorted(rows.splitlines()) == sorted(once.lines) for rows in parts[2::2])


def test_records_in_a_pipe(steady, ss):
    columns = ["-tan", "--columns=local.port"]
    once = [line for line in steady.run([ss, *columns, "--format=csv", "-H"]).lines]
    header, *rows = csv.reader(steady.run([ss, *columns, "--format=csv", *TWO]).lines)
    assert header == ["time", "local.port"] and times(sorted({t for t, _ in rows})) == 2
    assert sorted(port for _, port in rows) == sorted(once * 2)
    lines = [json.loads(line) for line in steady.run([ss, *columns, "--format=ndjson", *TWO]).lines if LATE.decode() not in line]
    assert [next(iter(line)) for line in lines] == ["time"] * len(rows)
    assert sorted(str(line["local"]["port"]) for line in lines) == sorted(once * 2)
    answer = json.loads(steady.run([ss, *columns, "-j", *TWO]).out)
    assert times([s["time"] for s in answer["samples"]]) == 2 and answer["complete"] is True
    assert [len(s["sockets"]) for s in answer["samples"]] == [len(once)] * 2


def test_where_and_when(steady, ss):
    """The machine, its start, and a clock that goes on; a log has them in each record."""
    lines = [json.loads(line) for line in steady.run([ss, "-tln", "--columns=host,boot,monotonic", "--ndjson", *TWO]).lines]
    assert {line["host"] for line in lines} == {os.uname().nodename}
    assert {line["boot"] for line in lines} == {open("/proc/sys/kernel/random/boot_id").read().strip()}
    moments = sorted({line["monotonic"] for line in lines})
    assert len(moments) == 2 and 0.05 < moments[1] - moments[0] < DEADLINE_S and abs(moments[1] - time.monotonic()) < DEADLINE_S


@pytest.mark.parametrize("words", [["-tan", "--by=state"], ["-tan", "--by=state,delta(count)"], ["-tan", "--sort=local.port", "--limit=3"], ["--summary=full"], ["-s"]])
def test_answers_of_all_rows(steady, ss, words):
    answer = json.loads(steady.run([ss, *words, "-j", *TWO]).out)
    first, second = answer["samples"]
    assert first.pop("time") < second.pop("time") and set(first) == set(second)
    assert all(len(first[name]) == len(second[name]) for name in first) and any(first.values())


def test_summary_as_text(steady, ss):
    once = compare.SUMMARY.sub(b"N", steady.run([ss, "-s"]).out).decode()
    parts = re.split(rf"^# ({TIME})\n", compare.SUMMARY.sub(b"N", steady.run([ss, "-s", *TWO]).out).decode(), flags=re.M)
    assert parts[0] == "" and times(parts[1::2]) == 2 and parts[2::2] == [once] * 2
    rows = list(csv.DictReader(steady.run([ss, "-s", "--csv", *TWO]).lines))
    assert times(sorted({row["time"] for row in rows})) == 2 and [row["kind"] for row in rows[:6]] == [row["kind"] for row in rows[6:]]


def test_timestamp_alone(steady, ss):
    result = steady.run([ss, "-tan", "--timestamp"])
    assert re.match(rf"# {TIME}\nState ", result.out.decode()) and result.out[len("# ") + 28 :] == steady.run([ss, "-tan"]).out
    (sample,) = json.loads(steady.run([ss, "-tan", "--timestamp", "-j"]).out)["samples"]
    assert re.fullmatch(TIME, sample["time"]) and sample["sockets"]


@pytest.mark.parametrize(
    "words, said",
    [
        (["--count=3"], "--count is for --every"),
        (["--every=0"], "0.5s, 200ms or 5m"),
        (["--every=0.5"], ""),
        (["--every=x"], "0.5s, 200ms or 5m"),
        (["--every=367d"], "0.5s, 200ms or 5m"),
        (["--every=1us", "--count=0"], "no number of samples"),
        (["--every=1", "-K", "--dry-run"], "do not go together"),
        (["--every=1", "-E"], "do not go together"),
        (["--by=state,delta(count)"], "say how often with --every"),
        (["--every=1", "-s"], "-s with --every and -t do not go together"),
        (["--every=1", "--format=openmetrics"], "a page that ends once"),
    ],
)
def test_refused(steady, ss, words, said):
    if not said:
        words = [*words, "--count=1"]
    with subprocess.Popen(steady.inside([ss, "-tan", *words]), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as proc:
        out, err = proc.communicate(timeout=DEADLINE_S)
    if said:
        assert (proc.returncode, out) == (2, b"") and said in err.decode()
    else:
        assert proc.returncode == 0 and out


def test_a_page_in_a_file(steady, ss, tmp_path):
    """Each sample takes the place of the last, behind what was there."""
    path = tmp_path / "page"
    with path.open("wb") as file:
        file.write(b"kept\n")
        file.flush()
        proc = subprocess.run(
            steady.inside([ss, "-tan", "--columns=netid,recvq", "--format=openmetrics", *TWO]), stdout=file, timeout=DEADLINE_S
        )
    text = path.read_text()
    assert proc.returncode == 0 and text.startswith("kept\n# TYPE") and text.count("# EOF\n") == 1 and text.endswith("# EOF\n")
    with path.open("ab") as file:
        proc = subprocess.run(
            steady.inside([ss, "-tan", "--format=openmetrics", *TWO]), stdout=file, stderr=subprocess.PIPE, timeout=DEADLINE_S
        )
    assert proc.returncode == 2 and path.read_text() == text


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_whole(steady, ss, sig):
    heeded = {"preexec_fn": lambda: signal.signal(sig, signal.SIG_DFL)}  # nohup has it ignored
    with steady.popen([ss, "-tan", "-j", "--every=5m"], bufsize=0, stdout=subprocess.PIPE, **heeded) as proc:
        first = proc.stdout.readline() + proc.stdout.readline()
        assert first.startswith(b'{"samples":[')
        proc.send_signal(sig)
        out, _ = proc.communicate(timeout=DEADLINE_S)
    assert proc.returncode == 0 and json.loads(first + out)["complete"] is True


def test_nobody_reads(steady, ss):
    """A reader that is gone ends it at once, and not with the next sample."""
    proc = steady.popen([ss, "-tanH", "--every=5m"], stdout=subprocess.PIPE)
    proc.stdout.readline()
    proc.stdout.close()
    assert proc.wait(timeout=DEADLINE_S) == 0


class Terminal:
    """A program on a terminal of its own, and what it wrote there."""

    def __init__(self, argv, lines, columns, term="xterm"):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = term
            os.execv(argv[0], argv)
        self.resize(lines, columns)
        self.data = b""
        self.at = 0  # what was looked at

    def resize(self, lines, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, until=None):
        """Until @until has come, from now on, or the end; returns what came."""
        end_s, start = time.monotonic() + DEADLINE_S, len(self.data)
        while until is None or until not in self.data[start:]:
            assert time.monotonic() < end_s, self.data[start:]
            if not select.select([self.fd], [], [], 1)[0]:
                continue
            try:
                self.data += os.read(self.fd, 65536)
            except OSError:
                assert until is None, self.data[start:]
                break
        return self.data[start:]

    def wait(self):
        self.read()
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


DRAWN = b"\x1b[?2026l"


def argv_in(net, *argv):
    inside = [str(a) for a in net.inside(argv)]
    return [shutil.which(inside[0]), *inside[1:]]


def frames(data):
    """The lines of each frame, without what moves and colours."""
    for part in data.split(b"\x1b[?2026h")[1:]:
        yield [re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", line) for line in part.split(DRAWN)[0].split(b"\n")]


def test_screen(steady, ss):
    """Nothing wider or longer than it; the last frame stays when it is given back."""
    t = Terminal(argv_in(steady, ss, "-tane", *TWO), 6, 40)
    assert t.wait() == 0
    assert t.data.startswith(b"\x1b[?1049h") and t.data.count(b"\x1b[?1049h") == t.data.count(b"\x1b[?1049l") == 1
    on, off = t.data.split(b"\x1b[?1049l")
    shown = list(frames(on))
    assert len(shown) == 2
    for lines in shown:
        assert len(lines) == 6 and all(len(line.rstrip(b"\r")) <= 40 for line in lines), lines
    rows = off.replace(b"\r\n", b"\n").decode().splitlines()
    assert re.fullmatch(f"# {TIME}", rows[0]) and sum("ESTAB" in row for row in rows) > 2 and "ino:" in off.decode()


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGABRT])
def test_screen_is_given_back(steady, ss, sig):
    t = Terminal([str(ss), "-tan", "--every=5m"], 24, 80)
    t.read(DRAWN)
    os.kill(t.pid, sig)
    status = t.wait()
    assert status == (0 if sig in (signal.SIGINT, signal.SIGTERM) else -sig)
    assert t.data.count(b"\x1b[?1049l") == 1 and b"\x1b[?25h" in t.data


def test_screen_that_changes(ss):
    """A new size is drawn at once; stopped, the terminal is as it was, and continued it is drawn again."""
    t = Terminal([shutil.which("bash"), "-c", 'set -m; "$@"; fg', "bash", str(ss), "-tan", "--every=5m"], 24, 80)
    t.read(DRAWN)
    t.resize(10, 20)
    assert all(len(line.rstrip(b"\r")) <= 20 for line in next(frames(t.read(DRAWN))))
    (pid,) = map(int, open(f"/proc/{t.pid}/task/{t.pid}/children").read().split())
    os.kill(pid, signal.SIGTSTP)
    data = t.read(DRAWN)
    assert re.search(rb"\x1b\[\?1049l.*Stopped.*\x1b\[\?1049h", data, re.S)
    os.kill(pid, signal.SIGTERM)
    assert t.wait() == 0


# Says what it is told, and does it: a socket that listens, one that ends, bytes that wait.
SOCKETS = """
import socket, sys
kept = {}
print("ready", flush=True)
for line in sys.stdin:
    what, name = line.split()
    if what == "open":
        kept[name] = socket.create_server(("127.0.0.9", int(name)))
    elif what == "send":
        kept["c"] = socket.create_connection(("127.0.0.9", int(name)))
        kept["d"], _ = kept[name].accept()
        kept["c"].send(b"xyz")
    elif what == "more":
        kept["c"].send(b"xyz")
    else:
        kept.pop(name).close()
    print(what, flush=True)
"""


def seen(terminal, wanted):
    """The next whole frame in which a line fits @wanted: its lines."""
    end_s = time.monotonic() + DEADLINE_S
    while True:
        while (end := terminal.data.find(DRAWN, terminal.at)) < 0:
            terminal.read(DRAWN[-1:])
        (text,) = frames(terminal.data[terminal.at : end] + DRAWN)
        terminal.at = end + len(DRAWN)
        lines = [line.rstrip(b"\r").decode() for line in text]
        if any(re.search(wanted, line) for line in lines):
            return lines
        assert time.monotonic() < end_s, (wanted, lines)


@pytest.mark.parametrize(
    "words, row",
    [
        (["-tnl"], r"{} LISTEN +0 +128 +127\.0\.0\.9:{}\b"),
        (["-tnl", "--columns=state,local", "--sort=local.port"], r"{}  listening  127\.0\.0\.9:{}\b"),
        (["-tnl", "--by=local.port,state"], r"{} +{}  listening"),
    ],
)
def test_what_comes_and_goes_is_marked(steady, ss, words, row):
    with steady.popen([sys.executable, "-c", SOCKETS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as other:

        def tell(what):
            other.stdin.write(what.encode() + b"\n")
            assert other.stdout.readline().split() == [what.split()[0].encode()]

        assert other.stdout.readline() == b"ready\n"
        t = Terminal(argv_in(steady, ss, *words, "--every=0.2"), 40, 60)
        assert not any(re.match(r"[-+]", line) for line in seen(t, "."))
        for sign, what in (("\\+", "open 17001"), (" ", None), ("\\+", "open 17002"), ("-", "close 17001")):
            if what:
                tell(what)
            port = "17002" if what == "open 17002" else "17001"
            lines = seen(t, row.format(sign, port))
            assert all(len(line) <= 60 for line in lines) and len(lines) <= 40
        assert any(re.search(row.format(" ", 17002), line) for line in lines)
        left = seen(t, row.format(" ", 17002))
        assert not any(re.search(r":17001\b", line) for line in left), left
        os.kill(t.pid, signal.SIGINT)
        assert t.wait() == 0 and b"17002" in t.data.rpartition(b"\x1b[?1049l")[2]
        other.stdin.close()


def test_what_changes_is_marked(steady, ss):
    with steady.popen([sys.executable, "-c", SOCKETS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as other:
        for line in (b"", b"open 17003\n", b"send 17003\n"):
            other.stdin.write(line)
            other.stdout.readline()
        for words, before, after in (
            (["-tni"], r"^  ESTAB +\d+ ", r"^  ESTAB +\d+ *\* "),
            (["-tn", "--columns=recvq,local"], r"^ +\d+B  127", r"^ +\d+B\*  127"),
        ):
            t = Terminal(argv_in(steady, ss, *words, "--every=0.2", "sport", "=", "17003"), 40, 80)
            seen(t, before)
            other.stdin.write(b"more x\n")
            other.stdout.readline()
            lines = seen(t, after)
            assert "-i" not in words[0] or any(re.search(r"segs_in:\d+\*", line) for line in lines), lines
            os.kill(t.pid, signal.SIGINT)
            assert t.wait() == 0
        other.stdin.close()


def test_nothing_is_marked_in_a_pipe(steady, ss):
    """Nor in a format for programs on a terminal."""
    once = steady.run([ss, "-tnlH"]).lines
    for words in (["-tnlH", *TWO], ["-tnlH", "--every=0.1", "--count=3"]):
        assert {line for line in steady.run([ss, *words]).lines if not line.startswith("#")} == set(once)
    t = Terminal(argv_in(steady, ss, "-tnl", "--format=csv", "--columns=local.port", *TWO), 24, 80)
    assert t.wait() == 0
    _, last = frames(t.data.partition(b"\x1b[?1049l")[0])
    assert all(re.fullmatch(rb"[0-9T:.Z-]+,\d+", line.rstrip(b"\r")) for line in last[1:] if line.strip()), last


def test_terminal_without_a_screen(steady, ss):
    t = Terminal(argv_in(steady, ss, "-tan", *TWO), 24, 80, "dumb")
    assert t.wait() == 0 and b"\x1b" not in t.data and len(re.findall(rb"^# ", t.data, re.M)) == 2


@pytest.mark.plain
def test_charts(ss, steady, tmp_path):
    """One picture of all samples, of the largest groups on the whole; into a file each sample replaces it."""
    argv = [ss, "-tan", "--every=0.05", "--count=4", "--by=state"]
    drawn = steady.run([*argv, "--chart", "--limit=1"], env={"LC_ALL": "C", "COLUMNS": "60"})
    lines = drawn.out.decode().splitlines()
    assert (drawn.status, drawn.err) == (0, b"") and re.fullmatch(r"# \S+Z  count  \(the largest 1 of \d+\)", lines[0])
    count = len(steady.run([ss, "-Htn", "state", "established"]).lines)
    assert lines[1] == f"established  now {count}  min {count}  max {count}" and set("".join(lines[2:-1])) <= set("0123456789 |.#")
    picture = tmp_path / "states.svg"
    assert steady.run([*argv, f"--chart={picture}"]).out == b""
    root = ElementTree.parse(picture).getroot()
    texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "established" in texts and f"now {count}, min {count}, max {count}" in texts
    assert steady.run([ss, "-tan", "--chart=/nowhere/x.svg"]).status == 4
