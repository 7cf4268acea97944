# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What a process is in truth, and why a socket has none."""

import calendar
import json
import os
import pwd
import re
import time
from pathlib import Path

import pytest

from lib import netns

NOBODY = 65534

# A socket in each condition in which no process has a descriptor for it; the port tells which.
TEXT = """
import ctypes, json, os, platform, struct, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def listen(port, n=8):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen(n)
    return s

def connected(port, accept=True):
    l = listen(port)
    c = socket.create_connection(("127.0.0.1", port))
    keep.append(l)
    return c, l.accept()[0] if accept else None

c, a = connected(7201)  # TIME-WAIT
a.close(); c.recv(1); c.close()
c, a = connected(7202)  # closed, and the peer does not take what there is
c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
a.setblocking(False)
try:
    while True:
        a.send(b"x" * 65536)
except BlockingIOError:
    pass
a.close()
keep.append(c)
keep.append(connected(7203, accept=False)[0])  # waits for somebody to accept it
left, right = socket.socketpair()  # under way in a message that nobody takes
s = listen(7204)
socket.send_fds(left, [b"x"], [s.fileno()])
s.close()
keep += [left, right]
started = threading.Event()

def apart():
    if libc.unshare(0x400):
        os._exit(1)
    keep.append(listen(7206))
    started.set()
    threading.Event().wait()

threading.Thread(target=apart, daemon=True).start()
started.wait()
ring = libc.syscall(425, 4, ctypes.create_string_buffer(120))  # io_uring_setup
s = listen(7205)
if ring < 0 or libc.syscall(427, ring, 2, (ctypes.c_int * 1)(s.fileno()), 1):
    print(json.dumps({"skip": "io_uring", "why": os.strerror(ctypes.get_errno())}))
s.close()
keep.append(listen(7207))
keep += connected(7209)
print(json.dumps({"pid": os.getpid()}))
"""

WHY = {7201: "time-wait", 7202: "orphan", 7203: "not-accepted", 7204: "in-flight", 7206: "thread-only", 7207: None}


@pytest.fixture(scope="module")
def net():
    with netns.script_of_root(TEXT, "not all processes can be looked into") as net:
        yield net


def reasons(net, ss, *argv, filter="", **more):
    """port -> the reasons of its sockets that have one."""
    done = net.run([ss, "-tanj", "--columns=local.port,owner.why,process.pid", *argv, filter], **more)
    found = {}
    for row in json.loads(done.out)["sockets"]:
        found.setdefault(row["local"]["port"], set()).add(row.get("owner", {}).get("why"))
    return found


def test_reasons(ss, net, walks):
    """By BPF, which sees a process with more capabilities than root has here, too."""
    found = reasons(net, ss, "--source=bpf")
    for port, why in WHY.items():
        assert why in found[port], (port, found)
    if "io_uring" not in net.skipped:
        assert found[7205] == {"io_uring"}
    assert found[7207] == {None} and found[7204] == {"in-flight"} and found[7206] == {"thread-only"}


def test_recorded(ss, net, walks, tmp_path):
    """What only a look at the processes tells is told of a recording, too."""
    file = tmp_path / "web.ss"
    assert net.run([ss, f"--record={file}", "--source=bpf", "--every=0.05", "--count=2"]).status == 0
    found = reasons(net, ss, f"--from={file}")
    if "io_uring" not in net.skipped:
        assert found[7205] == {"io_uring"}
    assert found[7207] == {None} and found[7204] == {"in-flight"} and found[7206] == {"thread-only"}
    assert "time-wait" in found[7201] and "orphan" in found[7202] and "not-accepted" in found[7203]


def test_said_to_people(ss, net, walks):
    """A table says it in the place of the process; records have it where it was asked for, and the order is as it was."""
    columns = ["-tan", "--source=bpf", "--columns=local.port,process"]
    words = {tuple(line.split()) for line in net.run([ss, *columns, "--format=table", "sport in 7201-7207"]).lines[1:]}
    assert {("7201", "(time-wait)"), ("7202", "(orphan)"), ("7203", "(not-accepted)"), ("7204", "-")} <= words
    for other in ("--format=csv", "--json", "--sort=process"):
        done = net.run([ss, *columns, other, "sport in 7201-7207"])
        assert b"7201" in done.out and b"time-wait" not in done.out, other
    hidden = net.run([ss, "--ports", "7207"], uid=NOBODY)
    assert hidden.lines[1].split()[3] == "(hidden)"
    assert b"hidden" not in net.run([ss, "--ports", "--json", "7207"], uid=NOBODY).out


def test_filter_and_group(ss, net):
    done = net.run([ss, "-Htan", "owner.why = orphan"])
    assert len(done.lines) == 1 and ":7202 " in done.lines[0]
    groups = json.loads(net.run([ss, "-tanj", "--by=owner.why", "owner.why != thread-only"]).out)["groups"]
    assert {g["owner"]["why"]: g["count"] for g in groups if "owner" in g}["not-accepted"] == 1


