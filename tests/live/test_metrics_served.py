# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--metrics=WHERE: pages for whoever asks, whatever else others send, with no more privileges than they take."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from lib import builds, netns, prometheus

PORT = 9101
SOCKETS = r"""
held = [socket.create_server(("127.0.0.1", 9000 + i)) for i in range(4)]
"""
DEADLINE_S = 60

# Speaks inside the namespace, and leaves its sockets to us: a descriptor is passed.
CONNECT = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
out = socket.socket(fileno=0)
while (n := out.recv(64)):
    for _ in range(int(n)):
        c = socket.socket()
        c.connect(("127.0.0.1", %d))
        socket.send_fds(out, [b"x"], [c.fileno()])
        c.close()
""" % PORT


@pytest.fixture(scope="module")
def net():
    net = netns.Script(SOCKETS).start()
    yield net
    net.stop()


@contextlib.contextmanager
def serving(net, ss, *words, where=str(PORT)):
    proc = net.popen([ss, f"--metrics={where}", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield proc
        assert proc.poll() is None, proc.stderr.read()
        proc.send_signal(signal.SIGTERM)
        out, err = proc.communicate(timeout=DEADLINE_S)
        assert (proc.returncode, out, err) == (0, b"", b"")
    finally:
        if proc.poll() is None:
            proc.kill()
        proc.communicate()


class Door:
    """Connections to the server in the namespace."""

    def __init__(self, net):
        self.ours, theirs = socket.socketpair()
        with theirs:
            self.proc = net.popen(["python3", "-c", CONNECT], stdin=theirs, stderr=subprocess.DEVNULL)

    def many(self, n):
        self.ours.sendall(b"%d" % n)
        made = []
        while len(made) < n:
            _, fds, _, _ = socket.recv_fds(self.ours, 1, 1)
            assert fds
            made.append(socket.socket(fileno=fds[0]))
            made[-1].settimeout(DEADLINE_S)
        return made

    def one(self):
        return self.many(1)[0]

    def end(self):
        self.ours.close()
        self.proc.wait(DEADLINE_S)


def listens(net, ss):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if net.run([ss, "-Hltn", f"sport = :{PORT}"]).out:
            return
        time.sleep(0.02)
    raise RuntimeError("nobody listens")


@pytest.fixture(scope="module")
def server(net, ss):
    with serving(net, ss) as proc:
        listens(net, ss)
        yield proc


@pytest.fixture(scope="module")
def door(net, server):
    door = Door(net)
    yield door
    door.end()


def read_all(c):
    got = []
    with contextlib.suppress(ConnectionError):
        while data := c.recv(1 << 16):
            got.append(data)
    c.close()
    return b"".join(got)


def ask(door, what=b"GET /metrics HTTP/1.1", *heads):
    c = door.one()
    c.sendall(b"\r\n".join([what, b"Host: x", *heads, b"", b""]))
    head, _, body = read_all(c).partition(b"\r\n\r\n")
    return head.decode(), body.decode()


def seconds(page):
    return re.search(r"^sockeye_scrape_duration_seconds (\S+)$", page, re.M).group(1)


@pytest.mark.parametrize("accept, form", [
    (None, "prometheus"),
    (b"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "openmetrics"),
    (b"text/plain;version=0.0.4;q=1,*/*;q=0.1", "prometheus"),
    (b"application/openmetrics-text;q=0.3, text/plain;q=0.9", "prometheus"),
    (b"Application/OpenMetrics-Text ; Version=1.0.0", "openmetrics"),
    (b"application/openmetrics-text;version=2.0.0", "prometheus"),
    (b"application/openmetrics-text;q=0", "prometheus"),
    (b",;;=q,q=9;" + b"a" * 4000, "prometheus"),
])  # fmt: skip
def test_the_form_is_what_is_asked_for(door, accept, form):
    head, page = ask(door, b"GET /metrics HTTP/1.1", *([b"Accept: " + accept] if accept else []))
    kind = "application/openmetrics-text; version=1.0.0" if form == "openmetrics" else "text/plain; version=0.0.4"
    assert head.startswith("HTTP/1.1 200 ") and f"Content-Type: {kind}; charset=utf-8\r\n" in head
    found = prometheus.read(form, page)
    assert found["sockeye_complete"].samples[0].value == 1
    # the listeners, and ours
    assert {s.labels["state"]: s.value for s in found["sockeye_sockets"].samples if s.labels["netid"] == "tcp"}["listen"] == 5


def test_nothing_else_is_answered(door):
    assert ask(door, b"GET / HTTP/1.1")[0].startswith("HTTP/1.1 200 ")
    assert ask(door, b"GET /../etc/passwd HTTP/1.1")[0].startswith("HTTP/1.1 404 ")
    assert ask(door, b"GET /metrics/ HTTP/1.1")[0].startswith("HTTP/1.1 404 ")
    for method in (b"POST", b"HEAD", b"DELETE", b"NONSENSE"):
        head, _ = ask(door, method + b" /metrics HTTP/1.1")
        assert head.startswith("HTTP/1.1 405 ") and "Allow: GET" in head


def test_who_asks_at_once_shares_a_page(door, server):
    """It is listed once for all of them, and programs stay loaded: no file is left open by a page."""
    together = door.many(20)
    for c in together:
        c.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    pages = [read_all(c).decode() for c in together]
    assert len({seconds(page) for page in pages}) <= 2 and len(pages) == 20


def test_privileges_are_given_up(server):
    status = dict(line.split(":\t", 1) for line in open(f"/proc/{server.pid}/status").read().splitlines() if ":\t" in line)
    ptrace, admin, search, bpf, perfmon = 19, 12, 2, 39, 38
    may = sum(1 << n for n in (ptrace, admin, search, bpf, perfmon))
    assert not int(status["CapEff"], 16) & ~may and not int(status["CapPrm"], 16) & ~may and not int(status["CapInh"], 16)
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


ANSWERED = [b"\x00" * 100000, b"\r\n" * 50000, b"GET /metrics HTTP/9.9\r\n\r\n", b"GET " + b"/" * 1000000 + b" HTTP/1.1\r\n\r\n",
            b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 200000, b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 1000000, b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 1000000,
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: \xff\xfe\r\n\r\n" * 3]  # fmt: skip


UNFINISHED = [b"", b"GET", b"GET /metrics", b"GET /metrics HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01\x00", os.urandom(65536)]


def test_garbage_and_giants(door, server):
    """Whatever comes, the next one is served, and memory stays."""
    ask(door)
    before = resident(server)
    for request in ANSWERED:
        c = door.one()
        with contextlib.suppress(OSError):
            c.sendall(request)
        answer = read_all(c)
        assert answer.startswith(b"HTTP/1.1 ") and len(answer) < 1 << 20, request[:60]
    for request in UNFINISHED:
        with door.one() as c, contextlib.suppress(OSError):
            c.sendall(request)
    assert ask(door)[0].startswith("HTTP/1.1 200 ")
    assert resident(server) < before + (4 << 20)


def resident(proc):
    return int(open(f"/proc/{proc.pid}/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")


def open_files(proc):
    return len(os.listdir(f"/proc/{proc.pid}/fd"))


def test_a_thousand_connections(door, server):
    """Those that ask for nothing have to go for one that does, and no more are open than there is room for."""
    idle = []
    for _ in range(10):
        idle += door.many(100)
        assert ask(door)[0].startswith("HTTP/1.1 200 ")
        assert open_files(server) < 200
    for c in idle:
        c.close()
    assert ask(door)[0].startswith("HTTP/1.1 200 ")


@pytest.mark.plain
def test_a_byte_now_and_then_is_no_way_to_stay(door, server):
    """A request has its time, whenever its bytes come: then its connection ends. Others do not wait for it."""
    slow = door.one()
    begun = time.monotonic()
    slow.setblocking(False)
    request = iter(b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 10000)
    while time.monotonic() < begun + DEADLINE_S:
        try:
            slow.send(bytes([next(request)]))
            if not slow.recv(100):
                break
        except BlockingIOError:
            pass
        except ConnectionError:
            break
        assert ask(door)[0].startswith("HTTP/1.1 200 ")
        time.sleep(0.1)
    assert 5 < time.monotonic() - begun < 30
    slow.close()


def test_who_does_not_read_does_not_block(door):
    """Its answer waits, and nobody else."""
    deaf = door.many(30)
    for c in deaf:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        c.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert ask(door)[0].startswith("HTTP/1.1 200 ")
    for c in deaf:
        c.close()


@pytest.mark.plain
def test_a_days_worth_of_requests(door, server):
    """One each 15 seconds: nothing grows."""
    for _ in range(20):
        ask(door)
    memory, files = resident(server), open_files(server)
    for _ in range(144):
        for c in door.many(40):
            c.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            assert c.recv(12) == b"HTTP/1.1 200"
            c.close()
    assert ask(door)[0].startswith("HTTP/1.1 200 ") and open_files(server) <= files + 2
    assert resident(server) < memory + (2 << 20)


def test_a_path(net, ss, tmp_path):
    """For its owner and group; it is gone in the end, and one that is left over is no hindrance."""
    tmp_path.chmod(0o777)
    path = tmp_path / "it"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with serving(net, ss, where=path):
        c = connect(path)
        assert path.stat().st_mode & 0o777 == 0o660
        r = subprocess.run([ss, f"--metrics={path}"], capture_output=True, env=builds.environment(), timeout=60)
        assert r.returncode == 4 and b"in use" in r.stderr, "somebody is there"
        c.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"sockeye_complete 1\n" in read_all(c)
    assert not path.exists()


def connect(path):
    """As soon as somebody listens there."""
    c = socket.socket(socket.AF_UNIX)
    c.settimeout(DEADLINE_S)
    end = time.monotonic() + DEADLINE_S
    while c.connect_ex(str(path)):
        assert time.monotonic() < end
        time.sleep(0.02)
    return c


def test_sockets_that_are_handed_over(ss, tmp_path):
    """As systemd does it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "it"))
        listener.listen()
        script = f"""import os, sys
os.dup2({listener.fileno()}, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], [*sys.argv[1:], "--metrics=systemd", "--skip=all"])"""
        argv = [sys.executable, "-c", script, ss]
        with subprocess.Popen(argv, pass_fds=[listener.fileno()], env=builds.environment()) as proc:
            c = socket.socket(socket.AF_UNIX)
            c.settimeout(DEADLINE_S)
            c.connect(str(tmp_path / "it"))
            c.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"\nsockeye_complete " in read_all(c)
            proc.terminate()
            assert proc.wait(DEADLINE_S) == 0
    assert (tmp_path / "it").exists(), "it is not ours"


