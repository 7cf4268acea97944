# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Replies of the kernel made by hand: values at the edges of every format, which no real socket has together."""

import socket
import struct

NLMSG_DONE, SOCK_DIAG_BY_FAMILY = 3, 20
ANY = 2**32 - 1


def pack(form, *values):
    return struct.pack("=" + form, *values)


def u8(v):
    return pack("B", v)


def u16(v):
    return pack("H", v)


def u32(v):
    return pack("I", v)


def u64(v):
    return pack("Q", v)


def attr(kind, data=b""):
    return pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def message(body, kind=SOCK_DIAG_BY_FAMILY):
    return pack("IHHII", 16 + len(body), kind, 2, 123456, 0) + body + b"\0" * (-len(body) % 4)


def dump(*messages):
    return b"".join(messages) + message(u32(0), NLMSG_DONE)


def inet(*attrs, state=1, timer=0, retrans=0, sport=1, dport=2, src="127.0.0.1", dst="127.0.0.1", cookie=(5, 0), expires=0,
         rqueue=0, wqueue=0, uid=0, inode=1):  # fmt: skip
    head = pack("BBBB", 2, state, timer, retrans) + struct.pack("!HH", sport, dport)
    head += socket.inet_aton(src).ljust(16, b"\0") + socket.inet_aton(dst).ljust(16, b"\0")
    return message(head + pack("8I", 0, *cookie, expires, rqueue, wqueue, uid, inode) + b"".join(attrs))


# Members of struct tcp_info as far as kernels of 6.12 have them, each with its width.
TCP_INFO = """
state:B ca:B rexmit:B probes:B backoff:B options:B wscale:B flags:B rto:I ato:I snd_mss:I rcv_mss:I unacked:I sacked:I lost:I
retrans:I fackets:I lastsnd:I lastacksent:I lastrcv:I lastack:I pmtu:I rcv_ssthresh:I rtt:I rttvar:I ssthresh:I cwnd:I
advmss:I reordering:I rcv_rtt:I rcv_space:I total_retrans:I pacing:Q max_pacing:Q acked:Q received:Q segs_out:I segs_in:I
notsent:I min_rtt:I data_segs_in:I data_segs_out:I delivery_rate:Q busy:Q rwnd_limited:Q sndbuf_limited:Q delivered:I
delivered_ce:I sent:Q bytes_retrans:Q dsack_dups:I reord_seen:I ooo:I snd_wnd:I rcv_wnd:I rehash:I total_rto:H
rto_recoveries:H rto_time:I
""".split()


def tcp_info(cut=None, **values):
    """The attribute, of @cut bytes as an older kernel would send it."""
    values.setdefault("reordering", 3)
    data = b"".join(pack(f[-1], values.pop(f[:-2], 0)) for f in TCP_INFO)
    assert not values, values
    return attr(2, data[:cut])


def memory(first, n=9):
    return b"".join(u32(first + i) for i in range(n))


def md5_key(family, prefix, address, key):
    return pack("BBH", family, prefix, len(key)) + socket.inet_pton(family, address).ljust(16, b"\0") + key.ljust(80, b"\0")


def ulp(name, *attrs):
    return attr(0x8013, attr(1, name + b"\0") + b"".join(attrs))


