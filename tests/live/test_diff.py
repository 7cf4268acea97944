# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--diff: what has changed since a recording is told, what has not is not, and what cannot be known is said."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lib import netns

BASELINE_MAX = 100 * 1024

SERVER = """
import socket, sys
held = []
for word in sys.argv[1:]:
    if word.startswith("u"):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", int(word[1:])))
    elif word.startswith("/"):
        s = socket.socket(socket.AF_UNIX); s.bind(word); s.listen()
    else:
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(word))); s.listen()
    held.append(s)
print("ready", flush=True); sys.stdin.readline()
"""

PAIRS = """
import socket, sys
l = socket.create_server(("127.0.0.1", 7100))
pairs = [(socket.create_connection(("127.0.0.1", 7100)), l.accept()[0]) for _ in range(3)]
steps = [lambda: pairs[0][0].send(b"x" * 700), lambda: pairs[1][0].close(), lambda: pairs[1][1].close()]
print("ready", flush=True)
for step in steps:
    sys.stdin.readline(); step(); print("done", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def net():
    net = netns.Script("").start()
    yield net
    net.stop()


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="sockeye-diff-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


class Daemon:
    """A process with sockets, which ends when it is told to."""

    def __init__(self, net, *words, text=SERVER):
        self.proc = net.popen([sys.executable, "-c", text, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.proc.stdout.readline() == b"ready\n"

    def step(self):
        self.proc.stdin.write(b"\n")
        self.proc.stdin.flush()
        assert self.proc.stdout.readline() == b"done\n"

    def stop(self):
        self.proc.kill()
        self.proc.wait()
        self.proc.stdin.close()
        self.proc.stdout.close()


@pytest.fixture
def start(net):
    daemons = []

    def start(*words, **how):
        daemons.append(Daemon(net, *map(str, words), **how))
        return daemons[-1]

    yield start
    for daemon in daemons:
        if daemon.proc.returncode is None:
            daemon.stop()


def record(net, ss, file, *words):
    done = net.run([ss, f"--record={file}", *words])
    assert (done.status, done.out) == (0, b""), done
    return file


def diff(net, ss, base, *words, status=1):
    done = net.run([ss, f"--diff={base}", "--ndjson", *words])
    assert done.status == status, done
    return [json.loads(line) for line in done.out.splitlines() if b'"note"' not in line]


def told(records):
    return [(r["change"], r["local"]["port"]) for r in records]


def test_listeners(net, ss, folder, start):
    stays, restarts, goes = start(7001, 7002), start(7003), start(7004)
    base = record(net, ss, folder / "base", "-tlnp")
    assert diff(net, ss, base, "-tlnp", status=0) == []
    goes.stop()
    restarts.stop()
    again, new = start(7003), start(7005)
    records = diff(net, ss, base, "-tlnp")
    assert told(records) == [("replaced", 7003), ("closed", 7004), ("opened", 7005)]
    assert [o["pid"] for o in records[0]["process"]] == [again.proc.pid]
    assert [o["pid"] for o in records[0]["old"]["process"]] == [restarts.proc.pid]
    assert records[1]["process"][0]["pid"] == goes.proc.pid and "old" not in records[1]
    assert records[2]["process"][0]["pid"] == new.proc.pid
    assert told(diff(net, ss, base, "-tln")) == told(records)  # by the sockets themselves
    assert told(diff(net, ss, base, "-tlnp", f"sport = :{7005}")) == [("opened", 7005)]
    assert diff(net, ss, base, "-tlnp", "sport = :7001", status=0) == []
    assert told(diff(net, ss, base, "-tlnp", "--limit=1", "--sort=-change")) == [("replaced", 7003)]
    assert stays.proc.poll() is None


HANDED_ON = """
import os, socket, sys
l = socket.create_server(("127.0.0.1", 7010))
print("ready", flush=True); sys.stdin.readline()
r, w = os.pipe()
if os.fork():
    os.read(r, 1); os._exit(0)
