# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The Process column: odd names, shared sockets, threads, what an ordinary user sees."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from lib import builds, netns

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


# Port 7401 is held by a thread with a table of its own, 7402 by the threads of a process whose main one has ended.
BY_THREADS = """
import ctypes, json, os, platform, signal, threading
libc = ctypes.CDLL(None, use_errno=True)

def listen(port):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen()
    keep.append(s)
    return s.fileno()

def apart():
    assert libc.unshare(0x400) == 0
    told.append(listen(7401))
    started.set()
    threading.Event().wait()

told, started = [], threading.Event()
threading.Thread(target=apart, daemon=True).start()
started.wait()
ready, tell = os.pipe()
child = os.fork()
if not child:
    libc.prctl(1, signal.SIGKILL)
    libc.prctl(15, b"main (ended)")
    fd = listen(7402)

    def stay():
        with open("/proc/%d/stat" % os.getpid()) as f:
            while f.read().rpartition(")")[2].split()[0] != "Z":
                f.seek(0)
        os.write(tell, bytes([fd]))
        threading.Event().wait()

    threading.Thread(target=stay).start()
    threading.Thread(target=threading.Event().wait).start()
    libc.syscall({"x86_64": 60}.get(platform.machine(), 93 if platform.machine() in ("aarch64", "riscv64") else 1), 0)
fd = os.read(ready, 1)[0]
for what in ((7401, os.getpid(), told[0]), (7402, child, fd)):
    print(json.dumps(dict(zip(("port", "pid", "fd"), what))))
"""


@pytest.fixture(scope="module")
def by_threads():
    net = netns.Script(BY_THREADS)
    try:
        yield net.start()
    finally:
        net.stop()


@pytest.fixture(params=["proc", "bpf"])
def owners_by(request):
    if request.param == "bpf":
        request.getfixturevalue("walks")
    return [] if request.param == "proc" else ["--source=bpf"]


def test_held_by_threads_only(ss, by_threads, owners_by):
    """The process is the owner, in the text and wherever owners are looked at."""
    names = {7401: "python3", 7402: "main (ended)"}
    for m in by_threads.made:
        name = names[m.port]
        shown = by_threads.run([ss, *owners_by, "-Htlnp", f"sport = {m.port}"])
        assert shown.status == 0 and shown.err == b""
        assert shown.lines[0].endswith(f'users:(("{name}",pid={m.pid},fd={m.fd}))'), shown.lines
        for term in (f"process.pid = {m.pid}", f"process.name = '{name}' and has process", f"not process.pid != {m.pid}"):
            done = by_threads.run([ss, *owners_by, "-tln", "--json", "--columns=local.port,process.*", term])
            rows = json.loads(done.out)["sockets"]
            assert [r["local"]["port"] for r in rows] == [m.port], (term, done.out)
            assert [(p["name"], p["pid"], p["fd"]) for p in rows[0]["process"]] == [(name, m.pid, m.fd)]
    done = by_threads.run([ss, *owners_by, "-tln", "--json", "not has process"])
    assert json.loads(done.out)["sockets"] == []
    done = by_threads.run([ss, *owners_by, "-tln", "--json", "--by=process.name"])
    assert {g["process"]["name"]: g["count"] for g in json.loads(done.out)["groups"]} == dict.fromkeys(names.values(), 1)


def test_threads_of_a_user(ss):
    """What is told of a main thread that has ended is root's; its user sees what the threads have all the same."""
    script = BY_THREADS.replace("import ctypes", "import os; os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\nimport ctypes", 1)
    script = script.replace("def listen", "libc.prctl(4, 1)  # what changed its user is root's otherwise\n\ndef listen", 1)
    net = netns.Script(script)
    try:
        net.start()
        if not net.has_real_root:
            pytest.skip("another user needs root")
        done = net.run([ss, "-tln", "--json", "--columns=local.port,process.pid"], uid=NOBODY)
        rows = json.loads(done.out)["sockets"]
        found = {r["local"]["port"]: [p["pid"] for p in r.get("process", [])] for r in rows}
        assert found[7402] == [net.made[1].pid], done
    finally:
        net.stop()


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
