# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What does more than list: -N enters a namespace, -K destroys, -E follows; -D and its reader."""

import os
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from lib import builds, netns, rows

DEADLINE_S = 20


@pytest.fixture
def own(tmp_path):
    """A namespace for one test, whose sockets may be destroyed."""
    net = netns.Net(builds.find_mksock(), tmp_path / "own", ["established", "listen", "udp", "unix-stream"]).start()
    yield net
    net.stop()


def established(net, ss):
    result = net.run([ss, "-Htn", "state", "established"])
    assert result.status == 0
    return sorted(tuple(line.split()[2:4]) for line in result.lines)


def test_kill(ss, own):
    before = established(own, ss)
    doomed = [pair for pair in before if "127.0.0.1:40001" in pair]
    assert len(before) == 4 and len(doomed) == 2
    result = own.run([ss, "-K", "-Htn", "sport = 40001 or dport = 40001"])
    assert result.status == 0
    assert {tuple(line.split()[3:5]) for line in result.lines} <= set(doomed) and result.lines
    assert established(own, ss) == [pair for pair in before if pair not in doomed]


def test_kill_nothing(ss, own):
    before = own.run([ss, "-tuan"]).out
    result = own.run([ss, "-K", "-Htuan", "sport = 1"])
    assert (result.status, result.out) == (0, b"")
    assert own.run([ss, "-tuan"]).out == before


def test_kill_is_refused_to_ordinary_users(ss, own, tmp_path_factory):
    if not own.has_real_root:
        pytest.skip("another user needs root")
    before = established(own, ss)
    result = own.run(["setpriv", "--bounding-set=-all", "--inh-caps=-all", ss, "-K", "-Htn", "sport = 40001"])
    assert established(own, ss) == before
    assert result.err.strip(), "that nothing was killed must be told"
    assert result.out == b"", "what was not killed must not be listed as killed"


CONNECTIONS = """
server = socket.create_server(("127.0.0.1", 7201), backlog=4000)
for i in range(3000):
    client = socket.create_connection(("127.0.0.1", 7201))
    keep += [client, server.accept()[0]]
"""

def test_kill_hides_nothing(ss, script):
    """The kernel counts through its chains while what is destroyed leaves them: all are found anyway."""
    # Connections of a namespace whose table is so small that all are in a few chains.
    small = (
        'test "$SMALL" || { sysctl -qw net.ipv4.tcp_child_ehash_entries=8 || exit 9; SMALL=1 exec unshare -n sh -c '
        "'ip link set lo up; exec \"$@\"' sh \"$@\"; }"
    )
    net = script(CONNECTIONS, small)
    if net.run(["sysctl", "-n", "net.ipv4.tcp_ehash_entries"]).lines != ["8"]:
        pytest.skip("this kernel has one table of connections for all namespaces")
    result = net.run([ss, "-K", "-Htn", "sport = 7201"])
    assert (result.status, len(set(result.lines))) == (0, 3000)
    assert net.run([ss, "-Htn"]).out == b""


def test_kill_shared_port(ss, script):
    """Of listeners that share a port, the kernel finds one at a time."""
    net = script(
        "for i in range(16):\n"
        "    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
        "    s.bind(('127.0.0.1', 7301)); s.listen(); keep.append(s)"
    )
    result = net.run([ss, "-K", "-Htln", "sport = 7301"])
    assert (result.status, len(result.lines), result.err) == (0, 16, b"")
    assert net.run([ss, "-Htln"]).out == b""


def test_kill_udp(ss, script):
    """Sockets that stay listed once destroyed are destroyed and shown once."""
    net = script(
        "for i in range(2000):\n"
        "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
        "    s.bind(('127.0.0.1', 7300)); s.connect(('127.0.0.2', 1000 + i)); keep.append(s)"
    )
    result = net.run([ss, "-K", "-Huan", "sport = 7300"])
    assert result.status == 0 and len(result.lines) == len(set(result.lines)) == 2000
    assert net.run([ss, "-Hun"]).out == b""


