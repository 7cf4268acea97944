# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Listeners: queues that are full, and who is to take from them."""

import os
import signal
import socket
import time

from doctor.case import fault
from doctor.place import HERE, THERE
from doctor.relay import delayed
from doctor.sockets import dial, every, knock, listen, serve


def queue_of(here, port):
    found = here.rows("-tln", f"sport = {port}")
    return found[0]["accept"] if found else {"queue": 0, "limit": 0}


def state_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rpartition(")")[2].split()[0]


def refill(here, port, n):
    """Connects again and again, so that the queue is full and stays so."""
    here.child(lambda: [dial("127.0.0.1", port, wait=False) for _ in range(n)], comm="clients")


@fault("LSN01", also=("PRT04", "PRT05"), is_sampled=True)
def queue_is_full(here):
    """A listener that nobody accepts from, with one more waiting than it allows, and nobody else coming."""
    here.child(lambda: listen(port=8001, backlog=3), comm="lazy")
    refill(here, 8001, 4)
    here.until(lambda: queue_of(here, 8001)["queue"] == 4, "the queue does not hold 4")
    yield
    here.holds(queue_of(here, 8001)["queue"] == 4, "the queue did not stay full")


@fault("LSN02")
def queue_is_nearly_full(here):
    """Nine of ten places taken, for longer than a moment."""
    here.child(lambda: listen(port=8002, backlog=10), comm="slow")
    refill(here, 8002, 9)
    here.until(lambda: queue_of(here, 8002)["queue"] == 9, "the queue does not hold 9")
    yield
    here.holds(queue_of(here, 8002)["queue"] == 9, "the queue did not stay as it was")


def bursts(port, n, times_a_second):
    yield
    for _ in every(1 / times_a_second):
        for s in [dial("127.0.0.1", port, wait=False) for _ in range(n)]:
            s.close()


def accept_late(port, backlog, pause):
    """Takes all that wait, then looks away for a moment each time that somebody comes."""
    s = listen(port=port, backlog=backlog)
    yield
    while True:
        s.setblocking(True)
        s.accept()[0].close()
        time.sleep(pause)
        s.setblocking(False)
        try:
            while True:
                s.accept()[0].close()
        except BlockingIOError:
            pass


@fault("LSN03", also=("LSN05",), is_sampled=True)
def queue_overflows_at_times(here):
    """Bursts that are more than the application lets wait: between them the queue is empty."""
    here.child(accept_late, 8003, 4, 0.03, comm="bursty")
    here.child(bursts, 8003, 30, 4, comm="clients")
    here.moves("TcpExtListenOverflows", 10)
    here.holds(queue_of(here, 8003)["limit"] == 4, "the limit is not the application's")
    yield
    here.moves("TcpExtListenOverflows", 10)


@fault("LSN05", also=("LSN01", "LSN03", "PRT04", "PRT05"))
def kernel_caps_the_queue(here):
    """The application asked for 1,000 places, and net.core.somaxconn left 8 of them."""
    here.sysctl("net.core.somaxconn", 8)
    here.child(accept_late, 8005, 1000, 0.03, comm="capped")
    here.child(bursts, 8005, 40, 4, comm="clients")
    here.moves("TcpExtListenOverflows", 10)
    here.holds(queue_of(here, 8005)["limit"] == 8, "the limit is not the kernel's")
    yield
    here.moves("TcpExtListenOverflows", 10)


@fault("LSN04", also=("NET10",))
def dropped_for_another_reason(here):
    """SYNs whose senders cannot be answered, since no route leads to them: the queues are empty."""
    there = here.neighbour()
    here.sysctl("net.ipv4.conf.h0.rp_filter", 0)
    here.sysctl("net.ipv4.conf.all.rp_filter", 0)
    here.child(serve, HERE, 8004, comm="server")
    there.ip("route add default dev t0")
    there.child(knock, [f"203.0.113.{i}" for i in range(1, 200)], 8004, 50)
    here.moves("TcpExtListenDrops", 20)
    before = here.counter("TcpExtListenOverflows")
    yield
    here.holds(here.counter("TcpExtListenOverflows") == before, "the queue overflows, too")


def half_open(here, port):
    return here.rows("-tn", "state", "syn-recv", f"( sport = {port} )")


def send_syns(here, there, sources, port, rate):
    """From addresses that answer nothing, and have a route."""
    here.ip(f"route add 10.0.0.0/8 via {THERE}")
    here.sysctl("net.ipv4.conf.all.rp_filter", 0)
    there.child(knock, sources, port, rate)


@fault("LSN06", also=("LSN04", "LSN07", "LSN08"))
def syn_queue_is_full(here):
    """A flood of SYNs from everywhere, and no ACK to any answer."""
    there = here.neighbour()
    here.child(serve, HERE, 8006, None, 64, comm="server")
    send_syns(here, there, [f"10.{i % 200}.{i // 200}.{i % 250}" for i in range(2000)], 8006, 400)
    here.until(lambda: len(half_open(here, 8006)) >= 60, "the SYN queue is not full")
    here.moves("TcpExtTCPReqQFullDoCookies", 100)
    yield
    here.holds(len(half_open(here, 8006)) >= 60, "the SYN queue did not stay full")


def waves(target, port, n, times_a_second, **options):
    """Whole handshakes, in bursts from one peer."""
    yield
    for _ in every(1 / times_a_second):
        for s in [dial(target, port, wait=False, **options) for _ in range(n)]:
            s.close()


