# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Where sock_diag may not be asked, or /proc is not there: no half answer that looks whole."""

import json

import pytest

from lib import fakeproc, kernel, netns, seccomp

BOUND, PAIRS = 7190, 10
SOCKETS = f"""
l = socket.socket()
l.bind(("127.0.0.1", 7101))
l.listen(50)
for _ in range({PAIRS}):
    keep += [socket.create_connection(("127.0.0.1", 7101)), l.accept()[0]]
bound = socket.socket()
bound.bind(("127.0.0.1", {BOUND}))
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.bind(("::1", 7102))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 89)
a, b = socket.socketpair()
packet = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
print("{{}}")
"""
NO_SOCKET = "cannot open a netlink socket: Address family not supported by protocol"
NEEDED = "/proc/net, read instead, does not tell"


@pytest.fixture(scope="module")
def net():
    made = netns.Script(SOCKETS).start()
    yield made
    made.stop()


@pytest.fixture
def caged(net, ss):
    """As systemd has it with RestrictAddressFamilies=: there is no AF_NETLINK."""

    def run(*words, program=ss, env=None):
        result = net.run([*seccomp.without("netlink-family"), program, *words], env=env)
        if b"prctl" in result.err:
            pytest.skip(f"no seccomp filters here: {result.err.decode()}")
        result.err = result.err.decode()
        return result

    return run


@pytest.mark.parametrize("words, rows, lacks", [
    ("-Htn tcp.mss > 0", 0, "tcp.mss"),
    ("-Htn not tcp.mss > 0", 0, "tcp.mss"),
    ("-Htn has tcp.rtt", 0, "tcp.rtt"),
    ("-Htn dev lo", 0, "ifindex"),
    ("-Htn cgroup /", 0, "cgroup_id"),
    ("-Huan mark = 0", 0, "mark"),
    ("-Hxn unix.peer > 0", 0, "unix.peer"),
    ("-Htn sport = :7101 or cookie = 1", PAIRS, "cookie"),
])  # fmt: skip
def test_filters(caged, net, ss, words, rows, lacks):
    words = words.split(maxsplit=1)
    if net.run([ss, *words]).status == 1:
        pytest.skip("there is no cgroup tree here")
    result = caged(*words)
    assert result.status == 1
    assert f"{NO_SOCKET}; {NEEDED} {lacks}" in result.err
    assert len(result.lines) == rows


