# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Servers at their work."""

import socket
import struct
import threading
import time

from doctor.case import healthy
from doctor.place import HERE, THERE
from doctor.relay import delayed
from doctor.sockets import dial, drain, every, knock, listen, serve

TCP_DEFER_ACCEPT, IPPROTO_MPTCP = 9, 262


def echo(connection):
    """Answers each message, in a thread of its own."""

    def work():
        try:
            while data := connection.recv(65536):
                connection.sendall(data)
        except OSError:
            pass
        connection.close()

    threading.Thread(target=work, daemon=True).start()


def answer_and_close(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 500)
    connection.close()


def ask_once(address, port, rate):
    """Connection after connection, each read to its end."""
    yield
    for _ in every(1 / rate):
        s = dial(address, port)
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while s.recv(4096):
            pass
        s.close()


def talk(address, port, n, pause, size=100, **options):
    """@n connections that live, each with a question now and then."""
    kept = [dial(address, port, **options) for _ in range(n)]
    yield
    for _ in every(pause):
        for s in kept:
            s.sendall(b"x" * size)
            s.recv(65536)


def established(here, words):
    return len(here.rows("-tn", "--columns=state", words))


@healthy(is_sampled=True)
def idle_server(here):
    """A machine on which nothing happens: a few listeners, somebody logged in."""
    there = here.neighbour()
    for name, address, port in (("sshd", "0.0.0.0", 22), ("sshd", "::", 22), ("master", "127.0.0.1", 25), ("chronyd", "127.0.0.1", 323)):
        more = {"v6only": 1} if ":" in address else {}
        here.child(serve, address, port, echo, comm=name, **more)
    there.child(talk, HERE, 22, 1, 0.5, keepalive=1, keepidle=60, comm="ssh")
    here.until(lambda: established(here, "sport = 22") == 1, "nobody is logged in")
    yield


@healthy(is_sampled=True, seconds=240)
def keep_alive_clients(here):
    """100,000 clients that keep their connection for the next question; 2,000 in the sample."""
    there = here.neighbour()
    n = here.size(12500, 250)  # a process: it may have no more than 20,000 files

    def keep(port):
        yield
        kept = [dial(HERE, port, keepalive=1, keepidle=60) for _ in range(n)]
        yield kept

    for port in range(8801, 8809):
        here.child(serve, HERE, port, None, 4096, comm="nginx")
        there.child(keep, port, comm="clients")
    here.until(lambda: established(here, "sport >= 8801") == 8 * n, "not all are connected", 120, 0.5)
    yield
    here.holds(established(here, "sport >= 8801") == 8 * n, "not all are connected")


@healthy(normal=("CLS07",), seconds=180)
def proxy_with_time_wait(here):
    """A proxy that closes first, as HTTP/1.0 has it: 30,000 TIME-WAIT on the side of the server; 1,500 in the sample."""
    there = here.neighbour()
    n = here.size(7500, 375)

    def ask(port, first):
        yield
        for i in range(n):  # the kernel would take ports again that are in TIME-WAIT at the other end only
            s = dial(HERE, port, source=(THERE, first + i))
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while s.recv(4096):
                pass
            s.close()

    for i, port in enumerate(range(8821, 8825)):
        here.child(serve, HERE, port, answer_and_close, comm="proxy")
        there.child(ask, port, 10000 + i * n, comm="client")

    def waiting():
        return len(here.rows("-tan", "state", "time-wait", "--columns=state"))

    here.until(lambda: waiting() >= 4 * n, f"not {4 * n} in TIME-WAIT", 50, 0.3)
    yield