@fault("LSN07")
def cookies_for_everybody(here):
    """Somebody had the kernel send cookies always: it remembers nothing of a handshake, though there is room."""
    there = here.neighbour()
    here.sysctl("net.ipv4.tcp_syncookies", 2)
    here.child(serve, HERE, 8017, lambda c: c.close(), comm="server")

    def connect():
        yield
        for _ in every(0.05):
            dial(HERE, 8017).close()

    there.child(connect, comm="client")
    here.moves("TcpExtSyncookiesSent", 10)
    yield
    here.moves("TcpExtSyncookiesSent", 10)


@fault("LSN06", also=("LSN02", "LSN03", "LSN04", "LSN07"))
def syn_queue_is_short(here):
    """No flood: one peer that connects in bursts over a long path, and a backlog too short for them."""
    there = here.neighbour(delayed(0.3))

    def burst():
        yield
        kept = []
        for _ in every(0.4):
            for s in kept:
                s.close()
            kept = [dial(HERE, 8007, wait=False) for _ in range(60)]

    here.child(serve, HERE, 8007, lambda c: c.close(), 32, comm="server")
    there.child(burst, comm="peer")
    here.moves("TcpExtSyncookiesSent", 5)
    yield
    here.moves("TcpExtSyncookiesSent", 5)


@fault("LSN08", also=("LSN06",), seconds=90)
def answers_are_lost(here):
    """25 peers of one network whose ACKs never come, though they send SYN after SYN."""
    there = here.neighbour()
    here.child(serve, HERE, 8008, None, 4096, comm="server")
    send_syns(here, there, [f"10.1.1.{i}" for i in range(1, 26)], 8008, 0)

    def stuck():
        return [r for r in half_open(here, 8008) if r.get("timer", {}).get("retrans", 0) >= 3]

    here.until(lambda: len(stuck()) >= 20, "fewer than 20 have three retransmissions", 30, 0.3)
    yield
    here.holds(len(stuck()) >= 20, "they did not stay")


@fault("LSN09", also=("LSN02",))
def stuck_worker(here):
    """Four workers share a port, and one of them does not accept its share."""

    def worker(does_work):
        s = listen(port=8019, backlog=64, reuseport=1)
        yield
        kept = []
        while does_work:
            kept.append(s.accept()[0])
        yield s

    for i in range(4):
        here.child(worker, i > 0, comm="worker")
    here.child(lambda: [dial("127.0.0.1", 8019) for _ in range(80)], comm="clients")

    def queues():
        return sorted(r["accept"]["queue"] for r in here.rows("-tln", "sport = 8019"))

    here.until(lambda: (q := queues()) and q[:3] == [0, 0, 0] and q[3] >= 8, "not one queue of four is long")
    yield
    here.holds(queues()[:3] == [0, 0, 0], "the others queue, too")


@fault("LSN10", also=("LSN08",))
def fast_open_queue_overflows(here):
    """SYNs with data, more than the listener lets be open at once."""
    there = here.neighbour()
    here.sysctl("net.ipv4.tcp_fastopen", 0x602)

    def server():
        s = listen(HERE, 8010, 4096)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 2)
        yield
        kept = []
        while True:
            kept.append(s.accept())

    here.child(server, comm="server")
    here.ip(f"route add 10.0.0.0/8 via {THERE}")
    sources = [f"10.2.{i // 200}.{i % 200}" for i in range(1000)]
    there.child(knock, sources, 8010, 25, data=b"GET /")
    here.moves("TcpExtTCPFastOpenListenOverflow", 10)
    yield
    here.moves("TcpExtTCPFastOpenListenOverflow", 10)


@fault("LSN11")
def abort_on_overflow(here):
    """A full queue would answer with a reset."""
    here.sysctl("net.ipv4.tcp_abort_on_overflow", 1)
    here.child(serve, "127.0.0.1", 8011, comm="server")
    yield
    with open("/proc/sys/net/ipv4/tcp_abort_on_overflow") as f:
        here.holds(f.read() == "1\n", "it is off")


@fault("LSN12", also=("LSN02",), is_sampled=True)
def owner_is_stopped(here):
    """Somebody stopped the process that should accept."""
    pid = here.child(serve, "127.0.0.1", 8012, comm="stopped")
    os.kill(pid, signal.SIGSTOP)
    here.until(lambda: state_of(pid) == "T", "it runs")
    yield
    here.holds(state_of(pid) == "T", "it went on")


@fault("LSN12", also=("LSN01", "LSN03", "PRT04", "PRT05"), is_sampled=True)
def owner_is_stopped_and_its_queue_full(here):
    """The same, and clients came meanwhile: the full queue follows from it, and not the other way round."""
    pid = here.child(listen, "127.0.0.1", 8015, 3, comm="stopped")
    os.kill(pid, signal.SIGSTOP)
    here.until(lambda: state_of(pid) == "T", "it runs")
    refill(here, 8015, 4)
    here.until(lambda: queue_of(here, 8015)["queue"] == 4, "the queue does not hold 4")
    yield
    here.holds(state_of(pid) == "T" and queue_of(here, 8015)["queue"] == 4, "it went on")


@fault("LSN13")
def two_owners_of_a_port(here):
    """One program has the port over IPv4, another over IPv6."""
    here.child(serve, "0.0.0.0", 8013, comm="httpd")
    here.child(serve, "::", 8013, v6only=1, comm="java", uid=1000 if os.geteuid() == 0 else None)
    rows = here.rows("-tlpn", "sport = 8013")
    here.holds(len({r["process"][0]["pid"] for r in rows}) == 2, "there are not two owners")
    yield


@fault("LSN14")
def listener_among_the_ephemeral(here):
    """Anybody's outgoing connection may have the port when it restarts."""
    here.child(serve, "127.0.0.1", 40123, comm="server")
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        low, high = map(int, f.read().split())
    here.holds(low <= 40123 <= high, "the port is not in the range")
    yield