def test_kernels_own(ss, net):
    done = net.run([ss, "-f", "netlink", "-anj", "--columns=netlink.portid,owner.why"])
    rows = json.loads(done.out)["sockets"]
    kernel = [r for r in rows if r["netlink"]["portid"] == 0]
    assert kernel and all(r["owner"]["why"] == "kernel" for r in kernel)


def test_kernels_tunnel(ss, net):
    """The kernel's own socket of a VXLAN that is up; also in another network namespace, for an ordinary user, and no program's."""
    dev = ["ip", "link", "add", "tunnel0", "type", "vxlan", "id", "7", "dstport", "7208"]
    if net.run(dev).status:
        pytest.skip("this kernel has no VXLAN")
    net.run(["ip", "link", "set", "tunnel0", "up"])
    ask = [ss, "-aunj", "--columns=local.port,owner.why"]
    everywhere = ["unshare", "-n", *ask, "-N", "all", "sport = 7208"]
    try:
        for argv, uid in ((ask, None), (ask, NOBODY), (everywhere, None)):
            rows = json.loads(net.run(argv, **({} if uid is None else {"uid": uid})).out)["sockets"]
            mine = [r["owner"].get("why") for r in rows if r["local"]["port"] == 7208]
            assert mine and set(mine) == {"kernel"}, (argv, rows)
        # Nobody can hold it, so nothing is hidden of it; of a program's socket something is.
        for port, is_whole in ((7208, True), (7207, False)):
            done = net.run([ss, "-taunj", f"sport = {port} and not process.name = none"], uid=NOBODY)
            assert (json.loads(done.out)["complete"], len(json.loads(done.out)["notes"])) == (is_whole, not is_whole), done.out
    finally:
        net.run(["ip", "link", "del", "tunnel0"])


# So many sockets that what is said of them does not go into the pipe. They end while nobody reads it: those that are told
# of after that were listed before. In this /proc nobody has any.
GONE = """
import fcntl, json, resource, subprocess
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))
KIND, ARGV = %r

def make(i):
    s = socket.socket(socket.AF_UNIX if KIND == "unix" else socket.AF_INET, socket.SOCK_DGRAM if KIND == "udp" else socket.SOCK_STREAM)
    s.bind("@%%04d".replace("@", chr(0)) %% i if KIND == "unix" else ("127.0.0.1", 10000 + i))
    if KIND != "udp":
        s.listen()
    return s

made = [make(i) for i in range(1000)]
p = subprocess.Popen(ARGV, stdout=subprocess.PIPE)
fcntl.fcntl(p.stdout, fcntl.F_SETPIPE_SZ, 4096)
first = p.stdout.read(1)
for s in made:
    s.close()
rows = [json.loads(line) for line in (first + p.stdout.read()).splitlines()]
print(json.dumps({"why": [r.get("owner", {}).get("why") for r in rows if "inode" in r]}))
"""


@pytest.mark.parametrize("kind, flags", [("tcp", "-tln"), ("udp", "-uan"), ("unix", "-xln")])
def test_gone(ss, kind, flags, tmp_path):
    (tmp_path / "proc/77/fd").mkdir(parents=True)
    (tmp_path / "proc/77/fd/3").symlink_to("socket:[1]")
    argv = [str(ss), f"--root={tmp_path}", flags, "--ndjson", "--source=netlink", "--columns=*,owner.why,process"]
    net = netns.Script(GONE % ((kind, argv),))
    try:
        (found,) = net.start().made
    finally:
        net.stop()
    assert found.why[0] is None and found.why[-1] == "gone" and set(found.why) == {None, "gone"}


def test_hidden(ss, net):
    assert reasons(net, ss, uid=NOBODY)[7207] == {"hidden"}


def test_other_pid_namespace(ss, net):
    inside = ["unshare", "-p", "-f", "--mount-proc", ss, "-tanj", "--columns=local.port,owner.why"]
    rows = json.loads(net.run(inside).out)["sockets"]
    assert {r["owner"]["why"] for r in rows if r["local"]["port"] == 7207} == {"other-pid-namespace"}


# Ways not to see the processes of others, and how each is called in a note.
BLIND = {
    "user": ("", NOBODY, "may not be looked into; run as root to see all"),
    "hidepid": ("mount -t proc -o hidepid=2 proc /proc", NOBODY, "is mounted so that it hides the processes of others"),
    "empty /proc": ("mount -t tmpfs none /proc", 0, "there is no process in /proc"),
    "container": ("mount -t proc proc /proc", 0, "processes outside of this PID namespace cannot be seen"),
}
UNSEEN = {
    "process.exe,process.user": "the processes of 2 sockets",
    "peer.process.name,peer.inode": "the (processes at the )?other end(s)? of 2 sockets",
    "unit,container.name,pod.name": "the units and containers of 2 sockets",
    "opt.nodelay": "the options of 2 sockets",
}


