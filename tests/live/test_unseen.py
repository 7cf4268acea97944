# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What may not be seen, and an answer depends on: it says so, whoever asks and from wherever."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lib import builds
from lib.netns import Script

NOBODY = 65534
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

# Two listeners and a connection of ours, and one that was closed, so that one end is in TIME-WAIT: nobody holds that.
# Port 7701 is held by an ordinary user too, 7702 by ours alone, 7703 by his alone.
SOCKETS = """
import ctypes, os
prctl = ctypes.CDLL(None).prctl
s = socket.socket(); s.bind(("127.0.0.1", 7702)); s.listen()
for i in range(2):
    c = socket.create_connection(("127.0.0.1", 7702))
    a, _ = s.accept()
    keep += [c, a]
a.close(); c.close()
shared = socket.socket(); shared.bind(("127.0.0.1", 7701)); shared.listen()
done, told = os.pipe()
if os.fork() == 0:
    for k in [*keep, s]:
        k.close()
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    prctl(4, 1, 0, 0, 0) # his own may look into it
    prctl(15, b"another", 0, 0, 0)
    own = socket.socket(); own.bind(("127.0.0.1", 7703)); own.listen()
    os.write(told, b"y")
    sys.stdin.read()
    os._exit(0)
os.read(done, 1)
prctl(15, b"maker", 0, 0, 0)
try:
    keep.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
except OSError:
    pass
"""

UNSEEN = "processes of [0-9]+ sockets? could not be seen"


@pytest.fixture(scope="module")
def net():
    net = Script(SOCKETS)
    if not net.has_real_root:
        pytest.skip("another user needs root")
    yield net.start()
    net.stop()


def user(net, ss, *words):
    return net.run([ss, *words], uid=NOBODY)


def records(result, name="sockets"):
    doc = json.loads(result.out)
    return doc[name], [n["text"] for n in doc["notes"] if n["level"] == "warning"], doc["complete"]


def ports(rows):
    return sorted(row["local"]["port"] for row in rows)


# Each depends on who holds the socket of port 7702, which an ordinary user cannot see.
DEPENDS = [
    ["--columns=local.port", "process = maker"],
    ["--columns=local.port", "not has process"],
    ["--columns=local.port", "process != another"],
    ["--columns=local.port", "sport = 7702 and process.pid > 1"],
    ["--columns=local.port", "--sort=process.pid"],
]


@pytest.mark.parametrize("words", DEPENDS)
def test_filter_and_order_that_cannot_see(net, ss_of_all, words):
    result = user(net, ss_of_all, "-tan", "--format=json", *words)
    _, notes, is_complete = records(result)
    assert result.status == 3 and not is_complete
    assert len(notes) == 1 and re.search(UNSEEN + ", and the answer depends on them: [0-9]+ process", notes[0])
    assert re.search(UNSEEN.encode(), result.err)


@pytest.mark.parametrize("words", DEPENDS)
def test_root_sees(net, ss, words):
    result = net.run([ss, "-tan", "--format=json", *words])
    assert result.status == 0 and result.err == b"" and records(result)[1:] == ([], True)


def test_groups_that_cannot_see(net, ss_of_all):
    result = user(net, ss_of_all, "-tan", "--by=process.name", "--format=json")
    groups, notes, is_complete = records(result, "groups")
    assert result.status == 3 and not is_complete and len(notes) == 1
    assert groups[0]["count"] in (3, 4) and "process" not in groups[0]


@pytest.mark.parametrize("form", ["csv", "ndjson", "table", "openmetrics"])
def test_every_format_says_so(net, ss_of_all, form):
    result = user(net, ss_of_all, "-tan", f"--format={form}", "--columns=local.port", "process = maker")
    assert result.status == 3 and re.search(UNSEEN.encode(), result.err)
    if form == "ndjson":
        assert json.loads(result.lines[-1])["note"]["level"] == "warning"
    if form == "openmetrics":
        assert any(re.fullmatch(r"sockeye_complete\{.*\} 0", line) for line in result.lines)


def test_classic_text(net, ss_of_all):
    """The bytes and the status are those of ss: what is missing is told beside them."""
    result = user(net, ss_of_all, "-Htan", "process = another")
    assert result.status == 0 and len(result.lines) == 2 and re.search(UNSEEN.encode(), result.err)
    plain = user(net, ss_of_all, "-Htanp")
    assert plain.status == 0 and plain.err == b""


