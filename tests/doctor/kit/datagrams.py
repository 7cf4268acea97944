# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""UDP, Unix, netlink and packet sockets whose readers do not keep up."""

import socket
import time

from doctor.case import fault
from doctor.place import HERE
from doctor.sockets import SO_RCVBUFFORCE, every

RTMGRP_LINK = 1


def udp_reader(port, rcvbuf, pause):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, rcvbuf)
    s.bind((HERE, port))
    yield
    while True:
        s.recv(2048)
        time.sleep(pause)


def udp_writer(port, rate, size=1200):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    yield
    for _ in every(0.01):
        for _ in range(rate // 100):
            try:
                s.sendto(b"x" * size, (HERE, port))
            except OSError:
                pass  # ICMP said that nobody is there


def drops(here, *words):
    return sum(r.get("mem", {}).get("drops", 0) for r in here.rows(*words))


def go_on_dropping(here, by, *words):
    before = drops(here, *words)
    here.until(lambda: drops(here, *words) >= before + by, "no more drops", 5)


@fault("UDP01", is_sampled=True)
def udp_reader_is_slow(here):
    """4 MB of buffer, and 2,000 packets a second more than the application reads: no buffer would be enough."""
    there = here.neighbour()
    here.child(udp_reader, 8501, 2 << 20, 0.01, comm="slow")
    there.child(udp_writer, 8501, 3000, comm="sender")
    go_on_dropping(here, 100, "-uanm", "sport = 8501")
    yield
    go_on_dropping(here, 100, "-uanm", "sport = 8501")


@fault("UDP02", also=("UDP01",))
def udp_buffer_is_small(here):
    """A reader that keeps up, but for bursts that the buffer it was given cannot hold."""
    there = here.neighbour()

    def read():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        s.bind((HERE, 8502))
        yield
        while True:
            s.recv(2048)

    def burst():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        yield
        for _ in every(0.1):
            for _ in range(400):
                s.sendto(b"x" * 1200, (HERE, 8502))

    here.child(read, comm="quic")
    there.child(burst, comm="sender")
    go_on_dropping(here, 20, "-uanm", "sport = 8502")
    yield
    go_on_dropping(here, 20, "-uanm", "sport = 8502")


@fault("UDP04")
def udp_to_a_closed_port(here):
    """Datagrams for a service that is no more, 300 a second."""
    there = here.neighbour()
    there.child(udp_writer, 8504, 300, comm="sender")
    here.moves("UdpNoPorts", 200)
    yield
    here.moves("UdpNoPorts", 200)


@fault("UNX01", is_sampled=True)
def unix_queue_is_full(here):
    """A Unix listener that nobody accepts from: whoever connects waits."""
    path = str(here.folder / "full")

    def server():
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
        s.listen(2)
        return s

    def client():
        kept = [socket.socket(socket.AF_UNIX) for _ in range(4)]
        yield
        for s in kept:
            s.connect(path)  # the last one waits

    here.child(server, comm="server")
    here.child(client, comm="client")

    def queue():
        found = here.rows("-xl", f"src {path}")
        return found and found[0]["accept"]

    here.until(lambda: queue() and queue()["queue"] > queue()["limit"], "the queue is not full")
    yield
    here.holds(queue()["queue"] > queue()["limit"], "the queue did not stay full")


@fault("UNX02")
def datagrams_are_not_read(here):
    """As when the logger hangs: its queue is full, and whoever logs waits."""
    path = str(here.folder / "log")

    def logger():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(path)
        return s

    def writer():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect(path)
        yield
        while True:
            s.send(b"<13>something happened")

    here.child(logger, comm="logger")
    pids = [here.child(writer, comm="writer") for _ in range(3)]

    def waits(pid):
        with open(f"/proc/{pid}/syscall") as f:
            return f.read().split()[0] in ("44", "206", "211")  # sendto

    here.until(lambda: all(map(waits, pids)), "the writers do not wait")
    yield
    here.holds(all(map(waits, pids)), "the writers went on")


@fault("NLK01")
def netlink_listener_lost_news(here):
    """A daemon that does not read what the kernel tells it about interfaces: it has an old picture, and may not know."""

    def daemon():
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.bind((0, RTMGRP_LINK))
        return s

    here.child(daemon, comm="routed")
    for i in range(12):
        here.ip(f"link set lo mtu {60000 + i}")
    here.until(lambda: drops(here, "-f", "netlink", "-am") > 0, "nothing was lost")
    yield
    here.holds(drops(here, "-f", "netlink", "-am") > 0, "it is gone")


@fault("PKT01")
def sniffer_is_slow(here):
    """A capture that does not keep up with what passes."""
    there = here.neighbour()

    def capture():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        s.bind(("h0", 3))
        yield
        while True:
            time.sleep(0.1)
            s.recv(65536)

    def receive():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((HERE, 8507))
        yield
        while True:
            s.recv(2048)

    here.child(capture, comm="sniffer")
    here.child(receive, comm="receiver")
    there.child(udp_writer, 8507, 300, 200, comm="sender")

    def lost():
        rows = here.rows("-0", "-am", "--columns=mem.rmem,mem.rcvbuf,mem.drops,process.name")
        return sum(r.get("mem", {}).get("drops", 0) for r in rows)

    before = here.until(lost, "nothing was lost")
    here.until(lambda: lost() > before, "no more is lost")
    yield
    before = lost()
    here.until(lambda: lost() > before, "no more is lost")