def tcp():
    full = dict(
        options=0xFF, wscale=0x73, flags=1, backoff=2, rto=204000, ato=40000, snd_mss=1448, rcv_mss=536, unacked=5, sacked=6,
        lost=7, retrans=8, fackets=9, lastsnd=10, lastacksent=11, lastrcv=12, lastack=13, pmtu=1500, rcv_ssthresh=64076,
        rtt=12345, rttvar=6789, ssthresh=20, cwnd=10, advmss=1460, reordering=4, rcv_rtt=5500, rcv_space=14600,
        total_retrans=21, pacing=123456789, max_pacing=987654321, acked=1000001, received=1000002, segs_out=33, segs_in=34,
        notsent=35, min_rtt=999, data_segs_in=36, data_segs_out=37, delivery_rate=5000000, busy=1234567,
        rwnd_limited=345678, sndbuf_limited=45678, delivered=41, delivered_ce=42, sent=1000003, bytes_retrans=1000004,
        dsack_dups=43, reord_seen=44, ooo=45, snd_wnd=46, rcv_wnd=47, rehash=48, total_rto=49, rto_recoveries=50, rto_time=51,
    )  # fmt: skip
    tls, mptcp = 0x8002, 0x8003
    keys = md5_key(2, 32, "10.0.0.1", b"se cr,et\\\x01\xff") + md5_key(10, 64, "fe80::", b"k2")
    rich = [attr(7, memory(101)), tcp_info(**full), attr(4, b"cubic\0"), attr(8, u8(1)), attr(15, u32(0x10)), attr(5, u8(0x10)),
            attr(6, u8(0x20)), attr(17, u32(0x10001)), attr(22, b"\xff\x07")]  # fmt: skip
    tls13 = [attr(1, u16(0x304)), attr(2, u16(51)), attr(3, u16(2)), attr(4, u16(3)), attr(5), attr(6)]
    subflow = [attr(1, u32(1)), attr(2, u32(0xDEADBEEF)), attr(4, u64(2**63)), attr(5, u32(7)), attr(6, u32(8)),
               attr(7, u32(9)), attr(8, u32(0x1FF)), attr(9, u8(3)), attr(10, u8(250))]  # fmt: skip
    return dump(
        inet(*rich, timer=1, expires=1500, retrans=3, uid=1000, inode=4242, cookie=(0xABC, 1)),
        inet(tcp_info(snd_mss=1, cwnd=1, rtt=1), attr(9, pack("HHIII", 1, 1, 1000, 20, 30)), attr(4, b"dctcp\0"), sport=3),
        inet(tcp_info(), attr(9, pack("HHIII", 0, 1, 1000, 20, 30)), sport=4),
        inet(tcp_info(), attr(16, pack("5I", 125000, 0, 1234, 739, 512)), sport=5),
        inet(tcp_info(), attr(16, pack("5I", 0, 1, 0, 0, 0)), sport=6),
        inet(tcp_info(rtt=1000, cwnd=10, snd_mss=1000), attr(3, pack("4I", 1, 5, 2000, 1500)), attr(4, b"vegas\0"), sport=7),
        inet(tcp_info(104, **full), sport=8),
        inet(tcp_info(rto=3000000, ssthresh=0xFFFF, pacing=2**64 - 1, min_rtt=2**32 - 1, options=4), sport=9),
        inet(tcp_info(rto=1, ssthresh=0xFFFE, pacing=1, max_pacing=2**64 - 1, min_rtt=1, rtt=1, ato=1), sport=10),
        inet(tcp_info(sacked=5, unacked=1), state=10, sport=11),
        inet(attr(1, pack("4I", 1, 2, 3, 4)), sport=12),
        inet(attr(7, memory(101, 7)), sport=13),
        inet(attr(7, memory(101, 8)), sport=14),
        inet(attr(18, keys), sport=15),
        inet(ulp(b"tls", attr(tls, b"".join(tls13))), sport=16),
        inet(ulp(b"tls", attr(tls, attr(1, u16(0x303)) + attr(2, u16(54)) + attr(3, u16(1)) + attr(4, u16(4)))), sport=17),
        inet(ulp(b"tls", attr(tls, attr(1, u16(0x305)) + attr(2, u16(52)) + attr(3, u16(9)))), sport=18),
        inet(ulp(b"espintcp"), sport=19),
        inet(ulp(b"mptcp", attr(mptcp, b"".join(subflow))), sport=20),
    )


def timer():
    """Every form of a time, and of a timer's name."""
    values = [(1, ms) for ms in (0, 1, 99, 999, 1000, 1001, 1500, 9999, 10000, 10001, 59999)]
    values += [(2, ms) for ms in (60000, 60001, 61000, 65500, 599999, 600000, 659000, 7200000)]
    values += [(3, 59000), (4, 200), (5, 40), (6, 5), (255, 5), (1, 0xFFFFFFFF)]
    return dump(*[inet(sport=100 + i, timer=t, expires=ms, retrans=i) for i, (t, ms) in enumerate(values)])