def test_decided_otherwise(net, ss_of_all):
    """What other terms or the owners in sight decide needs no other owner."""
    for words in (
        ["sport = 7703 and process = another"],
        ["sport = 7701 and has process"],
        ["sport = 7702 or (sport = 7703 and has process)"],
        ["sport = 1 and process = maker"],
        ["state", "time-wait", "not has process"],
        ["--by=local.port"],
    ):
        result = user(net, ss_of_all, "-tan", "--format=csv", *words)
        assert (result.status, result.err) == (0, b""), words


def test_shared_with_one_that_is_hidden(net, ss_of_all):
    """Our process holds port 7701 too: what the user finds there does not rule that out."""
    result = user(net, ss_of_all, "-tan", "--format=csv", "--columns=local.port", "sport = 7701 and process = maker")
    assert result.status == 3 and result.lines == ["local.port"] and b"1 socket could not be seen" in result.err


def test_column_only(net, ss_of_all):
    """Nothing depends on it: a warning, and the answer is whole."""
    for words in (["-p"], ["--columns=local.port,process"], ["--columns=process.*"]):
        result = user(net, ss_of_all, "-tan", "--format=json", *words, "sport = 7702")
        rows, notes, is_complete = records(result)
        assert result.status == 0 and is_complete and rows
        assert len(notes) == 1 and re.search(UNSEEN + ": ", notes[0])
    result = user(net, ss_of_all, "-tan", "--format=json", "-p", "sport = 7701 or sport = 7703")
    rows, notes, is_complete = records(result)
    assert all(row["process"] for row in rows) and notes == [] and is_complete


def on_terminal(net, argv):
    """What @argv says on standard error, which is a terminal."""
    ours, theirs = os.openpty()
    done = net.run(argv, stderr=theirs)
    os.close(theirs)
    told = b""
    try:
        while chunk := os.read(ours, 4096):
            told += chunk
    except OSError:
        pass
    os.close(ours)
    assert done.status == 0
    return told.decode()


def test_hint_only_where_one_is_missing(net, ss_of_all):
    assert re.search(UNSEEN, on_terminal(net, [*AS_NOBODY, ss_of_all, "-Htanp"]))
    assert on_terminal(net, [*AS_NOBODY, ss_of_all, "-Htanp", "sport = 7701"]) == ""
    assert on_terminal(net, [*AS_NOBODY, ss_of_all, "-Htanp", "state", "time-wait"]) == ""
    assert on_terminal(net, [*AS_NOBODY, ss_of_all, "-Htan"]) == ""


def in_a_mount_namespace(net, setup, argv):
    done = net.run(["unshare", "-m", "sh", "-c", f'{setup} && exec "$@"', "sh", *argv])
    if b"mount:" in done.err:
        pytest.skip(f"cannot mount: {done.err.decode()}")
    return done


FILTERED = ["-tan", "--format=json", "--columns=local.port", "process = maker"]


def test_hidepid(net, ss, ss_of_all):
    hide = "mount -t proc -o hidepid=2 proc /proc"
    result = in_a_mount_namespace(net, hide, [*AS_NOBODY, ss_of_all, *FILTERED])
    rows, notes, is_complete = records(result)
    assert result.status == 3 and not is_complete and rows == []
    assert len(notes) == 1 and "hidepid" in notes[0]
    result = in_a_mount_namespace(net, hide, [ss, *FILTERED])
    assert result.status == 0 and records(result)[1:] == ([], True) and len(records(result)[0]) in (3, 4)
    # Whoever is in the group is not hidden from: what may not be looked into counts as ever.
    result = in_a_mount_namespace(net, f"mount -t proc -o hidepid=2,gid={NOBODY} proc /proc", [*AS_NOBODY, ss_of_all, *FILTERED])
    assert result.status == 3 and "may not be looked into" in records(result)[1][0]


def test_pid_namespace(net, ss):
    """A container for debugging: the sockets of the host, and none of its processes."""
    argv = ["unshare", "--pid", "--fork", "--mount-proc", ss]
    result = net.run([*argv, *FILTERED])
    rows, notes, is_complete = records(result)
    assert result.status == 3 and not is_complete and rows == []
    assert len(notes) == 1 and "PID namespace" in notes[0]
    result = net.run([*argv, "-Htan", "process = maker"])
    assert (result.status, result.out) == (0, b"") and b"PID namespace" in result.err
    result = net.run([*argv, "-Htanp"])
    assert result.status == 0 and result.err == b"" and len(result.lines) in (5, 6)