def test_kill_dry_run(ss, own):
    before = own.run([ss, "-tan"]).out
    result = own.run([ss, "-K", "--dry-run", "-tan"])
    assert result.status == 0
    shown, listed = result.lines, before.decode().splitlines()
    assert set(shown) <= set(listed) and any("LISTEN" in line for line in shown)
    assert own.run([ss, "-tan"]).out == before
    if own.has_real_root:
        ordinary = own.run([ss, "-K", "--dry-run", "-tan"], uid=65534)
        assert (ordinary.status, ordinary.out) == (0, result.out)


def test_kill_of_other_kinds(ss, own):
    """The kernel destroys no unix socket: none is shown as destroyed, and it is told."""
    before = own.run([ss, "-xan"]).out
    result = own.run([ss, "-K", "-Hxan"])
    assert (result.status, result.out) == (1, b"")
    assert re.search(rb"0 sockets destroyed, \d+ of kinds the kernel cannot destroy \(unix_stream: \d+", result.err)
    assert own.run([ss, "-xan"]).out == before


def test_kill_tells_what_it_cannot_see(ss, steady):
    """Raw sockets exist also where the kernel has no sock_diag for them."""
    made = steady.run([ss, "-Hwan"]).lines
    result = steady.run([ss, "-K", "--dry-run", "-Hwan"])
    assert made and result.status == 0
    assert len(result.lines) == len(made) or b"raw sockets: this kernel has no sock_diag" in result.err


@pytest.mark.parametrize("variable", ["PROC_NET_TCP", "TCPDIAG_FILE", "PROC_ROOT"])
def test_kill_from_files_is_refused(ss, own, variable):
    before = own.run([ss, "-tan"]).out
    value = {"PROC_NET_TCP": "/proc/net/tcp", "TCPDIAG_FILE": "/dev/null", "PROC_ROOT": "/proc"}[variable]
    result = own.run([ss, "-K", "-tan"], env={variable: value})
    assert (result.status, result.out) == (1, b"") and b"nothing was destroyed" in result.err
    assert own.run([ss, "-tan"]).out == before


@pytest.mark.parametrize("args", [["-K", "-E"], ["-K", "-D", "-"], ["-E", "-D", "-"], ["--dry-run", "-t"]])
def test_actions_that_do_not_go_together(ss, own, args):
    before = own.run([ss, "-tan"]).out
    result = own.run([ss, *args])
    assert (result.status, result.out) == (2 if "--dry-run" in args else 255, b"") and result.err.strip()
    assert own.run([ss, "-tan"]).out == before


def subscribers(net):
    """The netlink sockets in groups of destroyed sockets."""
    lines = [line.split() for line in net.run(["cat", "/proc/net/netlink"]).lines[1:]]
    return [words for words in lines if words[1] == "4" and int(words[3], 16)]


def dropped(net):
    """How many messages the kernel could not queue to them."""
    return sum(int(words[8]) for words in subscribers(net))


def read_line(proc):
    assert select.select([proc.stdout], [], [], DEADLINE_S)[0], "no event was shown"
    line = b""
    while not line.endswith(b"\n"):
        byte = proc.stdout.read(1)
        assert byte, "ss -E ended"
        line += byte
    return line