def rate():
    """Every unit of a rate."""
    rates = (1, 124, 125, 124990, 125000, 12345678, 124999999, 125 * 10**9, 200 * 10**12)
    long = dict(rcv_rtt=1234567890, rto=120000000, rtt=999999999, rttvar=1000000, min_rtt=1234567)
    return dump(*[inet(tcp_info(delivery_rate=d), sport=200) for d in rates], inet(tcp_info(**long), sport=201))


def states():
    return dump(*[inet(state=s, sport=100 + s) for s in range(1, 12)])


def sctp():
    protocol = attr(10, u8(132))

    def v4(address):
        return u16(2) + b"\0\0" + socket.inet_aton(address) + b"\0" * 120

    def v6(address):
        return u16(10) + b"\0" * 6 + socket.inet_pton(socket.AF_INET6, address) + b"\0" * 104

    info = pack("IIIHHHHIIIIIIIIBBH", 0xABC, 4, 65536, 2, 3, 10, 11, 1400, 5, 6, 7, 4, 1452, 106496, 0xDEF, 1, 1, 0)
    info += pack("14Q", *range(14)) + v4("10.0.0.1") + pack("i10IHH", 0, *range(10), 0, 0)
    info += pack("IIIBBBBI", 30, 31, 32, 1, 1, 1, 2, 1)
    locals_ = attr(12, v4("10.0.0.1") + v4("10.0.0.2"))
    rich = [protocol, locals_, attr(13, v4("10.0.0.3")), attr(2, info), attr(7, memory(0))]
    return dump(
        inet(protocol, attr(12, v4("10.0.0.1") + v6("fe80::1")), state=10, sport=5000, dport=0, dst="0.0.0.0", inode=77,
             wqueue=128),
        inet(*rich, state=3, sport=5000, dport=40000, inode=77, timer=3, expires=1200, retrans=2),
        inet(protocol, state=4, sport=5000, dport=40001, inode=77),
        inet(protocol, state=1, sport=5001, dport=40001, inode=78),
    )  # fmt: skip


def mptcp():
    info = pack("6Bxx", 1, 2, 3, 4, 5, 6) + pack("II", 3, 0xABCDEF) + pack("3Q", 11, 12, 13) + pack("BBBx", 14, 15, 1)
    info += u32(16) + pack("4Q", 17, 18, 19, 20) + pack("4B", 21, 22, 23, 0) + pack("3I", 24, 25, 26)
    attrs = [attr(2, info), attr(7, memory(0)), attr(8, u8(0))]
    return dump(inet(*attrs, sport=7000, dport=8000, timer=1, expires=200, retrans=1))


def raw():
    def one(p):
        return inet(attr(10, u8(p)), attr(8, u8(0)), state=7, sport=p, dport=0, src="0.0.0.0", dst="0.0.0.0", inode=p)

    return dump(*[one(p) for p in (1, 6, 17, 58, 89, 253, 255)])


def vsock():
    def one(kind, state, *rest):
        return message(pack("BBBB", 40, kind, state, 0) + pack("7I", *rest, 1, 2))

    return dump(
        one(1, 10, ANY, 1024, ANY, ANY, 5),
        one(1, 1, 3, 1024, 2, 4000000000, 6),
        one(2, 7, 2, 99, ANY, ANY, 7),
        one(5, 1, 2, 100, 3, ANY, 8),
    )


def xdp():
    def one(inode, *attrs):
        return message(pack("BBHIII", 44, 3, 0, inode, 0xAA, 0xBB) + b"".join(attrs))

    umem = attr(5, pack("Q8I", 8388608, 1, 2048, 4096, 256, 1, 3, 1, 2))
    rings = [attr(3, u32(2048)), attr(4, u32(1024)), umem, attr(6, u32(4096)), attr(7, u32(2049))]
    rich = [attr(1, pack("II", 1, 3)), attr(2, u32(1000)), *rings, attr(8, memory(201)), attr(9, pack("6Q", 1, 2, 3, 4, 5, 6))]
    return dump(one(11, *rich), one(12, attr(1, pack("II", 0, 0))))