CONTAINED = """
import socket, subprocess, sys
s = socket.socket(); s.bind(("127.0.0.1", 7702)); s.listen()
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


def test_pid_namespace_with_its_own_sockets(net, ss):
    """A whole container, where all sockets are held by its own processes: nothing is missing."""
    enter = ["unshare", "-n", "--pid", "--fork", "--mount-proc", sys.executable, "-c", CONTAINED]
    result = net.run([*enter, ss, "-tan", "--format=json", "--columns=local.port", "process != nobody"])
    rows, notes, is_complete = records(result)
    assert result.status == 0 and is_complete and notes == [] and ports(rows) == [7702]


# Process 1 has all capabilities, what it starts has not: that is hidden from root.
HIDER = """
import socket, subprocess, sys
s = socket.socket()
if sys.argv[1] == "holds":
    s.bind(("127.0.0.1", 7703)); s.listen()
else:
    s.close()
sys.exit(subprocess.run(sys.argv[2:]).returncode)
"""


@pytest.mark.parametrize("what, status", [("holds", 3), ("idles", 0)])
def test_hidden_from_root(net, ss, what, status):
    """Few are, and a socket that nobody in sight holds shows whether they matter."""
    bare = ["setpriv", "--bounding-set=-sys_ptrace,-sys_admin,-bpf,-perfmon", "--inh-caps=-all"]
    enter = ["unshare", "-n", "--pid", "--fork", "--mount-proc", sys.executable, "-c", HIDER, what, *bare]
    argv = [sys.executable, "-c", CONTAINED, ss, "-tan", "--format=json", "--columns=local.port", "process = nobody"]
    result = net.run([*enter, *argv])
    _, notes, is_complete = records(result)
    assert result.status == status and is_complete == (status == 0)
    assert not notes if status == 0 else "root lacks a capability" in notes[0]


def test_empty_proc(build, net, ss):
    if build.is_sanitized:
        pytest.skip("LeakSanitizer needs /proc, also to read the option that turns it off")
    result = in_a_mount_namespace(net, "mount -t tmpfs none /proc", [ss, *FILTERED])
    rows, notes, is_complete = records(result)
    assert result.status == 3 and not is_complete and rows == []
    assert len(notes) == 1 and "no process in /proc" in notes[0]
    result = in_a_mount_namespace(net, "mount -t tmpfs none /proc", [ss, "-Htan", "process = maker"])
    assert (result.status, result.out) == (0, b"") and b"no process in /proc" in result.err


def test_kill_leaves_alone_what_is_not_certain(net, ss):
    """From a container for debugging, all sockets of the host look as if nobody held them."""
    argv = ["unshare", "--pid", "--fork", "--mount-proc", ss, "-HtanK", "not has process and sport = 7703"]
    result = net.run(argv)
    if b"CONFIG_INET_DIAG_DESTROY" in result.err:
        pytest.skip("this kernel destroys no sockets")
    assert result.status == 1 and result.out == b"" and b"left alone" in result.err
    assert len(net.run([ss, "-Htln", "sport = 7703"]).lines) == 1


TO_KILL = """
s = socket.socket(); s.bind(("127.0.0.1", 7704)); s.listen(); keep.append(s)
for i in range(12):
    c = socket.create_connection(("127.0.0.1", 7704))
    keep += [c, s.accept()[0]]