os.setsid(); os.write(w, b"x"); print("done", flush=True); sys.stdin.readline()
"""


def test_owners_that_one_side_cannot_see(net, ss, folder, start):
    """The same socket may have another process then: no answer is "nothing changed"."""
    if not net.has_real_root:
        pytest.skip("another user needs root")
    words = ["-tlnp", "sport = :7010"]
    holder = start(text=HANDED_ON)
    seen = record(net, ss, folder / "seen", *words)
    unseen = folder / "unseen"
    assert net.run([ss, f"--record={unseen}", *words], uid=65534).status in (0, 3)
    holder.step()
    holder.proc.wait()
    assert told(diff(net, ss, seen, *words)) == [("replaced", 7010)]
    seen.chmod(0o644)
    for base, uid in (seen, 65534), (unseen, 0):
        for more in [], ["--columns=local,process.name"]:
            done = net.run([ss, f"--diff={base}", "--json", *more, *words], uid=uid)
            answer = json.loads(done.out)
            assert done.status == 3 and answer["changes"] == [] and answer["complete"] is False, done
            assert b"of 1 socket it could not be seen whether another process has it now" in done.err
    assert diff(net, ss, unseen, "-tln", "sport = :7010", status=0) == []  # nobody asked who
    holder.proc.stdin.close()  # the child ends


def test_people(net, ss, folder, start):
    gone = start(7001)
    base = record(net, ss, folder / "base", "-tlnp")
    gone.stop()
    other, new = start(7001), start(7002)
    done = net.run([ss, f"--diff={base}", "-tlnp"])
    assert done.status == 1
    head, replaced, opened = (line.split() for line in done.lines)
    assert head[0] == "CHANGE" and head[-1] == "WAS"
    assert replaced[:2] == ["~", "replaced"] and replaced[-2:] == ["process", f"python3({gone.proc.pid})"]
    assert f"python3({other.proc.pid})" in replaced and "127.0.0.1:7001" in replaced
    assert opened[:2] == ["+", "opened"] and f"python3({new.proc.pid})" in opened
    new.stop()
    record(net, ss, folder / "next", "-tlnp")
    assert [line[:1] for line in net.run([ss, f"--diff={folder / 'next'}", "-tlnp"]).lines] == [" "]


@pytest.mark.plain
def test_nginx(net, ss, folder):
    """Its workers come and go, and that is no news; another nginx is."""
    nginx = Path("/usr/sbin/nginx")  # nobody has to install it: that would start one
    if not nginx.exists() or not net.has_real_root:
        pytest.skip("no nginx, or nobody to run it")
    (folder / "conf").write_text(
        f"pid {folder}/pid; error_log /dev/null; worker_processes 2; events {{}} http {{ access_log off;"
        "server { listen 127.0.0.1:7080; listen 127.0.0.1:7081 reuseport; } }"
    )
    argv = [nginx, "-p", folder, "-c", folder / "conf"]
    workers = [ss, "-tlnp", "--csv", "--columns=process.pid", "sport = :7080"]

    def serve():
        # it goes on with whatever standard streams it has
        assert net.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).status == 0
        until(lambda: net.run(workers).out.count(b";") == 2)

    def until(is_so):
        for _ in range(3000):
            if is_so():
                return
        raise AssertionError("it does not come to that")

    try:
        serve()
        base = record(net, ss, folder / "base", "-tlnp")
        before = net.run(workers).out
        assert net.run([*argv, "-s", "reload"]).status == 0
        until(lambda: (now := net.run(workers).out) != before and now.count(b";") == 2)
        assert diff(net, ss, base, "-tlnp", status=0) == []
        assert net.run([*argv, "-s", "stop"]).status == 0
        until(lambda: net.run(workers).out.count(b"\n") == 1)
        serve()
        assert told(diff(net, ss, base, "-tlnp")) == [("replaced", 7080)] + [("replaced", 7081)] * 2
    finally:
        net.run([*argv, "-s", "stop"])


def test_connections(net, ss, folder, start):
    daemon = start(text=PAIRS)
    base = record(net, ss, folder / "base", "-t")
    named = ["-ta", "--columns=local,peer,state,tcp.bytes_received"]
    assert diff(net, ss, base, *named, status=0) == []
    daemon.step()
    (record_,) = [r for r in diff(net, ss, base, *named) if r["local"]["port"] == 7100]
    assert (record_["change"], record_["state"]) == ("changed", "established")
    assert (record_["old"], record_["delta"]) == ({"tcp": {"bytes_received": 0}}, {"tcp": {"bytes_received": 700}})
    assert diff(net, ss, base, "-ta", status=0) == []  # nobody asked for numbers
    daemon.step()
    states = {r["state"]: r for r in diff(net, ss, base, "-tap")}
    assert set(states) == {"fin-wait-2", "close-wait"}
    assert {r["change"] for r in states.values()} == {"changed"}
    assert {r["old"]["state"] for r in states.values()} == {"established"}
    daemon.step()  # what is left of the connection has another cookie
    records = diff(net, ss, base, "-tap")
    assert sorted((r["change"], r["state"]) for r in records) == [("changed", "time-wait"), ("closed", "established")]


def test_groups(net, ss, folder, start):
    daemon = start(7001)
    base = record(net, ss, folder / "base", "-tu")
    assert diff(net, ss, base, "-tua", "--by=netid,state", status=0) == []
    more, udp = start(7002, 7003), start("u7001")
    records = diff(net, ss, base, "-tua", "--by=netid,state,sum(recvq)")
    assert [(r["change"], r["netid"], r["count"]) for r in records] == [("changed", "tcp", 3), ("opened", "udp", 1)]
    assert records[0]["old"] == {"count": 1} and records[0]["delta"] == {"count": 2}
    done = net.run([ss, f"--diff={base}", "-tua", "--by=netid,state"])
    assert done.status == 1 and [line[0] for line in done.lines] == [" ", "~", "+"]
    for it in (daemon, more, udp):
        it.stop()
    assert [r["change"] for r in diff(net, ss, base, "-tua", "--by=netid,state")] == ["closed"]


def test_unix(net, ss, folder, start):
    daemon = start(folder / "one")
    base = record(net, ss, folder / "base", "-x")
    daemon.stop()
    (folder / "one").unlink()
    start(folder / "one", folder / "two")
    names = {r["unix"]["name"]: r["change"] for r in diff(net, ss, base, "-xlp")}
    assert names == {str(folder / "one"): "replaced", str(folder / "two"): "opened"}


def test_nothing_changed(net, ss, folder, start):
    """Whoever asks is there both times, and is no news."""
    start(7001, "u7002", folder / "unix")
    base = record(net, ss, folder / "base")
    for words in (["-a"], ["-ap"], ["-tuxa"], ["-f", "netlink"], ["-l"], [], ["-aj"], ["-aepmoi"], ["-a", "--by=netid"]):
        done = net.run([ss, f"--diff={base}", *words])
        assert done.status == 0, (words, done)


def test_two_times_and_stable(net, ss, folder, start):
    daemons = [start(7001, 7002, 7003), start(7004)]
    file = record(net, ss, folder / "file", "-tu")
    daemons[1].stop()
    daemons.append(start(7005, "u7006"))
    record(net, ss, file, "-tu")
    other = record(net, ss, folder / "other", "-tu")
    want = [("opened", 7006), ("closed", 7004), ("opened", 7005)]
    now = diff(net, ss, f"{file}@first", "-tulnp")
    assert sorted(told(now)) == sorted(want)
    for format in ("table", "json", "ndjson", "csv", "openmetrics", "prometheus"):
        line = ["-tulnp", f"--format={format}"]
        same = {
            net.run([ss, f"--from={file}", "--diff=@first", *line]).out.replace(b"--from=%s " % bytes(file), b"")
            for _ in range(3)
        }
        assert len(same) == 1 and (b"closed" in same.pop())
    past = net.run([ss, f"--from={file}", "--diff=@first", "-tulnp", "--csv"])
    assert past.status == 1
    assert past.out == net.run([ss, f"--from={other}", f"--diff={file}@first", "-tulnp", "--csv"]).out
    assert past.out == net.run([ss, f"--diff={file}@first", "-tulnp", "--csv"]).out
    assert net.run([ss, f"--from={file}", "--diff=@last", "-tulnp"]).status == 0
    assert net.run([ss, f"--from={file}", "--at=first", "--diff=@first", "-tulnp"]).status == 0
    back = net.run([ss, f"--from={file}", "--at=first", "--diff=@last", "-tulnp", "--csv", "--columns=local.port"])
    assert sorted(back.lines[1:]) == ["closed,7005", "closed,7006", "opened,7004"]
    assert diff(net, ss, file, "-tulnp", status=0) == []


def test_header_on_a_terminal(net, ss, folder):
    base = record(net, ss, folder / "base", "-t")
    done = net.run(["script", "-qec", f"{ss} --diff={base} -tl", "/dev/null"])
    assert b": compared with " in done.out and b" ago" in done.out


@pytest.mark.parametrize(
    "made, asked, told",
    [
        (["-t"], ["-ul"], "it was made of tcp"),
        (["-tl"], ["-ta"], "in these states"),
        (["-t", "sport = :7001"], ["-tl"], "has only sockets that fit"),
        (["-A", "unix_stream"], ["-A", "unix_dgram", "-a"], "has no unix_dgram sockets"),
    ],
)  # fmt: skip
def test_other_selections_are_not_compared(net, ss, folder, start, made, asked, told):
    start(7001, "u7002")
    base = record(net, ss, folder / "base", *made)
    done = net.run([ss, f"--diff={base}", *asked, "--json"])
    assert done.status == 3 and told in done.err.decode() and "nothing is compared" in done.err.decode(), done
    assert json.loads(done.out)["changes"] == [] and json.loads(done.out)["complete"] is False
    if len(made) == 1:  # what was recorded compares
        assert net.run([ss, f"--diff={base}", *made]).status == 0


@pytest.mark.parametrize(
    "words, told",
    [
        (["--diff=@first"], "say of which recording"), (["--diff=@"], "No such file"), (["--diff=BASE", "-K"], "do not go together"),
        (["--diff=BASE", "--every=1"], "do not go together"), (["--diff=BASE", "--ports"], "do not go together"),
        (["--diff=BASE", "--exists"], "do not go together"), (["--diff=BASE", "--summary"], "do not go together"),
        (["--diff=BASE", "--format=dot"], "do not go together"), (["--diff=BASE", "-tpT"], "leave -T out"),
        (["--diff=BASE", "-tZ"], "no security contexts"), (["--diff=BASE", "-N", "all"], "without -N all"),
        (["--diff=BASE@1999-01-01"], "the recording begins at"), (["--diff=BASE", "--columns=tcp.segs_in_rate"], "rates are of many samples"),
        (["--diff=BASE", "--by=netid,delta(count)"], "sample"), (["--diff=BASE", "--sort=nothing"], "nothing"),
        (["--diff=BASE", "--diff=other"], "do not go together"),
    ],
)  # fmt: skip
def test_refused(net, ss, folder, words, told):
    base = record(net, ss, folder / "base", "-t")
    done = net.run([ss, "-t", *(w.replace("BASE", str(base)) for w in words)])
    assert done.status == (4 if told == "No such file" else 2) and done.out == b"" and told in done.err.decode(), done


@pytest.mark.plain
def test_all_namespaces(net, ss, folder, start):
    if not net.has_real_root:
        pytest.skip("other network namespaces are for root")
    start(7001)
    done = net.run([ss, f"--record={folder / 'base'}", "-tl", "-N", "all"])
    assert done.status in (0, 3)
    start(7002)
    mine = net.run([ss, "-tl", "-N", "all", "--csv", "--columns=netns_id", "sport = :7002"]).lines[1]
    records = net.run([ss, f"--diff={folder / 'base'}", "-tl", "-N", "all", "--csv", "--columns=netns_id,local.port", f"netns_id = {mine}"])
    assert records.lines[1:] == [f"opened,{mine},7002"], records


@pytest.mark.plain
def test_a_baseline_is_small(net, ss, folder, start):
    start(*range(20000, 20500))
    base = record(net, ss, folder / "base", "-tlnp")
    size = base.stat().st_size
    print(f"500 listeners: {size} bytes")
    assert size <= BASELINE_MAX
    assert diff(net, ss, base, "-tlnp", status=0) == []
