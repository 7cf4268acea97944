# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Connections on their way to their end, and that do not get there."""

import socket
import struct
import time

from doctor.case import fault
from doctor.place import HERE, THERE, Unavailable, wait_for_go
from doctor.sockets import dial, every, listen, serve

LINGER_0 = struct.pack("ii", 1, 0)


def in_state(here, state, port):
    return here.rows("-tan", "state", state, f"( sport = {port} or dport = {port} )")


def leave(address, port, n, data=b""):
    """Peers that say something, perhaps, and go."""
    for _ in range(n):
        s = dial(address, port)
        if data:
            s.sendall(data)
        s.close()


@fault("CLS01", thresholds={"CLS01.age": "1s"})
def leak_of_read_connections(here):
    """The application has read the end of 30 connections and never closes them."""

    def forgetful():
        s, kept = listen(HERE, 8101), []
        yield
        while True:
            c = s.accept()[0]
            while c.recv(4096):
                pass
            kept.append(c)

    there = here.neighbour()
    here.child(forgetful, comm="leaky")
    there.child(leave, HERE, 8101, 30, b"GET / HTTP/1.1\r\n\r\n", comm="clients")
    here.until(lambda: len([r for r in in_state(here, "close-wait", 8101) if not r["recvq"]]) == 30, "not 30 in CLOSE-WAIT")
    time.sleep(1.2)  # the age that the rule asks for
    yield
    here.holds(len(in_state(here, "close-wait", 8101)) == 30, "they did not stay")


@fault("CLS02", also=("CLS01",), thresholds={"CLS01.age": "1s", "CLS02.age": "1s"}, is_sampled=True)
def leak_with_unread_data(here):
    """Peers that have gone, whose last words nobody has read."""
    there = here.neighbour()
    here.child(serve, HERE, 8102, comm="blocked")
    there.child(leave, HERE, 8102, 8, b"x" * 100, comm="clients")
    here.until(lambda: len([r for r in in_state(here, "close-wait", 8102) if r["recvq"] == 101]) == 8, "not 8 in CLOSE-WAIT")
    time.sleep(1.2)
    yield
    here.holds(len(in_state(here, "close-wait", 8102)) == 8, "they did not stay")


def half_closed(address, port, n):
    kept = [dial(address, port) for _ in range(n)]
    for s in kept:
        s.shutdown(socket.SHUT_WR)
    return kept


@fault("CLS03", thresholds={"CLS03.age": "1s"})
def half_closed_for_long(here):
    """Our application has said that it is done, keeps the descriptor, and the peer does not close."""
    there = here.neighbour()
    there.child(serve, THERE, 8103, comm="server")
    here.child(half_closed, THERE, 8103, 20, comm="half")
    here.until(lambda: len([r for r in in_state(here, "fin-wait-2", 8103) if r.get("inode")]) == 20, "not 20 in FIN-WAIT-2")
    time.sleep(1.5)
    yield
    here.holds(len(in_state(here, "fin-wait-2", 8103)) == 20, "they did not stay")


def say_goodbye(address, port, n):
    """Connects, waits until the peer is silent, and closes with data on the way."""
    kept = [dial(address, port) for _ in range(n)]
    yield
    wait_for_go()
    for s in kept:
        s.send(b"goodbye")
        s.close()
    kept.clear()


@fault("CLS04", also=("NET03", "CLS05", "CLS09"))
def peers_vanished_while_closing(here):
    """130 connections that were closed with data on the way to peers that are no more."""
    there = here.neighbour()
    there.child(serve, THERE, 8104, comm="server")
    client = here.child(say_goodbye, THERE, 8104, 130, comm="client")
    there.falls_silent()
    here.go(client)

    def stuck():
        rows = here.rows("-tan", "state", "fin-wait-1", "( dport = 8104 )", "--columns=sendq,tcp.backoff,state")
        return [r for r in rows if r["sendq"] > 0 and r["tcp"]["backoff"] >= 2]

    here.until(lambda: len(stuck()) > 120, "not 120 in FIN-WAIT-1")
    yield
    here.holds(len(stuck()) > 100, "they did not stay")


@fault("CLS05", thresholds={"CLS05.warning": "0.1%", "CLS05.critical": "0.2%"}, from_outside=True)
def many_orphans(here):
    """Sockets that nobody owns and the kernel has to keep: 400, of which the limit is set low."""
    there = here.neighbour()
    here.sysctl("net.ipv4.tcp_fin_timeout", 120)  # up to 60 s they are no orphans, but entries of another table
    there.child(serve, THERE, 8105, comm="server")
    here.child(leave, THERE, 8105, 400, comm="client")
    limit = int(here.global_sysctl("net.ipv4.tcp_max_orphans"))

    def orphans():
        return int(here.command("sh", "-c", "sed -n 's/^TCP:.*orphan \\([0-9]*\\).*/\\1/p' /proc/net/sockstat"))

    here.until(lambda: orphans() >= 400 > limit * 0.002, "fewer than 400 orphans")
    yield
    here.holds(orphans() >= 400, "they did not stay")


