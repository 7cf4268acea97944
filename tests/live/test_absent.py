# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Absent is not zero: which fields sockets of each kind and state have in records, and no others."""

import fnmatch
import json

import pytest

from lib import kernel, netns

# What a socket of each kind may show, as patterns of names. Whoever adds a field that real sockets have adds it here.
TENANT = "unit slice container.* pod.*"  # by the cgroup, or by who holds it
SAMPLE = "host boot monotonic time"
HELD = "opt.* payload.*"  # what the socket tells of itself to who has it
ALL = f"{SAMPLE} netid netns netns_id process owner.why family inode uid user {TENANT} {HELD}"
MEMORY = "mem.*"
INET = f"{ALL} state cookie local.* protocol ifindex iface mark cgroup cgroup_id class_id tos tclass v6only sockopt shutdown"
QUEUES = "recvq sendq"
ACCEPT = "accept.*"  # in the place of the queues
PEER = "peer.* direction"
TIMER = "timer.*"
SETTINGS = "tcp.cong tcp.ulp tcp.md5sig tcp.max_pacing_rate"
LEARNED = ("tcp.options tcp.snd_wscale tcp.rcv_wscale tcp.app_limited tcp.mss tcp.rcvmss tcp.last_* tcp.rtt tcp.rttvar "
           "tcp.rcv_rtt tcp.rcv_space tcp.min_rtt tcp.delivery_rate tcp.snd_wnd tcp.ecn_mode tcp.accecn* tcp.vegas.* "
           "tcp.dctcp.* tcp.bbr.*")
CONNECTED = f"{INET} {QUEUES} {PEER} {TIMER} {MEMORY} tcp.* tls.* mptcp.subflow.* mptcp.token"
MINISOCKET = f"{SAMPLE} netid netns netns_id owner.why {TENANT} family state cookie {QUEUES} local.* protocol ifindex iface mark {PEER} {TIMER}"

MAY_HAVE = {
    ("tcp", "listening"): f"{INET} {ACCEPT} {MEMORY} {SETTINGS}",
    ("tcp", "closed"): f"{INET} {MEMORY}",
    ("tcp", "syn-sent"): f"{CONNECTED} !{' !'.join(LEARNED.split())}",
    ("tcp", "syn-recv"): MINISOCKET,
    ("tcp", "time-wait"): MINISOCKET,
    ("tcp", "established"): CONNECTED,
    ("tcp", "fin-wait-1"): CONNECTED,
    ("tcp", "fin-wait-2"): CONNECTED,
    ("tcp", "close-wait"): CONNECTED,
    ("tcp", "last-ack"): CONNECTED,
    ("tcp", "closing"): CONNECTED,
    ("mptcp", "listening"): f"{INET} {ACCEPT} {MEMORY}",
    ("mptcp", "established"): f"{INET} {QUEUES} {PEER} {MEMORY} mptcp.*",
    ("udp", "closed"): f"{INET} {QUEUES} {MEMORY}",
    ("udp", "established"): f"{INET} {QUEUES} {PEER} {MEMORY}",
    ("raw", "closed"): f"{INET} {QUEUES} {MEMORY} type proc.sk !local.port",
    ("raw", "established"): f"{INET} {QUEUES} {MEMORY} peer.addr type proc.sk !local.port",
    ("nl", None): f"{ALL} {QUEUES} {MEMORY} type cookie netlink.* !netlink.dst_*",
    ("p_raw", None): f"{ALL} {QUEUES} {MEMORY} type cookie ifindex iface packet.*",
    ("p_dgr", None): f"{ALL} {QUEUES} {MEMORY} type cookie ifindex iface packet.*",
}
for kind in ("v_str", "v_dgr"):
    MAY_HAVE[(kind, "listening")] = f"{ALL} state cookie vsock.local.* shutdown type"
    MAY_HAVE[(kind, "closed")] = MAY_HAVE[(kind, "listening")]
    MAY_HAVE[(kind, "established")] = f"{MAY_HAVE[(kind, 'listening')]} vsock.peer.* direction"