@pytest.mark.parametrize("where, status, said", [
    ("nowhere:9101", 2, "no place to serve"), ("0", 2, "no place"), ("65536", 2, "no place"), ("::1:9101", 2, "no place"), ("[::1:9101", 2, "no place"), ("*:9101", 2, "no place"),
    ("/" + "x" * 200, 2, "too long"), ("/nowhere/it", 4, "No such file"), ("203.0.113.7:9101", 4, "assign"), ("systemd", 4, "LISTEN_FDS"),
])  # fmt: skip
def test_refused(ss, where, status, said):
    r = subprocess.run([ss, f"--metrics={where}"], capture_output=True, text=True, timeout=60, env=builds.environment())
    assert r.returncode == status and said in r.stderr and not r.stdout


HIDE = """for f in $(ldconfig -p | sed -n 's/.*libmicrohttpd.so.12.* => //p'); do mount --bind /dev/null "$f" || exit 77; done
exec "$0" --metrics=9102"""


def test_without_the_library(net, ss):
    """The rest does not need it."""
    r = net.run(["unshare", "-m", "sh", "-c", HIDE, ss])
    if r.status == 77:
        pytest.skip("no file can be hidden here")
    assert r.status == 4 and b"libmicrohttpd12" in r.err and not r.out


def test_what_does_not_go_with_it(ss):
    for words in (["--format=prometheus"], ["--from=x"], ["--every=1"]):
        r = subprocess.run([ss, "--metrics=9101", *words], capture_output=True, text=True, timeout=60, env=builds.environment())
        assert r.returncode in (2, 4) and not r.stdout