@pytest.mark.parametrize("words, lacks", [
    ("--columns=local.port,tcp.rtt", "tcp.rtt"),
    ("--sort=tcp.rtt --columns=local.port", "tcp.rtt"),
    ("--sort=cookie", "cookie"),
    ("--by=tcp.mss", "tcp.mss"),
    ("--by=state,max(tcp.rtt)", "tcp.rtt"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_records(caged, words, lacks, kind):
    result = caged("-tn", f"--format={kind}", *words.split())
    assert result.status == 3 and f"{NO_SOCKET}; {NEEDED} {lacks}" in result.err
    if kind == "json":
        answer = json.loads(result.out)
        assert answer["complete"] is False
        assert ["error"] == [n["level"] for n in answer["notes"] if lacks in n["text"]]


def test_overview(caged):
    result = caged("--summary=full", "--format=json")
    assert result.status == 3 and NEEDED in result.err and json.loads(result.out)["complete"] is False


@pytest.mark.parametrize("words", ["-Htln", "-Htn state established", "-Huan", "-Hxan", "-H0an", "-Hwan",
                                   "-Htn state established sport = :7101", "-Htn state established --columns=local.port,uid --sort=recvq",
                                   "-Hu -a --by=state"])  # fmt: skip
def test_plain_lists(caged, net, ss, words):
    """/proc/net serves where it tells all that is asked for, with a warning."""
    words = words.split()
    result, whole = caged(*words), net.run([ss, *words])
    assert result.status == 0 and len(result.lines) == len(whole.lines) > 0
    assert f"sockets: {NO_SOCKET}; /proc/net, read instead, tells less" in result.err


@pytest.mark.skipif(not kernel.LISTS_BOUND, reason="this kernel has no list of bound sockets")
@pytest.mark.parametrize("words", ["-HtB", "-Htan", "-HtlB", "-Ht state bound-inactive state established",
                                   "-Ht state bound-inactive", "-HtB --source=proc"])  # fmt: skip
def test_bound_ones_are_not_in_proc(caged, words):
    result = caged(*words.split())
    assert result.status == 1 and result.err
    assert str(BOUND) not in result.out.decode()
    assert NO_SOCKET in result.err or "bound but neither listen nor connect" in result.err


def test_tables_without_bound_ones(net, ss):
    """Others that this kernel does not have are not missed because bound TCP sockets are asked for."""
    result = net.run([ss, "-HB", "-A", "inet"])
    assert (result.status, result.err) == (0, b"")


@pytest.mark.parametrize("table", ["-ta", "-ua", "-xa", "-0a", "-A netlink -a"])
def test_netlink_is_asked_for(caged, table):
    """By name, it is not something else that answers."""
    result = caged("-Hn", *table.split(), "--source=netlink")
    assert (result.status, result.out) == (1, b"") and NO_SOCKET in result.err
    assert "/proc/net" not in result.err


def test_source_proc(net, ss):
    """What it cannot tell is no less missing for having been asked for."""
    result = net.run([ss, "-Htn", "--source=proc", "tcp.mss", ">", "0"])
    assert (result.status, result.out) == (1, b"") and b"/proc/net does not tell tcp.mss" in result.err
    assert net.run([ss, "-Htn", "--source=proc", "sport", "=", ":7101"]).status == 0


def test_all_namespaces(caged, net, ss):
    result, whole = caged("-HtanN", "all"), net.run([ss, "-HtanN", "all"])
    if not whole.out:
        pytest.skip(whole.err.decode())
    # With very many sockets on the machine, others' too, the bound ones are not asked for at all.
    assert result.status == (0 if "would hold up" in result.err else 1) and "bound but neither listen nor connect" in result.err


@pytest.mark.parametrize("words", [("-K", "dst", "192.0.2.1"), ("-D", "-")], ids=" ".join)
def test_no_kernel_is_blamed(caged, words):
    result = caged("-tn", *words)
    assert result.status == 1 and NO_SOCKET in result.err and "no sock_diag" not in result.err


def test_summary(caged, net, ss):
    """Orphans and bound sockets cannot be counted: that is an error, where they have to be."""
    result, whole = caged("-s"), net.run([ss, "-s"])
    assert whole.status == 0 and len(result.lines) == len(whole.lines)
    if result.out == whole.out and not result.err:
        pytest.skip("this is the only network namespace")
    assert result.status == 1 and f"counting bound TCP sockets: {NO_SOCKET}" in result.err


@pytest.fixture
def without_proc(build, net, ss):
    def run(*words, kind="none"):
        if build.is_sanitized and kind == "none":
            pytest.skip(fakeproc.SANITIZED)
        result = net.run([*fakeproc.within(kind), ss, *words])
        if result.status == 99:
            pytest.skip(f"no other /proc can be mounted: {result.err.decode()}")
        result.err = result.err.decode()
        return result

    return run


def not_netlink(result):
    """Its rows but for netlink sockets, of which the program has some itself."""
    return [line for line in result.lines if not line.startswith("nl ")]


@pytest.mark.parametrize("words", ["-Hwan", "-Han"])
def test_raw_sockets_without_proc(without_proc, net, ss, words):
    """Most kernels have no sock_diag for them: then they are in /proc/net alone."""
    result = without_proc(words)
    raw = [line for line in result.lines if ":ospf" in line or ":89 " in line]
    if result.status == 0:
        assert raw and not result.err
    else:
        assert result.status == 1 and not raw
        assert "raw sockets: this kernel has no sock_diag for them; /proc/thread-self/net is not there: is /proc mounted?" in result.err
        assert result.err.count("\n") == 1
    # where /proc shows processes only, the files of the network are there all the same
    result, whole = without_proc(words, kind="processes"), net.run([ss, words])
    assert (result.status, result.err) == (0, "") and not_netlink(result) == not_netlink(whole)


def test_lists_without_proc(without_proc, net, ss):
    """What sock_diag tells needs no /proc."""
    for words in ("-Htan", "-Huan", "-Hxan", "-H0an"):
        result = without_proc(words)
        assert (result.status, result.err) == (0, "") and result.lines == net.run([ss, words]).lines


def test_proc_asked_for_and_not_there(without_proc):
    result = without_proc("-Htan", "--source=proc")
    assert (result.status, result.out) == (1, b"") and "is /proc mounted?" in result.err


def test_summary_without_proc(without_proc, net, ss):
    result = without_proc("-s")
    assert result.status == 1 and "sockstat: No such file or directory: how many sockets are in use is not known" in result.err
    same = without_proc("-s", kind="processes")
    # the first line has sockets that are being released, too
    assert (same.status, same.err, same.lines[1:]) == (0, "", net.run([ss, "-s"]).lines[1:])


def test_automatic_ports_without_their_range(without_proc, net, ss):
    """The clients have such ports, if not in the range that is taken for it."""
    whole = net.run([ss, "-Htn", "autobound"])
    assert whole.status == 0 and len(whole.lines) == PAIRS
    for result in (without_proc("-Htn", "autobound"), without_proc("-Htn", "autobound", kind="processes")):
        assert result.status == 1 and "net.ipv4.ip_local_port_range) cannot be read" in result.err
    assert without_proc("-Htn", "sport", "=", ":7101").status == 0


@pytest.mark.parametrize("name", ["SOCKSTAT", "SOCKSTAT6", "SNMP"])
def test_unreadable_counters(net, ss, name):
    result = net.run([ss, "-s"], env={f"PROC_NET_{name}": "/"})
    assert result.status == 1 and b"Is a directory" in result.err
    if name == "SOCKSTAT6":
        assert b"the figures of IPv6 are not known" in result.err


def test_kernel_without_ipv6(net, ss, tmp_path):
    """It has no sockstat6, and no tcp6: that is all there is, not half an answer."""
    (tmp_path / "sockstat").write_text("sockets: used 9\nTCP: inuse 0 orphan 0 tw 0 alloc 0 mem 1\n")
    (tmp_path / "snmp").write_text("Tcp: CurrEstab\nTcp: 0\n")
    env = {"PROC_NET_SOCKSTAT": tmp_path / "sockstat", "PROC_NET_SNMP": tmp_path / "snmp", "PROC_NET_SOCKSTAT6": tmp_path / "none"}
    result = net.run([ss, "-s"], env=env)
    assert (result.status, result.err) == (0, b"")