UNIX = f"{ALL} {MEMORY} state type cookie shutdown unix.*"
for kind in ("u_str", "u_seq", "u_dgr"):
    MAY_HAVE[(kind, "closed")] = f"{UNIX} {QUEUES} !unix.peer !unix.pending"
    MAY_HAVE[(kind, "established")] = f"{UNIX} {QUEUES} peer.* direction !unix.pending"
    MAY_HAVE[(kind, "listening")] = f"{UNIX} {ACCEPT} !unix.peer"

# What each must have; a table of what may be there says nothing of what never is.
MUST_HAVE = {
    ("tcp", "listening"): "local.addr local.port inode uid tcp.cong accept.queue accept.limit accept.fill",
    ("tcp", "syn-sent"): "peer.addr peer.port timer.code timer.expires tcp.rto tcp.segs_out tcp.bytes_acked",
    ("tcp", "time-wait"): "peer.addr peer.port timer.code timer.expires",
    ("tcp", "syn-recv"): "peer.addr peer.port timer.code timer.expires timer.retrans",
    ("tcp", "established"): "peer.addr peer.port tcp.rto tcp.bytes_acked tcp.retransmits recvq sendq mem.drops",
    ("udp", "closed"): "local.addr recvq mem.drops",
    ("raw", "closed"): "local.addr protocol recvq",
    ("u_str", "listening"): "unix.pending inode accept.queue accept.limit accept.fill",
    ("nl", None): "netlink.protocol netlink.portid netlink.state recvq",
}


def flat(record, prefix=""):
    for key, value in record.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def records(net, ss, *options):
    result = net.run([ss, "-a", "--format=ndjson", "--columns=*", *options])
    lines = [json.loads(line) for line in result.out.decode().splitlines()]
    lines += [part for r in lines for part in r.pop("subflows", [])]
    return [dict(flat(r)) for r in lines if "note" not in r]


def may_have(kind):
    words = MAY_HAVE[kind].split()
    refused = [w[1:] for w in words if w.startswith("!")]
    return lambda name: (any(fnmatch.fnmatchcase(name, w) for w in words if not w.startswith("!"))
                         and not any(fnmatch.fnmatchcase(name, w) for w in refused))  # fmt: skip


def check(found):
    kinds = set()
    for r in found:
        kind = (r["netid"], r.get("state"))
        kinds.add(kind)
        assert kind in MAY_HAVE, f"say what a socket of {kind} has"
        allowed = may_have(kind)
        wrong = {name: value for name, value in r.items() if not allowed(name)}
        assert not wrong, (kind, wrong)
        lacking = [name for name in MUST_HAVE.get(kind, "").split() if name not in r]
        assert not lacking, (kind, lacking, r)
    return kinds


def test_steady(ss, steady):
    kinds = check(records(steady, ss))
    bound = {("tcp", "closed")} if kernel.LISTS_BOUND else set()
    assert {("tcp", "listening"), ("tcp", "established"), ("udp", "closed"), ("udp", "established"),
            ("u_str", "listening"), ("u_dgr", "established"), ("nl", None)} | bound <= kinds  # fmt: skip


def test_moving(ss, moving):
    kinds = check(records(moving, ss, "-t"))
    assert {("tcp", "syn-sent"), ("tcp", "syn-recv"), ("tcp", "time-wait"), ("tcp", "fin-wait-1")} <= kinds


def test_by_proc(ss, steady):
    """What /proc/net/tcp has in the column of the send queue of a listener is nothing."""
    found = [r for r in records(steady, ss, "-t", "--source=proc") if r["state"] == "listening"]
    assert found
    for r in found:
        assert not {name for name in r if name.startswith(("peer.", "timer.", "proc.")) and name != "proc.sk"}, r
        assert not {"recvq", "sendq", "accept.limit", "accept.fill"} & set(r) and "accept.queue" in r