def tipc():
    def one(kind, state, con=b"", uid=0, *flags):
        a = attr(1, u32(16781313)) + attr(2, u32(123)) + (attr(3, con) if con else b"")
        a += attr(4) if "publ" in flags else b""
        stat = attr(0, u32(11)) + attr(1, u32(12)) + (attr(2) if "link" in flags else b"")
        stat += (attr(3) if "conn" in flags else b"") + attr(4, u32(13))
        a += attr(5, stat) + attr(6, u32(kind)) + attr(7, u32(3)) + attr(8, u32(uid)) + attr(9, u32(state))
        return message(attr(2, a + attr(10, u64(0x1234567))))

    con = attr(1) + attr(2, u32(7)) + attr(3, u32(8)) + attr(4, u32(4711)) + attr(5, u32(55))
    # What the states leave out comes as a message without anything in it.
    return dump(
        one(1, 1, con, 1000, "publ", "link"), one(1, 10), message(b""), one(2, 7, b"", 0, "conn"), one(4, 7), one(5, 7)
    )


def packet():
    def one(kind, proto, inode, *attrs):
        return message(pack("BBHIII", 17, kind, proto, inode, 0xC, 0) + b"".join(attrs))

    def ring(block):
        return pack("7I", block, 2, 2048, 64, 60, 48, 3)

    program = pack("HBBIHBBI", 0x28, 0, 0, 12, 6, 0, 0, 262144)
    mem = attr(6, memory(301))
    rich = [attr(0, pack("6I", 1, 2, 0, 0, 0, 0x1F)), attr(5, u32(33)), mem, attr(2, ring(65536)), attr(3, ring(4096)),
            attr(4, u32(0x00050007)), attr(7, program)]  # fmt: skip
    return dump(
        one(3, 3, 21, *rich),
        one(3, 0x800, 22, attr(0, pack("6I", 0, 0, 0, 8, 0, 0)), mem, attr(4, u32(0x00060001))),
        one(2, 0x88CC, 23, attr(0, pack("6I", 99, 0, 0, 8, 0, 2)), mem, attr(4, u32(0x10001))),
        one(2, 0x1234, 24, mem),
    )


def netlink():
    def one(protocol, portid, state, dst_portid, dst_group, cookie, *attrs):
        head = pack("BBBB6I", 16, 3, protocol, state, portid, dst_portid, dst_group, 5, cookie, 7)
        return message(head + b"".join(attrs))

    mem, groups = attr(0, memory(401)), attr(1, pack("QQ", 0x100000002, 5))
    return dump(
        one(0, 0, 0, 0, 0, 1, mem),
        one(15, 99999998, 1, 1, 2, 2, mem, groups),
        one(15, 99999998, 1, 1, 2, 2, mem, groups),  # by port id, and by group
        one(16, ANY, 0, 0, 0, 3),
        one(16, ANY - 1, 0, 0, 0, 4),
        one(17, 99999999, 0, 0, 0, 5),
    )


def unix():
    def one(kind, state, inode, *attrs):
        return message(pack("BBBBIII", 1, kind, state, 0, inode, 8, 9) + b"".join(attrs))

    listener = [attr(0, b"/tmp/with space\0"), attr(4, pack("II", 3, 4)), attr(3, pack("III", 1, 2, 3)),
                attr(1, pack("II", 77, 0x00800012)), attr(6, u8(0))]  # fmt: skip
    return dump(
        one(1, 10, 50, *listener),
        one(1, 1, 4000000000, attr(0, b"\0a\0b"), attr(2, u32(4000000001)), attr(6, u8(3)), attr(5, memory(0))),
        one(5, 1, 53, attr(6, u8(1))),
    )


def tcp_with_idle():
    """Sockets that were bound and nothing more are closed to the kernel's eye."""
    return dump(inet(state=7, sport=300, dport=0), inet(state=10, sport=301, dport=0))


# Name of each fixture, with the family and protocol of the question it answers.
FIXTURES = {
    "tcp": (tcp, 2, 6),
    "timer": (timer, 2, 6),
    "rate": (rate, 2, 6),
    "states": (states, 2, 6),
    "idle": (tcp_with_idle, 2, 6),
    "sctp": (sctp, 2, 132),
    "mptcp": (mptcp, 2, 262),
    "raw": (raw, 2, 255),
    "vsock": (vsock, 40, 0),
    "xdp": (xdp, 44, 0),
    "tipc": (tipc, 30, 0),
    "packet": (packet, 17, 0),
    "netlink": (netlink, 16, 0),
    "unix": (unix, 1, 0),
}
