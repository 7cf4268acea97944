# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Corners in which little is known: no cgroup tree, thin recordings, odd lines, operands that ask for nothing."""

import json
import os
import re
import socket
import struct
import subprocess
import sys

import pytest

from lib import netns
from lib.builds import environment

# Process 1 of a process namespace, so that no other process has a mount table to look into.
WITHOUT_CGROUPS = r"""
import json, socket, subprocess, sys
programs, lines = json.loads(sys.argv[1])
for line in reversed(open("/proc/self/mounts").readlines()):
    if line.split()[2] == "cgroup2":
        subprocess.run(["umount", "-l", line.split()[1]], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
s = socket.socket()
s.bind(("127.0.0.1", 7001))
s.listen()
c = socket.create_connection(("127.0.0.1", 7001))
a = s.accept()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 7002))
def run(argv):
    bare = ["setpriv", "--bounding-set=-sys_admin"]  # or it mounts them itself, where nobody else sees it
    p = subprocess.run([*bare, *argv], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr
print(json.dumps([[run([program, *line]) for program in programs] for line in lines]))
"""


def without_cgroups(programs, lines):
    if os.geteuid():
        pytest.skip("only root can be without a cgroup2 mount that others have")
    argv = ["unshare", "-n", "-m", "-p", "--fork", "--mount-proc", sys.executable, "-c", WITHOUT_CGROUPS]
    done = subprocess.run([*argv, json.dumps([list(map(str, programs)), lines])], env=environment(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_cgroups_by_number(ss, ref):
    """As iproute2 shows them when it cannot find the tree, but said once and not for each socket."""
    lines = [["-tane"], ["-tan", "--cgroup"], ["-uane", "--cgroup"], ["-tan", "cgroup", "/"], ["-tan", "cgroup", "/nonexistent"]]
    for line, (ours, theirs) in zip(lines, without_cgroups([ss, ref.path], lines)):
        # It takes the handle of / for a number, which a root of tmpfs has none of that length for.
        if ref.is_exact and "Invalid cgroup2 path" not in theirs[2]:
            assert ours[:2] == theirs[:2], line
        assert ours[2].count("no cgroup2 file system is mounted") == 1, line
        assert line[-1].startswith("/") or ours[1].count("cgroup:unreachable:") >= ours[1].count("127.0.0.1:7001 ")


def test_cgroups_of_another_mount_namespace(ss, ref):
    """As under "ip netns exec", whose parent sees the tree: the classic text is iproute2's, fields have the path."""
    if os.geteuid():
        pytest.skip("only root can be without a cgroup2 mount that others have")
    script = r"""
import os, socket, subprocess, sys
for line in reversed(open("/proc/self/mounts").readlines()):
    if line.split()[2] == "cgroup2":
        subprocess.run(["umount", "-l", line.split()[1]], check=True)
s = socket.socket()
s.listen()
os.set_inheritable(s.fileno(), True)
os.execv(sys.argv[1], sys.argv[1:])
"""

    def run(*argv):  # whose parent is this process, which sees the tree
        argv = ["unshare", "-n", "-m", sys.executable, "-c", script, *argv]
        done = subprocess.run([str(a) for a in argv], env=environment(), capture_output=True, timeout=60, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def steady(text):
        return re.sub(r"(ino|sk|:)[:]?[0-9a-f]+", r"\1:N", text)

    classic = run(ss, "-tlne")
    assert " cgroup:unreachable:" in classic
    if ref.is_exact:
        assert steady(classic) == steady(run(ref.path, "-tlne"))
    if any(line.split()[2] == "cgroup2" for line in open("/proc/self/mounts")):
        rows = json.loads(run(ss, "-tln", "-j", "--columns=cgroup"))["sockets"]
        assert len(rows) == 1 and rows[0]["cgroup"].startswith("/")


def test_cgroups_that_nobody_knows(ss):
    """In records they are absent; in a filter neither a term about one nor its negation is known to hold."""
    lines = [
        ["-tan", "-j", "--columns=local.port,cgroup,cgroup_id"], ["-Htan", "not", "cgroup", "/"], ["-Htan", "cgroup", "!=", "//"],
        ["-Htan", "not", "cgroup", "/", "or", "sport", "=", "7001"], ["-Htan", "cgroup", "/x"],
    ]  # fmt: skip
    records, not_root, also_not_root, either, none = (r[0] for r in without_cgroups([ss], lines))
    rows = json.loads(records[1])["sockets"]
    assert len(rows) == 3 and all("cgroup" not in row and row["cgroup_id"] for row in rows)
    for status, out, err in (not_root, also_not_root):
        assert (status, out) == (0, "") and "none is listed" in err
    assert either[0] == 0 and len(either[1].splitlines()) == 2
    assert none[:2] == [1, ""] and "none is listed" not in none[2]


@pytest.mark.parametrize("term", [["cgroup", "!=", "/"], ["not", "cgroup", "=", "/"], ["not", "(", "cgroup", "/", "or", "sport", "=", "1", ")"]], ids=" ".join)
def test_sockets_without_a_cgroup(ss, moving, steady, term):
    """Of a request for a connection the kernel tells none; nor does /proc, which is an error."""
    asked = ((moving, 0, ["-Htan", "state", "syn-recv"], {}), (steady, 1, ["-Hwan"], {"PROC_NET_RAW": "/proc/net/raw"}))
    for net, status, options, env in asked:
        listed = net.run([ss, *options], env=env)
        some = net.run([ss, *options, *term], env=env)
        if b"no such cgroup" in some.err:
            pytest.skip("no cgroup2 file system is mounted here")
        assert listed.lines and (some.status, some.out) == (status, b"")
        assert (b"/proc/net does not tell cgroup" in some.err) == status


# Recordings and files of /proc


def attribute(number, payload):
    return struct.pack("=HH", 4 + len(payload), number) + payload + b"\0" * (-len(payload) % 4)


def recording(*attributes):
    address = socket.inet_aton("127.0.0.1") + bytes(12)
    body = struct.pack("=BBBB", socket.AF_INET, 1, 0, 0) + struct.pack(">HH", 1000, 2000) + 2 * address
    body += struct.pack("=IIIIIIII", 0, 5, 0, 0, 0, 0, 0, 77) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), 20, 2, 0, 0) + body + struct.pack("=IHHIIi", 20, 3, 2, 0, 0, 0)


def storage(family, payload):
    return (struct.pack("=H", family) + payload).ljust(128, b"\0")


def shown(ss, path, variable, *options):
    done = subprocess.run([ss, *options], env=environment(**{variable: str(path)}), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_recorded_congestion_control(ss, tmp_path):
    (tmp_path / "dump").write_bytes(recording(attribute(4, b"cubic\0")))
    assert " cubic" in shown(ss, tmp_path / "dump", "TCPDIAG_FILE", "-Htani")


def test_recorded_addresses_of_no_family(ss, tmp_path):
    v4, v6 = socket.inet_aton("10.0.0.1"), socket.inet_pton(socket.AF_INET6, "fe80::1")
    all_of = [storage(2, b"\0\0" + v4), storage(0, b"\1\2\3\4"), storage(10, bytes(6) + v6), storage(0, b"")]
    (tmp_path / "dump").write_bytes(recording(attribute(10, b"\x84"), attribute(12, b"".join(all_of))))
    assert "locals:10.0.0.1,,fe80::1,\n" in shown(ss, tmp_path / "dump", "TCPDIAG_FILE", "-Htani")


def attributes_of(data):
    length = struct.unpack_from("=I", data)[0]
    at, found = 16 + 72, set()
    while at + 4 <= length:
        size, number = struct.unpack_from("=HH", data, at)
        found.add(number)
        at += (size + 3) & ~3
    return found


def test_recorded_memory(ss, steady):
    """Readers that know only the older of the two messages about memory are about."""
    meminfo, skmeminfo = 1, 7
    assert {meminfo, skmeminfo} <= attributes_of(steady.run([ss, "-tlnm", "-D", "-"]).out)
    assert not {meminfo, skmeminfo} & attributes_of(steady.run([ss, "-tln", "-D", "-"]).out)


HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LINE = "   0: 0100007F:1B59 0200007F:1B5A 01 00000000:00000000 01:00000014 00000003     0        4 5555 2 0000000000000000 "
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("tail, want", [
    (f"{3 * TICKS} 4 30 10 7", "ato:40 qack:15 cwnd:10 ssthresh:7"),
    (f"{2 * TICKS} 4 30 10 7", "rto:2000 ato:40 qack:15 cwnd:10 ssthresh:7"),
    ("4294967295 4 0 10 7", "rto:4.29497e+10 ato:40 cwnd:10 ssthresh:7"),
    ("20 4 30 10 7 some text", 'opt:"some text" rto:200 ato:40 qack:15 cwnd:10 ssthresh:7'),
    ("20 4 30 10 7some text", 'opt:"some text" rto:200 ato:40 qack:15 cwnd:10 ssthresh:7'),
    ("20 4 30 10 -1x", 'opt:"x" rto:200 ato:40 qack:15 cwnd:10'),
    ("20 4 30 10x 7", "rto:200 ato:40 qack:15 cwnd:10"),
    ("20 4 31", "rto:200 ato:40 qack:15 bidir"),
])  # fmt: skip
def test_lines_of_tcp(ss, tmp_path, tail, want):
    """No retrans: its column is in the timer's words."""
    if TICKS != 100:
        pytest.skip("the clock's ticks are not hundredths of a second here")
    (tmp_path / "tcp").write_text(HEADING + LINE + tail + "\n")
    text = shown(ss, tmp_path / "tcp", "PROC_NET_TCP", "-Ht4anie")
    assert text.split(" sk:0 ")[1].strip() == want and "timer:(on,200ms,3)" in text


# Names and operands

ODD = r"""
import ctypes, os
ctypes.CDLL(None).prctl(15, b"", 0, 0, 0)
keep.append(n := socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2))
n.bind((os.getpid(), 0))
for kind, port in ((socket.SOCK_STREAM, 7001), (socket.SOCK_DGRAM, 7002)):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        keep.append(s := socket.socket(family, kind))
        s.bind((address, port))
        kind == socket.SOCK_STREAM and s.listen()
keep.append(u := socket.socket(socket.AF_UNIX))
u.bind("\0corner")
u.listen()
print('{"table": "", "pid": %d}' % os.getpid())
"""


@pytest.fixture(scope="module")
def odd_net(tmp_path_factory):
    services = tmp_path_factory.mktemp("corners") / "services"
    services.write_text("twoface 7001/tcp\ntwoface 7002/udp\nonlyudp 7002/udp\n")
    net = netns.Script(ODD, f"mount --bind {services} /etc/services").start()
    yield net
    net.stop()


def test_process_with_an_empty_name(ss, odd_net):
    pid = odd_net.made[0].pid
    rows = odd_net.run([ss, "-Hf", "netlink", "-a", f"src netlink:*:{pid}"]).lines
    assert [row.split()[-2] for row in rows] == [f"usersock:{pid}"]


@pytest.mark.parametrize("options, want", [
    ("-tua", {"7001"}), ("-ta", {"7001"}), ("-ua", {"7002"}), ("-a", {"7001"}), ("-wtua", {"7001"}),
])  # fmt: skip
def test_service_with_two_numbers(ss, odd_net, options, want):
    """That of TCP, where TCP sockets are among those to be listed; iproute2 does the same."""
    result = odd_net.run([ss, "-Hn" + options[1:], "sport = twoface"])
    assert result.status == 0 and {row.split()[-2].rpartition(":")[2] for row in result.lines} == want


@pytest.mark.plain
@pytest.mark.parametrize("options", ["-A unix", "-A netlink", "-A unix,netlink", "-A all", "-t", "-A unix,tcp"])
@pytest.mark.parametrize("words", ["src *", "dst *", "src any", "src *:*", "sport = *"])
def test_operands_that_ask_for_nothing(ss, odd_net, options, words):
    argv = [ss, "-Han", *options.split()]
    for _ in range(10):  # the kernel takes its time to free a netlink socket: that of the command before may still be there
        all_rows = odd_net.run(argv).lines
        kept = odd_net.run([*argv, words])
        if len(kept.lines) == len(all_rows):
            break
    assert (kept.status, len(kept.lines)) == (0, len(all_rows))
    assert not odd_net.run([*argv, "not", *words.split()]).out


@pytest.mark.parametrize("terms", [("sport ge 1", "src inet:127.0.0.1"), ("src *:7001", "src inet:127.0.0.0/8"), ("not sport = 1", "src inet6:[::1]")])
@pytest.mark.parametrize("options", ["-4a", "-6a", "-a", "-4 -6 -a", "-ta", "-xa"])
def test_ports_are_of_no_family(ss, odd_net, options, terms):
    """Whichever comes first, the family of the other term is the one that counts."""
    one, other = (odd_net.run([ss, "-Hn", *options.split(), " and ".join(t)]) for t in (terms, terms[::-1]))
    assert (one.status, one.out) == (other.status, other.out) and one.status == 0
    assert bool(one.lines) == (options != "-xa")


@pytest.mark.parametrize("option", ["--xdp", "--tipc", "-f xdp", "-f tipc"])
def test_operands_of_ip_elsewhere(ss, odd_net, option):
    """These families have no addresses of their own in a filter, so one is an address of IP."""
    for words in ("src 127.0.0.1", "src [::1]", "sport = 22"):
        result = odd_net.run([ss, "-H", *option.split(), words])
        assert (result.status, result.out, result.err) == (0, b"", b"")
    assert len(odd_net.run([ss, "-Hta", *option.split(), "src 127.0.0.1"]).lines) == 1


def test_help_names_all_tables_options(ss):
    text = subprocess.run([ss, "--help"], capture_output=True, text=True).stdout
    assert "--query=TABLES" in text and "--socket=TABLES" in text
