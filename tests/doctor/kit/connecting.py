# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Ports that run out, and connections that do not come about."""

import resource
import socket
import time

from doctor.case import fault
from doctor.place import HERE, THERE
from doctor.sockets import dial, every, serve

RANGE = "42000 42099"  # a hundred ports, where the kernel has 28,232


def established(here, words):
    return here.rows("-tn", words)


@fault("PRT01")
def ports_to_one_server(here):
    """A client holds 80 of its 100 ports in connections to one server."""
    there = here.neighbour()
    here.sysctl("net.ipv4.ip_local_port_range", RANGE)
    there.child(serve, THERE, 8201, comm="server")
    here.child(lambda: [dial(THERE, 8201) for _ in range(80)], comm="client")
    here.until(lambda: len(established(here, "dport = 8201")) == 80, "not 80 connections")
    yield


def bind_and_connect(address, ports, source):
    """As programs do that choose the source address, and so have a port chosen before the peer is known."""
    return [dial(address, port, source=(source, 0)) for port in ports]


@fault("PRT02")
def bound_before_connecting(here):
    """80 of 100 ports are taken, no more than four of them to any one server."""
    there = here.neighbour()
    here.sysctl("net.ipv4.ip_local_port_range", RANGE)
    for port in range(8220, 8240):
        there.child(serve, THERE, port, comm="server")
    here.child(bind_and_connect, THERE, [*range(8220, 8240)] * 4, HERE, comm="client")
    rows = here.until(lambda: (r := established(here, "dport >= 8220")) and len(r) == 80 and r, "not 80 connections")
    here.holds(len({r["local"]["port"] for r in rows}) == 80, "ports are shared")
    yield


@fault("PRT02")
def bound_before_connecting_to_many(here):
    """The same to four machines."""
    there = here.neighbour()
    here.sysctl("net.ipv4.ip_local_port_range", RANGE)
    here.ip(f"route add 10.77.3.0/24 via {THERE}")
    there.ip("route add local 10.77.3.0/24 dev lo")
    there.child(serve, "0.0.0.0", 8241, comm="server")

    def client():
        return [dial(f"10.77.3.{1 + i % 4}", 8241, source=(HERE, 0)) for i in range(80)]

    here.child(client, comm="client")
    rows = here.until(lambda: (r := established(here, "dport = 8241")) and len(r) == 80 and r, "not 80 connections")
    here.holds(len({r["local"]["port"] for r in rows}) == 80, "ports are shared")
    yield


@fault("PRT03")
def connected_udp(here):
    """80 UDP sockets connected to as many servers, each with a port for itself alone."""
    here.neighbour()
    here.sysctl("net.ipv4.ip_local_port_range", RANGE)

    def ask():
        kept = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(80)]
        for i, s in enumerate(kept):
            s.connect((THERE, 10000 + i))
        return kept

    here.child(ask, comm="client")
    here.until(lambda: len(here.rows("-un", f"dst {THERE}")) == 80, "not 80 sockets")
    yield


@fault("PRT04", also=("PRT05",))
def destination_drops_syns(here):
    """A server whose machine does not answer."""
    there = here.neighbour()
    there.child(serve, THERE, 8204, comm="server")
    there.falls_silent()
    here.child(lambda: [dial(THERE, 8204, wait=False) for _ in range(12)], comm="client")

    def stuck():
        return [r for r in here.rows("-tn", "state", "syn-sent", "( dport = 8204 )") if r.get("timer", {}).get("retrans", 0) >= 1]

    here.until(lambda: len(stuck()) == 12, "not 12 in SYN-SENT with a retransmission")
    yield
    here.holds(len(stuck()) == 12, "they did not stay")


@fault("PRT05", also=("PRT04",))
def some_syns_are_lost(here):
    """One connection in five needs a second longer, to ever other servers."""
    there = here.neighbour()
    there.child(serve, THERE, 8205, lambda c: c.close(), comm="server")
    there.ip("route add blackhole 10.77.1.0/24")  # the answers to some of our addresses never leave
    here.ip("addr add 10.77.1.1/32 dev h0")
    here.sysctl("net.ipv4.conf.all.rp_filter", 0)

    def client():
        waiting = []
        yield
        for i, _ in enumerate(every(0.05)):
            source = ("10.77.1.1", 0) if i % 5 == 0 else None
            s = dial(THERE, 8205, source=source, wait=False)
            waiting.append((time.monotonic() + (1.15 if source else 0.04), s))
            while waiting and waiting[0][0] < time.monotonic():
                waiting.pop(0)[1].close()
            waiting.sort(key=lambda w: w[0])

    here.child(client, comm="client")
    here.moves("TcpExtTCPSynRetrans", 6)
    yield
    here.moves("TcpExtTCPSynRetrans", 6)


@fault("PRT06")
def descriptors_run_out(here):
    """A server that may have 100 files, and has 97 with its connections."""
    pid = here.child(serve, "127.0.0.1", 8206, comm="server", files=100)
    here.child(lambda: [dial("127.0.0.1", 8206) for _ in range(92)], comm="clients")
    here.until(lambda: len(here.rows("-tn", "sport = 8206")) == 92, "not 92 connections")

    def files():
        return int(here.command("sh", "-c", f"ls /proc/{pid}/fd | wc -l"))

    here.until(lambda: files() >= 94, "the server does not have them")
    here.holds(resource.prlimit(pid, resource.RLIMIT_NOFILE)[0] == 100, "the limit is another")
    yield
