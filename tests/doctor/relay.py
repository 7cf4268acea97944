# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""
A cable with faults, where the kernel has no netem: takes each frame from one device and puts it on the other, late, twice, or not at
all. A rule is a function of a Packet that returns how many seconds late it goes on: one number for each copy, none to lose it.
"""

import fcntl
import heapq
import itertools
import random
import select
import socket
import struct
import time

ETH_P_ALL, SOL_PACKET, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE = 3, 263, 23, 33
SIOCETHTOOL, SET_RX_SUMS, SET_TX_SUMS, SET_SG, SET_TSO, SET_GSO, SET_GRO = 0x8946, 0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C


def plain_frames(device):
    """Has @device carry frames as a cable does: with their checksums, none longer than its MTU."""
    import ctypes

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for what in (SET_TSO, SET_GSO, SET_SG, SET_TX_SUMS):
            value = ctypes.create_string_buffer(struct.pack("II", what, 0))
            fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sQ16x", device.encode(), ctypes.addressof(value)))


class Packet:
    """A frame as a rule sees it."""

    def __init__(self, frame, is_out):
        self.frame, self.is_out = bytearray(frame), is_out  # is_out: on its way from here to there
        self.is_tcp = len(frame) >= 54 and frame[12:14] == b"\x08\x00" and frame[23] == 6
        self.size = len(frame) - 14

    @property
    def tcp(self):
        return 14 + (self.frame[14] & 15) * 4

    @property
    def flags(self):
        return self.frame[self.tcp + 13]

    @property
    def payload(self):
        """Bytes of TCP data; 0 of all that is not TCP."""
        if not self.is_tcp:
            return 0
        total = struct.unpack_from("!H", self.frame, 16)[0]
        return total - (self.frame[14] & 15) * 4 - (self.frame[self.tcp + 12] >> 4) * 4

    @property
    def ports(self):
        return struct.unpack_from("!HH", self.frame, self.tcp)

    def mark_congestion(self):
        """Sets CE where the sender can hear of it, as a router with a long queue does."""
        if self.frame[12:14] == b"\x08\x00" and self.frame[15] & 3:
            self.frame[15] |= 3
            self.frame[24:26] = b"\0\0"
            total = sum(struct.unpack_from("!10H", self.frame, 14))
            total = (total & 0xFFFF) + (total >> 16)
            total = (total & 0xFFFF) + (total >> 16)
            struct.pack_into("!H", self.frame, 24, total ^ 0xFFFF)


def packet_socket(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    try:
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    except PermissionError:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
    s.bind((device, ETH_P_ALL))
    s.setblocking(False)
    return s


def forward(one, other, rule):
    """For ever. A generator: see Children.child()."""
    sockets = packet_socket(one), packet_socket(other)
    target = {sockets[0]: (sockets[1], True), sockets[1]: (sockets[0], False)}
    late, number = [], itertools.count()
    yield
    while True:
        now = time.monotonic()
        while late and late[0][0] <= now:
            _, _, to, frame = heapq.heappop(late)
            send(to, frame)
        wait = max(0, late[0][0] - now) if late else None
        for s in select.select(sockets, [], [], wait)[0]:
            to, is_out = target[s]
            for _ in range(64):
                try:
                    packet = Packet(s.recv(65536), is_out)
                except BlockingIOError:
                    break
                for delay in rule(packet):
                    if delay > 0:
                        heapq.heappush(late, (time.monotonic() + delay, next(number), to, packet.frame))
                    else:
                        send(to, packet.frame)


def send(to, frame):
    try:
        to.send(frame)
    except OSError:
        pass  # a queue that is full loses packets, too


def delayed(seconds):
    """Each way so long."""
    return lambda packet: [seconds]


def losing(share, seed=1, delay=0):
    """Loses that share of the segments with data that leave here."""
    draw = random.Random(seed)
    return lambda p: [] if p.is_out and p.payload and draw.random() < share else [delay]


def reordering(each, late, delay):
    """Each so many-th segment with data that leaves here comes so much later than it should."""
    count = itertools.count(1)

    def rule(p):
        return [delay + late] if p.is_out and p.payload and next(count) % each == 0 else [delay]

    return rule


def narrow(bytes_per_s, delay=0):
    """A link of that rate, with a queue without end, on the way out."""
    free = [0.0]

    def rule(p):
        if not p.is_out:
            return [delay]
        now = time.monotonic()
        free[0] = max(free[0], now) + p.size / bytes_per_s
        return [free[0] - now + delay]

    return rule


def short_mtu(limit):
    """Loses what is longer, and tells nobody."""
    return lambda p: [] if p.size > limit else [0]