def follow(net, *argv):
    """A running ss -E that hears what is destroyed."""
    before = len(subscribers(net))
    proc = net.popen(argv, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end_s = time.monotonic() + DEADLINE_S
    while len(subscribers(net)) == before:
        assert proc.poll() is None, proc.stderr.read()
        assert time.monotonic() < end_s, "ss -E subscribes to nothing"
        time.sleep(0.02)
    return proc


def end(proc, how=signal.SIGTERM):
    proc.send_signal(how)
    out, err = proc.communicate(timeout=DEADLINE_S)
    return proc.returncode, out, err


@pytest.fixture
def follower():
    procs = []

    def start(*args):
        procs.append(follow(*args))
        return procs[-1]

    yield start
    for proc in procs:
        if proc.poll() is None:
            proc.kill()
        proc.wait()
        proc.stdout.close()
        proc.stderr.close()


def test_events(ss, own, follower):
    proc = follower(own, ss, "-E", "-4tnH")
    ends = {rows.endpoints(m) for m in own.made if m.table == "tcp"}
    own.stop()
    for _ in range(2):
        line = read_line(proc).decode().split()
        assert line[0] == "UNCONN" and tuple(line[3:5]) in ends


UDP = "import socket\nfor i in range({n}): s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('127.0.0.1', {port}))"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_events_all_and_clean_end(ss, script, follower, how):
    """Every socket is shown once, nothing is printed before the first, and a signal is a good end."""
    net = script("")
    proc = follower(net, ss, "-E", "-un", "dport = 99 or dport = 100")
    quiet = follower(net, ss, "-E", "-un")
    assert end(quiet, how) == (0, b"", b"")
    for port, n in ((98, 10), (99, 500), (100, 1)):
        net.run([sys.executable, "-c", UDP.format(n=n, port=port)])
    lines = [read_line(proc) for _ in range(502)]
    assert end(proc, how) == (0, b"", b"")
    assert lines[0].split()[:2] == [b"Recv-Q", b"Send-Q"] or lines[0].startswith(b"State")
    assert [sum(port in line for line in lines) for port in (b":98", b":99", b":100")] == [0, 500, 1]


def test_events_as_the_reference(ss, ref, script, follower):
    """Both follow the same sockets and print the same."""
    net = script("")
    args = ["-E", "-tunie"]
    ours, theirs = follower(net, ss, *args), follow(net, ref.path, *args)
    try:
        text = (
            "import socket\n"
            "for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):\n"
            "    server = socket.create_server((host, 7101), family=family)\n"
            "    for i in range(3):\n"
            "        c = socket.create_connection((host, 7101)); d = server.accept()[0]\n"
            "        c.send(b'x'); d.recv(1); c.close(); d.close()\n"
            "        u = socket.socket(family, socket.SOCK_DGRAM); u.connect((host, 99)); u.close()\n"
        )
        net.run([sys.executable, "-c", text])
        outs = []
        for proc in (ours, theirs):
            lines = []
            while sum(line.startswith((b"tcp", b"udp")) for line in lines) < 20:
                lines.append(read_line(proc))
            outs.append(lines)
        assert outs[0] == outs[1]
    finally:
        theirs.kill()
        theirs.communicate()


@pytest.mark.heavy
@pytest.mark.plain  # it is about the kernel's queue
def test_events_too_many(ss, script, follower):
    """What the kernel could not keep is counted, and what comes later is shown."""
    net = script("")
    if not net.has_real_root:
        pytest.skip("needs root")
    n = 60000
    proc = follower(net, ss, "-E", "-unH")
    pid = next(p for p in children(proc.pid) if os.readlink(f"/proc/{p}/exe") == str(ss))
    os.kill(pid, signal.SIGSTOP)
    net.run([sys.executable, "-c", UDP.format(n=n, port=99)])
    end_s = time.monotonic() + DEADLINE_S
    while dropped(net) < 1000:
        assert time.monotonic() < end_s, "the kernel kept all"
        time.sleep(0.02)
    os.kill(pid, signal.SIGCONT)
    shown = 0
    rest = b""
    while shown + dropped(net) < n:  # before all are announced, and after
        assert select.select([proc.stdout], [], [], DEADLINE_S)[0], "no event was shown"
        rest += os.read(proc.stdout.fileno(), 1 << 16)
        shown += rest.count(b"\n")
        rest = rest[rest.rfind(b"\n") + 1 :]
    net.run([sys.executable, "-c", UDP.format(n=1, port=100)])
    assert rest == b"" and b":100" in read_line(proc)
    shown += 1
    n += 1
    status, out, err = end(proc)
    assert out == b""
    lost = [int(x) for x in re.findall(rb"(\d+) lost so far", err)]
    assert status == 0 and lost == sorted(set(lost)) and shown + lost[-1] == n and lost[-1] > 1000


def children(pid):
    """@pid and its children."""
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [pid, *map(int, f.read().split())]


def test_events_reader_goes_away(ss, script, follower):
    """It does not wait for another socket to notice."""
    proc = follower(script(""), ss, "-E")
    proc.stdout.close()
    assert proc.wait(DEADLINE_S) in (0, 1)
    assert proc.stderr.read() == b""


@pytest.mark.parametrize("args", [["-x"], ["-w"], ["-t", "-f", "unix", "-A", "unix"]])
def test_events_of_nothing(ss, own, args):
    result = own.run([ss, "-E", *args])
    assert (result.status, result.out) == (255, b"") and b"nothing to follow" in result.err


def test_named_namespace(ss, steady):
    """-N NAME shows what is seen inside."""
    if not steady.has_real_root:
        pytest.skip("needs root")
    script = (
        "mount -t tmpfs none /run && mkdir /run/netns && touch /run/netns/here && "
        f"mount --bind /proc/{steady.proc.pid}/ns/net /run/netns/here && exec '{ss}' -N here -tan"
    )
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c", script], capture_output=True, env=builds.environment(), timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == steady.run([ss, "-tan"]).out


def test_dump_is_read_back(ss, ref, steady, tmp_path):
    """A dump of one family reads back as the same table, with either program."""
    file = tmp_path / "dump"
    for writer, reader in ((ss, ss), (ref.path, ss), (ss, ref.path)):
        assert steady.run([writer, "-4tn", "-D", file]).status == 0
        result = steady.run([reader, "-4tn"], env={"TCPDIAG_FILE": file})
        assert result.status == 0
        assert result.out == steady.run([ref.path, "-4tn"]).out


def test_dump_of_both_families(ss, steady, tmp_path):
    """All that was dumped is read back, and only what matched was dumped."""
    file = tmp_path / "dump"
    size = {}
    for args in ("-tan", "-tanm --tos", "-6tan", "-tan sport < 40000", "-tln", "-tn"):
        assert steady.run([ss, *args.split(), "-D", file]).status == 0
        size[args] = file.stat().st_size
        again, plain = (steady.run([ss, *args.split()], env=env) for env in ({"TCPDIAG_FILE": file}, {}))
        assert (again.status, again.out) == (0, plain.out) and len(plain.lines) > 1
    assert all(n % 4 == 0 for n in size.values())
    assert max(size["-6tan"], size["-tan sport < 40000"], size["-tln"]) < size["-tan"] < size["-tanm --tos"]


def test_dump_of_nothing(ss, ref, steady, tmp_path):
    file = tmp_path / "dump"
    result = steady.run([ss, "-tn", "-D", file, "sport = 1"])
    assert (result.status, result.out, result.err) == (0, b"", b"")
    for reader in (ss, ref.path):
        result = steady.run([reader, "-Htan"], env={"TCPDIAG_FILE": file})
        assert (result.status, result.out, result.err) == (0, b"", b"")


def test_dump_to_stdout(ss, steady, tmp_path):
    file = tmp_path / "dump"
    file.write_bytes(steady.run([ss, "-tan", "-D", "-"]).out)
    assert steady.run([ss, "-tan"], env={"TCPDIAG_FILE": file}).out == steady.run([ss, "-tan"]).out


def test_dump_errors(ss, steady, tmp_path):
    result = steady.run([ss, "-t", "-D", tmp_path / "no" / "file"])
    assert result.status == 255 and b"No such file" in result.err
    result = steady.run([ss, "-u", "-D", tmp_path / "file"])
    assert result.status == 0 and b"no tcp" in result.err and not (tmp_path / "file").exists()
    for args in (["-D", "/dev/full"], ["-D", "-"]):
        result = steady.run(["sh", "-c", f"'{ss}' -ta {' '.join(args)} >/dev/full"])
        assert result.status == 1 and b"No space left" in result.err


def test_namespace_by_pid_and_path(ss, steady):
    if not steady.has_real_root:
        pytest.skip("needs root")
    want = steady.run([ss, "-tuan"]).out
    pid = steady.proc.pid
    for name in (str(pid), f"/proc/{pid}/ns/net", f"/proc/{pid}/task/{pid}/ns/net"):
        done = subprocess.run([ss, "-tuan", "-N", name], capture_output=True, env=builds.environment(), timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, want, b"")
    summary = [line for line in steady.run([ss, "-s"]).lines if line.startswith("UDP")]
    done = subprocess.run([ss, "-N", str(pid), "-s"], capture_output=True, env=builds.environment(), timeout=60)
    assert [line for line in done.stdout.decode().splitlines() if line.startswith("UDP")] == summary


def test_namespace_from_proc(ss, steady):
    """The text files are those of the namespace entered, too."""
    if not steady.has_real_root:
        pytest.skip("needs root")
    env = builds.environment(PROC_NET_UDP="/proc/net/udp")
    done = subprocess.run([ss, "-N", str(steady.proc.pid), "-4uanH"], capture_output=True, env=env, timeout=60)
    assert done.returncode == 0
    ports = {line.split()[3].replace("%lo", "") for line in steady.run([ss, "-4uanH"]).lines}
    assert ports and {line.split()[3] for line in done.stdout.decode().splitlines()} == ports


@pytest.mark.parametrize("name", ["nosuch", "", ".", "..", "99999999999", "0", "/etc/passwd", "/"])
def test_namespace_that_is_none(ss, steady, name):
    """An error at its place among the options, with iproute2's status."""
    for argv in (["-N", name, "-V"], ["-t", "-N", name]):
        result = steady.run([ss, *argv])
        assert (result.status, result.out) == (1, b"") and f'network namespace "{name}"'.encode() in result.err
    assert steady.run([ss, "-V", "-N", name]).status == 0


def test_namespace_of_others(ss, steady):
    if not steady.has_real_root:
        pytest.skip("another user needs root")
    result = steady.run([ss, "-N", str(steady.proc.pid), "-t"], uid=65534)
    assert (result.status, result.out) == (1, b"") and b"CAP_SYS_PTRACE" in result.err
    result = steady.run([ss, "-N", "/proc/self/ns/net", "-t"], uid=65534)
    assert (result.status, result.out) == (1, b"") and b"CAP_SYS_ADMIN" in result.err


def test_namespace_with_own_files(ss, steady, tmp_path):
    """The files of /etc/netns/NAME are read in place of those of /etc."""
    if not steady.has_real_root:
        pytest.skip("needs root")
    script = (
        "mount -t tmpfs none /run && mkdir /run/netns && touch /run/netns/here && "
        f"mount --bind /proc/{steady.proc.pid}/ns/net /run/netns/here && "
        f"cp -a /etc '{tmp_path}/etc' && mkdir -p '{tmp_path}/etc/netns/here' && "
        f"echo 127.0.0.1 only-there >'{tmp_path}/etc/netns/here/hosts' && "
        f"mount --bind '{tmp_path}/etc' /etc && '{ss}' -N here -4tanH src only-there; r=$?; "
        "grep -c only-there /etc/hosts; exit $r"
    )
    done = subprocess.run(
        ["unshare", "-n", "-m", "sh", "-c", script], capture_output=True, env=builds.environment(), timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    *shown, count = done.stdout.decode().splitlines()
    assert count == "0"
    assert shown == steady.run([ss, "-4tanH", "src", "127.0.0.1"]).lines and shown


@pytest.mark.parametrize("args", [["-Z"], ["-z"], ["-tpZ"], ["-zZ", "-V"]])
def test_no_selinux(ss, steady, args):
    if b" selinuxfs " in open("/proc/self/mounts", "rb").read():
        pytest.skip("SELinux is enabled here")
    result = steady.run([ss, *args])
    assert (result.status, result.out) == (1, b"") and b"which this machine does not have" in result.err
