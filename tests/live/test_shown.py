# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Every socket that the factory made is shown, with the state, addresses, queues and owner it has."""

import re

import pytest

from lib import bpf, kernel, rows

TRIES = 10


def ok(result):
    assert result.status == 0, result.err.decode()
    assert result.err == b""
    return result


def check_inet(net, made, line, with_netid=False):
    words = line.split()[1:] if with_netid else line.split()
    local, peer = rows.endpoints(made)
    assert words[0] == made.state
    assert (words[3], words[4]) == (local, peer)
    if made.get("rq") is not None:
        assert (int(words[1]), int(words[2])) == (made.rq, made.sq)
    if made.get("fd") is not None:
        assert f"pid={made.pid},fd={made.fd})" in line


def check_all_by_inode(net, ss, args, tables, least):
    lines = ok(net.run([ss, *args])).lines
    found = rows.by_word(lines, "ino:")
    made = [m for m in net.made if m.table in tables and m.get("inode")]
    assert len(made) >= least
    if not kernel.LISTS_BOUND:
        made = [m for m in made if (m.table, m.state) != ("tcp", "UNCONN")]
    for m in made:
        assert str(m.inode) in found, f"not shown: {m.data}"
        assert len(found[str(m.inode)]) == 1, found[str(m.inode)]
        check_inet(net, m, found[str(m.inode)][0])
    return lines


def test_tcp(ss, steady):
    check_all_by_inode(steady, ss, ["-HOtanep"], ["tcp"], 60)