@pytest.mark.plain  # leaks cannot be looked for without /proc
@pytest.mark.parametrize("how", BLIND)
def test_what_is_not_seen_is_absent_and_counted(ss_of_all, net, how):
    """Each of these fields of a connection whose two ends are held: by nobody to be seen."""
    mount, uid, why = BLIND[how]
    before = ["unshare", "-m", *(["-p", "-f"] if how == "container" else []), "sh", "-c", f'{mount or ":"}; exec "$@"', "sh"]
    user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []
    columns = "--columns=local.port,owner.why," + ",".join(UNSEEN)
    done = net.run([*before, *user, ss_of_all, "-tnj", "--source=netlink", columns, "--sort=process.exe",
                    "(dport = 7209 or sport = 7209) and state = established"])
    answer = json.loads(done.out)
    assert done.status == 3 and answer["complete"] is False and len(answer["sockets"]) == 2, done.out
    for row in answer["sockets"]:
        assert row.keys() <= {"local", "process", "owner", "peer"} and not row.get("process") and not row.get("peer", {}).get("process")
        assert row["owner"]["why"] == ("other-pid-namespace" if how == "container" else "hidden")
    texts = [n["text"] for n in answer["notes"]]
    # Where all cgroups are of version 2, that of the socket tells that it is in no unit.
    has_v1 = " cgroup rw" in Path("/proc/mounts").read_text()
    for what in (w for k, w in UNSEEN.items() if has_v1 or "unit" not in k):
        assert [t for t in texts if re.match(what, t)], (what, texts)
    assert any(why in t for t in texts), texts


NAMES = """
import ctypes, json, os, subprocess, time
libc = ctypes.CDLL(None)
exe = here + "/a-program-with-a-long-name"
subprocess.run(["cp", os.path.realpath("/proc/self/exe"), exe], check=True)
code = "import socket,sys; s = socket.socket(); s.bind(('127.0.0.1', %d)); s.listen(); %s; print(1, flush=True); sys.stdin.read()"

def run(port, more, **kw):
    p = subprocess.Popen([exe, "-c", code %% (port, more), "two  words"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **kw)
    p.stdout.read(1)
    keep.append(p)
    return p.pid

clock = [time.time()]
made = {"plain": run(7301, "0"), "clock": clock}
clock.append(time.time())
made |= {"named": run(7302, "import ctypes; ctypes.CDLL(None).prctl(15, b'MainThread')")}
made["other"] = run(7303, "0", user=65534, group=65534)
os.unlink(exe)
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    for d in (folder, *folder.parents):
        if str(d).startswith("/tmp/"):
            d.chmod(0o755)
    net = netns.Script(f"here = {str(folder)!r}\n" + NAMES.replace("%%", "%"))
    if not net.has_real_root:
        pytest.skip("another user needs root")
    try:
        yield net.start(), str(folder)
    finally:
        net.stop()


def test_true_names(ss, named):
    net, folder = named
    columns = "local.port,process.name,process.full_name,process.exe,process.cmdline,process.user,process.start,process.parent"
    rows = json.loads(net.run([ss, "-tlnj", f"--columns={columns}"]).out)["sockets"]
    found = {r["local"]["port"]: r["process"][0] for r in rows}
    long = "a-program-with-a-long-name"
    assert found[7301]["name"] == long[:15] and found[7301]["full_name"] == long
    assert found[7302]["name"] == "MainThread" and found[7302]["full_name"] == f"MainThread [{long}]"
    for port, of in ((7301, "root"), (7303, pwd.getpwuid(NOBODY).pw_name)):
        p = found[port]
        assert p["exe"] == f"{folder}/{long} (deleted)"
        assert p["cmdline"].startswith(f"{folder}/{long} -c import socket") and p["cmdline"].endswith(" two  words")
        assert p["user"] == of and p["parent"] == "python3"
        assert p["start"].endswith("Z") and len(p["start"]) == len("2026-11-30T12:00:00Z")
    # Between two looks at the clock; what the kernel says of its own start may be a second off.
    before, after = net.made[0].clock
    assert before - 2 <= calendar.timegm(time.strptime(found[7301]["start"], "%Y-%m-%dT%H:%M:%SZ")) <= after + 1


def test_true_names_of_others(ss, named):
    """Whoever may not look into it is told so, and has no answer that needs it."""
    net, _ = named
    done = net.run([ss, "-tlnj", "--columns=local.port,process.exe,process.cmdline", "process.exe ~ *long*"], uid=NOBODY)
    assert done.status == 3 and b"could not be seen" in done.err


def test_only_when_asked(ss, named):
    net, _ = named
    done = net.run(["strace", "-f", "-e", "trace=openat,readlinkat", ss, "-tlnp"]) if os.path.exists("/usr/bin/strace") else None
    if done is None:
        pytest.skip("strace is not installed")
    # The path only: what a link says may be a file that any process has open.
    asked = re.findall(rb'(?:openat|readlinkat)\([^,]+, "([^"]*)"', done.err)
    assert any(b"/fd" in path or b"libc" in path for path in asked)
    for file in (b"cmdline", b"exe", b"cgroup", b"fdinfo", b"/var/lib", b"btime"):
        assert not [path for path in asked if file in path], file
