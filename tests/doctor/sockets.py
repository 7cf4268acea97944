# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Sockets as the cases need them, and packets that no socket would send."""

import random
import socket
import struct
import time

from doctor.place import HERE

SO_SNDBUFFORCE, SO_RCVBUFFORCE, TCP_USER_TIMEOUT = 32, 33, 18


def listen(address="127.0.0.1", port=0, backlog=128, kind=socket.SOCK_STREAM, **options):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    set_options(s, options)
    s.bind((address, port))
    s.listen(backlog)
    return s


def set_options(s, options):
    """@options: rcvbuf, sndbuf in bytes beyond all limits, mss, nodelay, reuseport, user_timeout in ms."""
    levels = {
        "rcvbuf": (socket.SOL_SOCKET, SO_RCVBUFFORCE), "sndbuf": (socket.SOL_SOCKET, SO_SNDBUFFORCE),
        "mss": (socket.IPPROTO_TCP, socket.TCP_MAXSEG), "nodelay": (socket.IPPROTO_TCP, socket.TCP_NODELAY),
        "reuseport": (socket.SOL_SOCKET, socket.SO_REUSEPORT), "user_timeout": (socket.IPPROTO_TCP, TCP_USER_TIMEOUT),
        "keepalive": (socket.SOL_SOCKET, socket.SO_KEEPALIVE), "keepidle": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
        "v6only": (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY),
    }  # fmt: skip
    for name, value in options.items():
        s.setsockopt(*levels[name], value)


def dial(address, port, source=None, wait=True, **options):
    """Connects. Without @wait it returns at once, with the handshake under way."""
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    set_options(s, options)
    if source:
        s.bind(source)
    s.setblocking(wait)
    try:
        s.connect((address, port))
    except BlockingIOError:
        pass
    return s


def serve(address, port, handle=None, backlog=1024, **options):
    """A generator for Children.child(): accepts for ever; @handle is given each connection, without it they are only kept."""
    s, kept = listen(address, port, backlog, **options), []
    yield
    while True:
        connection = s.accept()[0]
        if handle:
            handle(connection)
        else:
            kept.append(connection)


def accepting(address, port, n, then=None, backlog=1024, **options):
    """As serve(), but for @n connections, which @then is given in one list."""
    s = listen(address, port, backlog, **options)
    yield
    kept = [s.accept()[0] for _ in range(n)]
    if then:
        then(kept)
    while True:
        time.sleep(1000)


def drain(connections):
    """Reads whatever comes, for ever."""
    import selectors

    ready = selectors.DefaultSelector()
    for c in connections:
        c.setblocking(False)
        ready.register(c, selectors.EVENT_READ)
    while ready.get_map():
        for key, _ in ready.select():
            try:
                if not key.fileobj.recv(1 << 20):
                    ready.unregister(key.fileobj)
            except BlockingIOError:
                pass
            except OSError:
                ready.unregister(key.fileobj)


def every(seconds):
    """Once each so many seconds, without drifting."""
    at = time.monotonic()
    while True:
        yield
        at += seconds
        time.sleep(max(0, at - time.monotonic()))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) // 2 * 2])) + (data[-1] << 8 if len(data) % 2 else 0)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ip_packet(source, target, protocol, body):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0, socket.inet_aton(source),
                       socket.inet_aton(target))
    return head + body


def segment(source, sport, target, port, flags=2, options=b"", data=b"", seq=None, wrong_sum=False):
    """A TCP segment as an IP packet, a SYN by default."""
    options += b"\0" * (-len(options) % 4)
    seq = random.getrandbits(32) if seq is None else seq
    tcp = struct.pack("!HHIIBBHHH", sport, port, seq, 0, (20 + len(options)) // 4 << 4, flags, 64000, 0, 0) + options + data
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!HH", 6, len(tcp))
    total = checksum(pseudo + tcp) ^ (0x5555 if wrong_sum else 0)
    return ip_packet(source, target, 6, tcp[:16] + struct.pack("!H", total) + tcp[18:])


def udp_packet(source, sport, target, port, data=b"", wrong_sum=False):
    return ip_packet(source, target, 17, struct.pack("!HHHH", sport, port, 8 + len(data), 1 if wrong_sum else 0) + data)


def raw_sender():
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
    return s


def knock(sources, port, rate, target=HERE, **more):
    """A generator for Children.child() there: SYNs from @sources in turn, so many a second; @rate 0: each once."""
    s = raw_sender()
    packets = [segment(source, random.randrange(1024, 65535), target, port, **more) for source in sources]
    if not rate:
        for p in packets:
            s.sendto(p, (target, 0))
        return
    yield
    for i, _ in enumerate(every(1 / rate)):
        s.sendto(packets[i % len(packets)], (target, 0))