def test_protocol_of_raw_sockets(ss, steady):
    """Also by /proc/net/raw, where it stands in the place of the port."""
    made = [m for m in steady.made if m.table == "raw"]
    if not made:
        pytest.skip(str(steady.skipped))
    for source in ("auto", "proc"):
        found = records(steady, ss, "-w", f"--source={source}")
        assert {1, 58, 89} <= {r["protocol"] for r in found}, source
        assert not any("local.port" in r or "peer.port" in r for r in found)


def test_filters_see_the_same(ss, steady):
    """What is absent is below no limit, and above none."""

    def listed(*term):
        return records(steady, ss, "-t", " ".join(term))

    listeners = [r for r in records(steady, ss, "-t") if r["state"] == "listening"]
    assert listeners
    for term in ("tcp.rtt < 1s", "tcp.cwnd > 0", "timer.expires < 1h", "peer.port < 1", "peer.addr = 0.0.0.0",
                 "tcp.unacked >= 0"):  # fmt: skip
        assert not [r for r in listed(term) if r["state"] == "listening"], term
        assert not [r for r in listed(f"not {term}") if r["state"] == "listening"], term
    assert len([r for r in listed("not has peer.addr") if r["state"] == "listening"]) == len(listeners)
    assert not listed("mark = 0") and all(r["mark"] for r in listed("mark != 1"))
    # the words of iproute2 compare what is sent
    assert len([r for r in listed("dport = 0") if r["state"] == "listening"]) == len(listeners)


def test_groups_and_aggregates(ss, steady):
    """No group 0.0.0.0 of the peers of listeners, and no least round-trip time of 0."""
    rows = steady.run([ss, "-tl", "--by=peer.addr", "--format=csv"]).out.decode().splitlines()
    assert rows[0].startswith("peer.addr,count") and len(rows) == 2 and rows[1].startswith(",")
    groups = json.loads(steady.run([ss, "-ta", "--json", "--by=state,min(tcp.rtt)"]).out)["groups"]
    least = {g["state"]: g.get("min(tcp.rtt)") for g in groups}
    assert least["listening"] is None and least["established"] > 0


@pytest.mark.skipif(not kernel.LISTS_BOUND, reason="this kernel has no list of bound sockets")
def test_refused_connection(ss):
    """The address that connect() was refused from stays in the socket, which is bound only."""
    script = ("s = socket.socket(); s.bind(('127.0.0.1', 7777))\n"
              "try: s.connect(('127.0.0.1', 9))\nexcept OSError: pass")
    net = netns.Script(script).start()
    try:
        (found,) = records(net, ss, "-t", "sport = 7777")
    finally:
        net.stop()
    assert found["state"] == "closed" and not {"peer.addr", "peer.port", "recvq", "sendq"} & set(found)


def test_abstract_names(ss, steady):
    """With @, so that no value has a NUL, which databases refuse; the bytes are beside it."""
    result = steady.run([ss, "-xa", "--format=ndjson", "--columns=unix.*"])
    assert b"\\u0000" not in result.out
    names = [json.loads(line)["unix"] for line in result.out.splitlines() if b'"name"' in line]
    abstract = [n for n in names if n["name_raw"].startswith("00")]
    assert abstract and all(n["name"] == bytes.fromhex(n["name_raw"]).replace(b"\0", b"@").decode() for n in abstract)
    (name,) = {n["name"] for n in abstract if n["name"] == "@bound only"}
    assert len(records(steady, ss, "-x", f'unix.name = "{name}"')) == 1


def test_lists(ss, steady):
    """Inodes of clients that wait are numbers, and so are the sizes of rings."""
    pending = [r["unix.pending"] for r in records(steady, ss, "-x") if r.get("unix.pending")]
    assert pending and all(isinstance(inode, int) and inode for inodes in pending for inode in inodes)
    rings = [r for r in records(steady, ss, "-0") if "packet.rx_ring.block_size" in r]
    if "packet.ring" not in steady.skipped:
        assert rings and all(r["packet.rx_ring.blocks"] * r["packet.rx_ring.block_size"] for r in rings)
    for r in records(steady, ss, "-0"):
        for instruction in r.get("packet.filter", []):
            assert set(instruction) == {"code", "jt", "jf", "k"}