"""
IN_A_CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc"]


@pytest.fixture
def victims(ss, net):
    """12 connections in a namespace of their own."""
    script = Script(TO_KILL).start()
    if b"CONFIG_INET_DIAG_DESTROY" in script.run([ss, "-HtnK", "sport = 1"]).err:
        pytest.skip("this kernel destroys no sockets")
    yield script
    script.stop()


@pytest.mark.parametrize("words", [["--by=process.name"], ["--sort=process.name", "--columns=local.port"]])
def test_kill_in_groups_that_cannot_be_seen(victims, ss, words):
    """What they are counted by is not known; which they are is, and they are not left alone."""
    result = victims.run([*IN_A_CONTAINER, ss, "-tnK", "sport = 7704", *words])
    assert result.status == 3 and b"processes of 12 sockets" in result.err and b"the answer depends on them" in result.err
    assert b"left alone" not in result.err
    assert not victims.run([ss, "-Htn", "sport = 7704"]).lines


def test_kill_counts_each_socket_once(victims, ss):
    """The kernel is asked again after something was destroyed, for what it did not find at first."""
    words = ["-HtnK", "sport = 7704 or process = nobody"]
    for limit, n in ([], 12), (["--limit=5"], 5):
        result = victims.run([*IN_A_CONTAINER, ss, *words, "--dry-run", *limit])
        assert result.out.count(b"\n") == n
    told = re.compile(rb"processes of ([0-9]+) sockets? could not be seen, so they were left alone")
    for limit, n in (["--limit=5"], 5), ([], 7):
        result = victims.run([*IN_A_CONTAINER, ss, *words, *limit])
        assert result.out.count(b"\n") == n
        # The other end of one that was destroyed may be gone before it is met.
        assert all(int(count) <= 12 for count in told.findall(result.err)), result.err


def test_group_and_filter_count_a_socket_once(net, ss):
    argv = [*IN_A_CONTAINER, ss, "-tan", "sport = 7703 and not has process", "--by=process.name", "--format=json"]
    _, notes, is_complete = records(net.run(argv), "groups")
    assert not is_complete and len(notes) == 1 and notes[0].startswith("the processes of 1 socket could"), notes


def test_kill_tells_root_what_it_left_alone(net, ss):
    """One process is hidden, and every socket has an owner in sight: they are listed, so it has to be said."""
    bare = ["setpriv", "--bounding-set=-sys_ptrace,-sys_admin,-bpf,-perfmon", "--inh-caps=-all"]
    enter = ["unshare", "-n", *IN_A_CONTAINER[1:], sys.executable, "-c", HIDER, "idles", *bare]
    argv = [*enter, sys.executable, "-c", CONTAINED, ss]
    listed = net.run([*argv, "-Htln", "not process = nobody"])
    assert listed.status == 0 and listed.err == b"" and len(listed.lines) == 1
    result = net.run([*argv, "-HtlnK", "--dry-run", "not process = nobody"])
    assert result.status == 1 and result.out == b"" and b"processes of 1 socket could not be seen, so they" in result.err


@pytest.mark.parametrize("words", [["mark = 0"], ["fwmark = 0"], ["not fwmark = 5"], ["has mark"], ["--sort=mark"], ["--by=mark"]])
def test_marks(net, ss_of_all, words):
    result = user(net, ss_of_all, "-tan", "--format=csv", *words)
    assert result.status == 3 and b"marks of" in result.err and b"CAP_NET_ADMIN" in result.err
    result = net.run([ss_of_all, "-tan", "--format=csv", *words])
    assert result.status == 0 and result.err == b""


def test_marks_in_a_user_namespace(net, ss):
    """Root there has all capabilities, and they mean nothing to the network namespace."""
    result = net.run(["unshare", "-U", "-r", ss, "-tan", "--format=csv", "mark = 0"])
    if b"unshare" in result.err:
        pytest.skip("no user namespaces")
    assert result.status == 3 and b"marks of" in result.err


def test_mark_as_a_column(net, ss_of_all):
    """Only whoever names it is told: it is among the columns of every JSON."""
    result = user(net, ss_of_all, "-tan", "--format=json", "--columns=local.port,mark")
    assert result.status == 0 and len(records(result)[1]) == 1 and records(result)[2]
    result = user(net, ss_of_all, "-tan", "--format=json")
    assert result.status == 0 and records(result)[1:] == ([], True)


def test_md5_keys(net, ss_of_all):
    result = user(net, ss_of_all, "-tan", "--format=csv", "--columns=local.port", "has tcp.md5sig")
    assert result.status == 3 and b"MD5 keys of" in result.err
    result = net.run([ss_of_all, "-tan", "--format=csv", "--columns=local.port", "has tcp.md5sig"])
    assert (result.status, result.err) == (0, b"")


def test_packet_filters(net, ss_of_all):
    """The kernel sends an empty program in place of one that it may not tell."""
    words = ["-0an", "--format=json", "--columns=netid,packet.filter"]
    rows = records(net.run([ss_of_all, *words]))[0]
    if not rows:
        pytest.skip("no packet sockets")
    result = user(net, ss_of_all, *words)
    assert result.status == 0 and records(result)[0] == [{"netid": "p_raw"}] and len(records(result)[1]) == 1
    result = user(net, ss_of_all, *words, "has packet.filter")
    assert result.status == 3 and records(result)[0] == [] and "filter programs of 1 socket" in records(result)[1][0]
    result = net.run([ss_of_all, *words, "has packet.filter"])
    assert result.status == 0 and records(result) == ([], [], True)


NO_CGROUPS = "while umount -t cgroup2 -a 2>/dev/null && grep -q ' cgroup2 ' /proc/self/mounts; do :; done"


@pytest.mark.parametrize("words", [["--by=cgroup"], ["cgroup ~ '/*'"], ["not has cgroup"], ["--sort=cgroup"]])
def test_cgroups(net, ss, words):
    """Neither here nor where our parent or process 1 is."""
    argv = ["unshare", "-m", "--pid", "--fork", "--mount-proc", "sh", "-c", f'{NO_CGROUPS}; "$@"', "sh",
            "setpriv", "--bounding-set=-sys_admin", ss, "-tan", "--format=csv"]  # or it mounts them itself  # fmt: skip
    has_cgroups = len(net.run([ss, "-Htan", "has cgroup_id"]).lines)
    if not has_cgroups:
        pytest.skip("this kernel tells no cgroups")
    result = net.run([*argv, *words])
    assert result.status == 3 and b"cgroups of" in result.err and b"depends on them" in result.err
    if "cgroup2" in Path("/proc/self/mounts").read_text():
        assert b"cgroups of" not in net.run([ss, "-tan", "--format=csv", *words]).err


def test_users_without_a_number(net, ss):
    """In a user namespace all users that it does not have are one."""
    argv = ["unshare", "-U", "-r", ss, "-tan", "--format=csv", "--columns=local.port"]
    result = net.run([*argv, "uid = 65534"])
    if b"unshare" in result.err:
        pytest.skip("no user namespaces")
    assert result.status == 3 and b"users of 1 socket" in result.err
    result = net.run([*argv, "user = root and sport = 7702"])
    assert (result.status, result.err) == (0, b"")
    result = net.run([ss, "-tan", "--format=csv", "--columns=local.port", "uid = 65534"])
    assert (result.status, result.err, result.lines) == (0, b"", ["local.port", "7703"])


@pytest.mark.parametrize("term, field", [("process = maker", "process.name"), ("fwmark = 5", "mark"), ("tcp.cong = cubic", "tcp.cong")])
def test_followed(net, ss, term, field):
    """Nobody waits for what cannot come: it is told at once, before the first socket ends."""
    proc = net.popen([ss, "-E", "-tan", "--format=ndjson", term], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    told = proc.stderr.readline().decode()
    if "does not tell" not in told:
        proc.wait(30)
        pytest.skip(f"cannot follow: {told}")
    proc.terminate()
    proc.communicate(timeout=30)
    assert f"does not tell {field} of a socket that has ended" in told and proc.returncode == 3


CONNECTS = """
import socket, time
while True:
    socket.create_connection(("127.0.0.1", 7702)).close()
    time.sleep(0.01)
"""


def test_followed_by_what_is_told(net, ss):
    words = ["-E", "-tan", "--format=ndjson", "--limit=1", "dport = 7702 and tcp.mss > 0 and netid = tcp"]
    maker = net.popen([sys.executable, "-c", CONNECTS])
    result = net.run([ss, *words])
    maker.terminate()
    maker.wait(30)
    if b"Operation not permitted" in result.err:
        pytest.skip(f"cannot follow: {result.err}")
    assert (result.status, result.err, len(result.lines)) == (0, b"", 1)


def test_recording(net, ss, tmp_path):
    """It has no processes, and was perhaps made by somebody who may not see marks."""
    file = tmp_path / "recorded"
    assert net.run([ss, "-tan", "-D", file]).status == 0
    result = net.run([ss, "-tan", "--format=csv", "process = nobody-is-called-so"], env={"TCPDIAG_FILE": file})
    assert result.status == 3 and b"a recording does not tell them" in result.err
    result = net.run([ss, "-tan", "--format=csv", "mark = 0"], env={"TCPDIAG_FILE": file})
    assert (result.status, result.err) == (0, b"")