@healthy()
def bursts_of_connections(here):
    """A hundred at once, and a backlog that holds them until they are accepted, a moment later."""
    there = here.neighbour()

    def burst():
        yield
        for _ in every(0.7):
            kept = [dial(HERE, 8831, wait=False) for _ in range(100)]
            time.sleep(0.5)
            for s in kept:
                s.close()

    def close_when_asked(c):
        threading.Thread(target=lambda: (c.recv(10), c.close()), daemon=True).start()

    here.child(serve, HERE, 8831, close_when_asked, 511, comm="nginx")
    there.child(burst, comm="clients")
    here.moves("TcpPassiveOpens", 200)
    yield
    here.moves("TcpPassiveOpens", 200)
    here.holds(here.counter("TcpExtListenOverflows") == 0, "the queue overflowed")


@healthy()
def key_value_store(here):
    """300 clients on the same machine that ask all the time."""
    here.child(serve, "127.0.0.1", 6379, echo, 511, comm="redis-server")
    for _ in range(3):
        here.child(talk, "127.0.0.1", 6379, 100, 0.05, nodelay=1, comm="app")
    here.until(lambda: established(here, "sport = 6379") == 300, "not all are connected")
    yield


@healthy()
def pool_of_database_connections(here):
    """A pool of 50 connections to a database elsewhere, idle, with keepalives each minute."""
    there = here.neighbour()
    there.child(serve, THERE, 5432, echo, comm="postgres")
    here.child(talk, THERE, 5432, 50, 30, keepalive=1, keepidle=60, comm="app")
    here.until(lambda: established(here, "dport = 5432") == 50, "not all are connected")
    time.sleep(2)
    yield


@healthy()
def server_of_many_protocol_versions(here):
    """Nothing but IPv6."""
    here.ip("addr add fd00::1/64 dev lo nodad")
    here.child(serve, "fd00::1", 443, echo, comm="nginx")
    here.child(talk, "fd00::1", 443, 50, 0.1, comm="client")
    here.until(lambda: established(here, "sport = 443") == 50, "not all are connected")
    yield


@healthy(is_sampled=True)
def port_scan(here):
    """Somebody tries the listener a hundred times a second, and goes away at once; half of the times without a handshake."""
    there = here.neighbour()
    here.child(serve, HERE, 8841, lambda c: c.close(), comm="server")

    def scan():
        yield
        for _ in every(0.01):
            dial(HERE, 8841).close()

    there.child(scan, comm="scanner")
    there.child(knock, [THERE], 8841, 10, comm="scanner")
    here.moves("TcpPassiveOpens", 100)
    yield
    here.moves("TcpPassiveOpens", 100)


@healthy()
def deferred_accept(here):
    """A listener that wants data first, and 20 clients that send none for a while: it drops their ACKs, as it should."""
    there = here.neighbour()

    def server():
        s = listen(HERE, 8842)
        s.setsockopt(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 30)
        yield
        kept = []
        while True:
            kept.append(s.accept()[0])

    here.child(server, comm="httpd")
    there.child(lambda: [dial(HERE, 8842) for _ in range(20)], comm="clients")
    here.until(lambda: here.counter("TcpExtTCPDeferAcceptDrop") >= 20, "nothing was deferred")
    yield
    here.holds(here.counter("TcpExtListenDrops") == 0, "connections were dropped")


@healthy()
def half_closed_on_purpose(here):
    """Clients that have asked and closed their half, and are sent a long answer."""
    there = here.neighbour()

    def stream(c):
        def work():
            while c.recv(4096):
                pass
            for _ in every(0.05):
                c.sendall(b"x" * 2000)

        threading.Thread(target=work, daemon=True).start()

    def ask(address, port):
        kept = [dial(address, port) for _ in range(8)]
        for s in kept:
            s.sendall(b"cat file\n")
            s.shutdown(socket.SHUT_WR)
        yield
        drain(kept)

    here.child(serve, HERE, 8843, stream, comm="server")
    there.child(ask, HERE, 8843, comm="client")
    there.child(serve, THERE, 8844, stream, comm="server")
    here.child(ask, THERE, 8844, comm="client")
    here.until(lambda: len(here.rows("-tn", "state", "close-wait")) == 8, "the clients' halves are open")
    here.until(lambda: len(here.rows("-tn", "state", "fin-wait-2")) == 8, "our halves are open")
    yield