@fault("CLS06", also=("CLS04", "CLS05", "CLS09", "NET03", "NET13"), seconds=120)
def no_place_for_orphans(here):
    """
    Half as many orphans as the kernel allows: one that nobody answers it counts twice, and so resets it before its time.
    """
    there = here.neighbour()
    limit = int(here.global_sysctl("net.ipv4.tcp_max_orphans"))
    if limit > 140000:
        raise Unavailable(f"{limit} orphans are allowed: too many to make")
    here.sysctl("net.ipv4.tcp_fin_timeout", 120)
    here.sysctl("net.ipv4.tcp_rto_max_ms", 1000)  # with this the kernel despairs of a peer in seconds
    ports = range(8161, 8166)
    for port in ports:
        there.child(serve, THERE, port, comm="server")
        here.child(leave, THERE, port, limit // 2 // len(ports) + 100, comm="client")

    def go_away_slowly():
        kept = [dial(THERE, 8166) for _ in range(600)]
        yield
        wait_for_go()
        for _ in every(0.02):
            if not kept:
                return
            s = kept.pop()
            s.send(b"goodbye")
            s.close()

    there.child(serve, THERE, 8166, comm="server")
    client = here.child(go_away_slowly, comm="client")
    there.falls_silent()
    here.go(client)
    here.moves("TcpExtTCPAbortOnMemory", 10, 10)
    yield
    here.moves("TcpExtTCPAbortOnMemory", 10)


def ask_each_time(address, port, n):
    """So many TIME-WAIT on our side: we close first."""
    for _ in range(n):
        s = dial(address, port)
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
        s.close()


def echo_end(connection):
    while connection.recv(4096):
        pass
    connection.close()


@fault("CLS08", also=("PRT01",))
def time_wait_uses_the_ports(here):
    """A client that makes a connection for each question: 75 of its 100 ports are in TIME-WAIT to one server."""
    there = here.neighbour()
    here.sysctl("net.ipv4.ip_local_port_range", "42000 42099")
    there.child(serve, THERE, 8108, echo_end, comm="server")
    here.child(ask_each_time, THERE, 8108, 75, comm="client")
    here.until(lambda: len(in_state(here, "time-wait", 8108)) >= 75, "not 75 in TIME-WAIT")
    yield
    here.holds(len(in_state(here, "time-wait", 8108)) >= 70, "they did not stay")


@fault("CLS09", also=("NET03",))
def peers_time_out(here):
    """Connection after connection is given up since its peer does not answer any more."""
    there = here.neighbour()
    there.child(serve, THERE, 8109, comm="server")

    def give_up():
        kept = [dial(THERE, 8109, user_timeout=700) for _ in range(200)]
        yield
        wait_for_go()
        for _ in every(0.1):
            if not kept:
                return
            kept.pop().send(b"still there?")

    client = here.child(give_up, comm="client")
    there.falls_silent()
    here.go(client)
    here.moves("TcpExtTCPAbortOnTimeout", 4, 6)
    yield
    here.moves("TcpExtTCPAbortOnTimeout", 4)


@fault("CLS10")
def connects_to_a_closed_port(here):
    """A client that tries again and again where nobody listens."""

    def insist():
        yield
        for _ in every(0.01):
            s = socket.socket()
            s.connect_ex(("127.0.0.1", 8110))
            s.close()

    here.child(insist, comm="insistent")
    here.moves("TcpOutRsts", 50)
    here.moves("TcpAttemptFails", 50)
    yield
    here.moves("TcpOutRsts", 50)


def ask_and_leave(address, port, pause):
    yield
    for _ in every(pause):
        s = dial(address, port)
        s.sendall(b"GET / HTTP/1.0\r\n\r\n" + b"x" * 4000)
        try:
            s.recv(1)
        except OSError:
            pass
        s.close()


@fault("CLS11", also=("CLS10",))
def closes_with_unread_data(here):
    """A server that answers before it has read all, and closes: its peers see a reset."""
    there = here.neighbour()

    def hasty(connection):
        connection.recv(4)
        time.sleep(0.02)
        connection.close()

    here.child(serve, HERE, 8111, hasty, comm="hasty")
    there.child(ask_and_leave, HERE, 8111, 0.05, comm="client")
    here.moves("TcpExtTCPAbortOnClose", 10)
    yield
    here.moves("TcpExtTCPAbortOnClose", 10)


@fault("CLS11", also=("CLS10",))
def closes_without_lingering(here):
    """The same by SO_LINGER of 0, which throws away what is on the way."""
    there = here.neighbour()

    def hard(connection):
        while not connection.recv(65536).endswith(b"x"):
            pass
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
        connection.close()

    here.child(serve, HERE, 8112, hard, comm="hard")
    there.child(ask_and_leave, HERE, 8112, 0.05, comm="client")
    here.moves("TcpExtTCPAbortOnData", 10)
    yield
    here.moves("TcpExtTCPAbortOnData", 10)