def test_tcp_in_every_state(ss, moving):
    check_all_by_inode(moving, ss, ["-HOtanep"], ["tcp"], 10)
    lines = ok(moving.run([ss, "-HOtanep"])).lines
    for state in ("SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "LAST-ACK", "CLOSING", "TIME-WAIT", "LISTEN", "ESTAB"):
        assert any(line.startswith(state) for line in lines), f"no {state}"


@pytest.mark.plain
@pytest.mark.parametrize("source", ["auto", "netlink", "bpf", "proc"])
@pytest.mark.parametrize(
    "words",
    ["exclude syn-recv", "excl syn-rcv", "exclude bucket", "state all exclude syn-recv", "state big", "exclude connected",
     "state connected exclude synchronized", "state != syn-recv", "not state = syn-recv", "state in big"],
)  # fmt: skip
def test_syn_recv_is_left_out(ss, moving, source, words):
    """The kernel has two numbers for it."""
    if source == "bpf" and bpf.obstacle(ss):
        pytest.skip(bpf.obstacle(ss))
    result = moving.run([ss, "-Htan" if "=" in words or " in " in words else "-Htn", f"--source={source}", *words.split()])
    assert result.status == 0 and not [line for line in result.lines if "SYN-RECV" in line]
    assert moving.run([ss, "-Htn", f"--source={source}", "state", "syn-recv"]).lines


def test_syn_recv_survives(ss, moving):
    """What is left out is not destroyed either."""
    result = moving.run([ss, "-K", "--dry-run", "-Htn", "exclude", "syn-recv", "sport = 7501"])
    assert not [line for line in result.lines if "SYN-RECV" in line]


@pytest.mark.parametrize("kind", ["timewait", "synrecv.request"])
def test_tcp_without_owner(ss, moving, kind):
    lines = ok(moving.run([ss, "-Htan"])).lines
    for made in moving.find(kind):
        local, peer = rows.endpoints(made)
        assert [made.state, "0", "0", local, peer] in [line.split() for line in lines]


def test_timers(ss, moving):
    for kind, timer in (
        ("timewait", r"timer:\(timewait,[1-5]?[0-9]sec,0\)"),
        ("keepalive.client", r"timer:\(keepalive,[0-9]+min,0\)"),
        ("persist.client", r"timer:\(persist,[0-9.]+(ms|sec),[0-9]+\)"),
        ("synsent.client", r"timer:\(on,[0-9.]+(ms|sec),[0-9]+\)"),
        ("finwait1.client", r"timer:\(persist,[0-9.]+(ms|sec),[0-9]+\)"),
    ):
        local, peer = rows.endpoints(moving.find(kind)[0])
        for _ in range(TRIES):  # a timer that just went off has not been set again yet
            lines = ok(moving.run([ss, "-Htano"])).lines
            row = [line for line in lines if line.split()[3:5] == [local, peer]]
            assert len(row) == 1, (kind, lines)
            if re.search(timer, row[0]):
                break
        assert re.search(timer, row[0]), row[0]


def test_unsent_bytes(ss, moving):
    local, _ = rows.endpoints(moving.find("persist.client")[0])
    row = ok(moving.run([ss, "-Htn", "src", local])).lines
    assert len(row) == 1 and int(row[0].split()[2]) > 0


def test_udp(ss, steady):
    check_all_by_inode(steady, ss, ["-HOuanep"], ["udp"], 10)
    made = steady.find("udp.unread")[0]
    row = ok(steady.run([ss, "-Huan", "sport", "=", str(made.local_port)])).lines
    assert len(row) == 1 and int(row[0].split()[1]) >= 100


def test_raw(ss, steady):
    lines = [line.split() for line in ok(steady.run([ss, "-Hwan"])).lines]
    for kind, row in (
        ("raw.icmp", ["UNCONN", "0", "0", "0.0.0.0:1", "0.0.0.0:*"]),
        ("raw.bound", ["UNCONN", "0", "0", "127.0.0.1:89", "0.0.0.0:*"]),
        ("raw.connected", ["ESTAB", "0", "0", "127.0.0.1:253", "127.0.0.1:*"]),
        ("raw.icmpv6", ["UNCONN", "0", "0", "*:58", "*:*"]),
    ):
        steady.find(kind)
        assert row in lines, kind


def test_mptcp(ss, steady):
    if "mptcp" in steady.skipped:
        pytest.skip(steady.skipped["mptcp"])
    check_all_by_inode(steady, ss, ["-HOManep"], ["mptcp"], 3)
    if "mptcp.subflow" not in steady.skipped:
        out = ok(steady.run([ss, "-HOMni"])).out
        assert out.count(b" subflows:1 ") == 2


def unix_row(out, made):
    """The line with this socket's inode; a name may hold anything, so the bytes decide."""
    found = re.search(rb"^(u_\w+) +(\S+) +(\d+) +(\d+) +(.*?) %d +\* (\d+)(.*)$" % made.inode, out, re.M | re.S)
    assert found, f"not shown: {made.data}"
    return found


def test_unix(ss, steady):
    out = ok(steady.run([ss, "-HOxap"])).out
    made = [m for m in steady.made if m.table.startswith("u_")]
    assert len(made) >= 20
    for m in made:
        line = [x for x in out.splitlines() if re.search(rb" %d +\* " % m.inode, x)]
        assert len(line) == 1, m.data
        row = unix_row(line[0], m)
        assert row[1] == m.table.encode() and row[2] == m.state.encode()
        if m.get("name") is not None:
            assert row[5].strip() == rows.unix_name(m)
        if m.get("rq") is not None:
            assert (int(row[3]), int(row[4])) == (m.rq, m.sq)
        assert b"pid=%d,fd=%d)" % (m.pid, m.fd) in row[7]


def test_unix_peers(ss, steady):
    out = ok(steady.run([ss, "-HOxa"])).out
    a, b = steady.find("unix.pair")
    assert int(unix_row(out, a)[6].split()[0]) == b.inode
    assert int(unix_row(out, b)[6].split()[0]) == a.inode
    assert int(unix_row(out, steady.find("unix.pending")[0])[6].split()[0]) == 0
    assert b"@" in unix_row(out, steady.find("unix.autobind")[0])[5]


def test_packet(ss, steady):
    if "packet.all" in steady.skipped:
        pytest.skip(steady.skipped["packet.all"])
    found = rows.by_word(ok(steady.run([ss, "-HO0aep"])).lines, "ino:")
    made = [m for m in steady.made if m.table in ("p_raw", "p_dgr")]
    assert len(made) >= 9
    for m in made:
        line = found[str(m.inode)][0]
        assert line.split()[:2] == [m.table, "UNCONN"]
        assert line.split()[4].endswith(":" + (m.get("note") or "*"))
        assert f"pid={m.pid},fd={m.fd})" in line
    for kind, text in (
        ("packet.ring", "ring_rx(blk_size:4096,blk_nr:4,frm_size:2048,frm_nr:8"),
        ("packet.ring", "ring_tx(blk_size:4096"),
        ("packet.fanout", "fanout(id:7,type:lb)"),
    ):
        assert text in found[str(steady.find(kind)[0].inode)][0]


def test_packet_filter_program(ss, steady):
    if "packet.filter" in steady.skipped:
        pytest.skip(steady.skipped["packet.filter"])
    out = ok(steady.run([ss, "-HO0ab"])).out
    assert b"bpf filter (4): " in out and b" 0x28 0 0 12, 0x15 0 1 2054, 0x06 0 0 262144, 0x06 0 0 0," in out


def test_netlink(ss, steady):
    lines = [line.split() for line in ok(steady.run([ss, "-Hn", "-f", "netlink"])).lines]
    for kind, protocol in (("route", 0), ("generic", 16), ("uevent", 15), ("usersock", 2)):
        made = steady.find(f"netlink.{kind}")[0]
        # What the kernel tells of devices is told in every namespace, and waits in the queue of "uevent".
        assert ["0", f"{protocol}:{made.note}", "*"] in [line[1:] for line in lines], kind
    groups = ok(steady.run([ss, "-Hnpe", "-f", "netlink"])).lines
    assert any(":77000002 " in x and "groups=0x00000041" in x for x in groups)


@pytest.mark.parametrize(
    "kind, args, text",
    [
        ("option.mark", ["-tlne"], "fwmark:0x2a "),
        ("option.mark6", ["-tlne"], "fwmark:0x70000001 "),
        ("option.tos", ["-tlne", "--tos"], "tos:0x10"),
        ("option.tclass", ["-tlne", "--tos"], "tclass:0xb8"),
        ("option.priority", ["-tlne", "--tos"], "class_id:0x5"),
        ("option.freebind", ["-tlne", "--inet-sockopt"], " freebind"),
        ("option.recverr", ["-tlne", "--inet-sockopt"], " recverr"),
        ("option.transparent", ["-tlne", "--inet-sockopt"], " transparent"),
        ("option.bindnoport", ["-tlne", "--inet-sockopt"], " bind_addr_no_port"),
        ("option.rcvbuf", ["-tlnem"], "rb131072,"),
        ("pacing.server", ["-tnei"], "pacing_rate 10000000bps/10000000bps"),
        ("md5.listener", ["-tlnei"], "127.0.0.1/32=sesame"),
        ("md5.listener", ["-tlnei"], "127.0.0.9/32=another\\040key"),
        ("md5.client", ["-tnei"], "md5keys:127.0.0.1/32=sesame"),
        ("listen.v6only", ["-tlne"], "v6only:1"),
        ("listen.dual", ["-tlne"], "v6only:0"),
        ("halfclosed.client", ["-tne"], " <--"),
        ("halfclosed.server", ["-tne"], " -->"),
        ("readshut.client", ["-tne"], " -->"),
    ],
)
def test_option(ss, steady, kind, args, text):
    if kind in steady.skipped:
        pytest.skip(steady.skipped[kind])
    found = rows.by_word(ok(steady.run([ss, "-HO", *args])).lines, "ino:")
    line = found[str(steady.find(kind)[0].inode)][0]
    assert text in line + " "


def test_congestion_control(ss, steady):
    found = rows.by_word(ok(steady.run([ss, "-HOtnei"])).lines, "ino:")
    made = steady.find("congestion")
    for m in made:
        assert f" {m.note} " in found[str(m.inode)][0]


def test_tls(ss, steady):
    if "tls" in steady.skipped:
        pytest.skip(steady.skipped["tls"])
    found = rows.by_word(ok(steady.run([ss, "-HOtnei"])).lines, "ino:")
    line = found[str(steady.find("tls.client")[0].inode)][0]
    assert "tcp-ulp-tls version: 1.2 cipher: aes-gcm-128 rxconf: sw txconf: sw" in line


def test_summary_counts(ss, steady):
    lines = ok(steady.run([ss, "-s"])).lines
    table = {line.split()[0]: line.split()[1:] for line in lines if "\t" in line}
    for table_name in ("RAW", "UDP"):
        made = [m for m in steady.made if m.table == table_name.lower()]
        v6 = [m for m in made if m.data["family"] == 10]
        assert table[table_name] == [str(len(made)), str(len(made) - len(v6)), str(len(v6))]