@healthy()
def several_paths(here):
    """MPTCP on both sides."""
    def mptcp(address, port):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        s.listen(100)
        yield
        while True:
            echo(s.accept()[0])

    def clients(address, port):
        kept = [socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) for _ in range(20)]
        for s in kept:
            s.connect((address, port))
        yield
        for _ in every(0.1):
            for s in kept:
                s.send(b"x" * 1000)
                s.recv(4096)

    here.sysctl("net.mptcp.enabled", 1)
    here.child(mptcp, "127.0.0.1", 8845, comm="server")
    here.child(clients, "127.0.0.1", 8845, comm="client")
    here.until(lambda: len(here.rows("-Mn", "--columns=state", "sport = 8845")) == 20, "no MPTCP connections")
    yield


@healthy()
def short_mails(here):
    """A mail server: thirty connections a second, each with a few lines both ways."""
    there = here.neighbour()

    def smtp(c):
        def work():
            c.sendall(b"220 ready\r\n")
            while data := c.recv(4096):
                c.sendall(b"250 ok\r\n")
                if data.startswith(b"QUIT"):
                    break
            c.close()

        threading.Thread(target=work, daemon=True).start()

    def send():
        yield
        for _ in every(1 / 30):
            s = dial(HERE, 25)
            s.recv(100)
            for line in (b"EHLO x\r\n", b"MAIL FROM:<a@b>\r\n", b"QUIT\r\n"):
                s.sendall(line)
                s.recv(100)
            while s.recv(100):
                pass
            s.close()

    here.child(serve, HERE, 25, smtp, 100, comm="smtpd")
    there.child(send, comm="client")
    here.moves("TcpPassiveOpens", 50)
    yield
    here.moves("TcpPassiveOpens", 50)


@healthy()
def just_started(here):
    """A service that began a moment ago, with its first connections."""
    there = here.neighbour()
    here.child(serve, HERE, 8846, echo, comm="server")
    there.child(talk, HERE, 8846, 30, 0.05, comm="client")
    here.until(lambda: established(here, "sport = 8846") == 30, "not all are connected")
    yield


@healthy()
def two_generations(here):
    """A graceful restart: the new process listens beside the old one, which still serves its connections."""
    there = here.neighbour()

    def old():
        s = listen(HERE, 8847, reuseport=1)
        yield
        for _ in range(40):
            echo(s.accept()[0])
        s.close()

    here.child(old, comm="server")
    there.child(talk, HERE, 8847, 40, 0.1, comm="client")
    here.until(lambda: not here.rows("-tln", "sport = 8847"), "the old one still listens")
    for _ in range(4):
        here.child(serve, HERE, 8847, echo, reuseport=1, comm="server")
    there.child(talk, HERE, 8847, 40, 0.1, comm="client")
    here.until(lambda: established(here, "sport = 8847") == 80, "not all are connected")
    yield


@healthy()
def far_clients(here):
    """A web server whose clients are 150 ms away."""
    there = here.neighbour(delayed(0.075))
    here.child(serve, HERE, 8848, echo, comm="nginx")
    there.child(talk, HERE, 8848, 20, 0.2, 2000, comm="clients")
    here.until(lambda: established(here, "sport = 8848") == 20, "not all are connected")
    time.sleep(2)
    yield


@healthy()
def resets_now_and_then(here):
    """Browsers that go away in the middle: one connection a second ends by a reset."""
    there = here.neighbour()

    def leave():
        yield
        for _ in every(1.5):
            s = dial(HERE, 8849)
            s.send(b"GET /")
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.close()

    here.child(serve, HERE, 8849, echo, comm="nginx")
    there.child(talk, HERE, 8849, 20, 0.1, comm="clients")
    there.child(leave, comm="browser")
    here.moves("TcpEstabResets", 1)
    yield
