# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Clients, transfers, and what is on a machine besides TCP."""

import os
import socket
import threading
import time

from doctor.case import healthy
from doctor.healthy.servers import answer_and_close, ask_once, echo, established, talk
from doctor.kit.path import receiver_of_many, send_for_ever
from doctor.place import HERE, THERE
from doctor.relay import losing
from doctor.sockets import SO_RCVBUFFORCE, dial, drain, every, serve


@healthy()
def build_host(here):
    """Compilers that come and go, each with a connection to the cache's server, pipes and Unix sockets."""
    path = str(here.folder / "cache")

    def cache():
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
        s.listen(128)
        yield
        while True:
            c = s.accept()[0]
            c.sendall(c.recv(100))
            c.close()

    def compile_all():
        yield
        for _ in every(0.02):
            if os.fork() == 0:
                one, other = socket.socketpair()
                one.send(b"x")
                other.recv(1)
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(path)
                    s.sendall(b"hash")
                    s.recv(100)
                dial("127.0.0.1", 3632).close()
                os._exit(0)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    here.child(cache, comm="cache")
    here.child(serve, "127.0.0.1", 3632, lambda c: c.close(), comm="distccd")
    here.child(compile_all, comm="make")
    here.moves("TcpActiveOpens", 30, 40)
    yield
    here.moves("TcpActiveOpens", 30, 40)


@healthy()
def client_of_an_interface(here):
    """Fifty requests a second to one server, a connection each: some thousand ports in TIME-WAIT, of 28,000."""
    there = here.neighbour()
    there.child(serve, THERE, 8861, echo, comm="server")

    def ask(n):
        for _ in range(n):
            s = dial(THERE, 8861)
            s.sendall(b"x")
            s.recv(10)
            s.close()
        yield
        for _ in every(0.02):
            s = dial(THERE, 8861)
            s.close()

    here.child(ask, here.size(4000, 500), comm="client")
    here.holds(len(here.rows("-tan", "state", "time-wait", "--columns=state")) > 400, "no TIME-WAIT")
    yield


@healthy()
def resolver(here):
    """Two hundred questions a second, each from a socket of its own."""
    there = here.neighbour()

    def answer():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((THERE, 53))
        yield
        while True:
            data, who = s.recvfrom(2000)
            s.sendto(data * 3, who)

    def resolve():
        yield
        for _ in every(0.005):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.connect((THERE, 53))
                s.send(b"www.example.com")
                s.settimeout(2)
                s.recv(2000)

    there.child(answer, comm="named")
    here.child(resolve, comm="unbound")
    here.moves("UdpOutDatagrams", 200)
    yield
    here.moves("UdpOutDatagrams", 200)


@healthy()
def quic_server(here):
    """4,000 packets a second into 7.5 MB that are read at once."""
    there = here.neighbour()

    def server():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 7500000)
        s.bind((HERE, 443))
        yield
        while True:
            data, who = s.recvfrom(2000)
            s.sendto(data[:50], who)

    def client():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect((HERE, 443))
        s.setblocking(False)
        yield
        for _ in every(0.01):
            for _ in range(40):
                s.send(b"x" * 1200)
            try:
                while s.recv(100):
                    pass
            except BlockingIOError:
                pass

    here.child(server, comm="h3")
    there.child(client, comm="client")
    here.moves("UdpInDatagrams", 4000)
    yield
    here.holds(here.counter("UdpRcvbufErrors") == 0, "packets were dropped")


@healthy()
def log_socket(here):
    """Everybody logs, and the logger keeps up."""
    path = str(here.folder / "log")

    def logger():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(path)
        yield
        while True:
            s.recv(4096)

    def log():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect(path)
        yield
        for _ in every(0.01):
            for _ in range(5):
                s.send(b"<13>something happened")

    here.child(logger, comm="journald")
    for _ in range(4):
        here.child(log, comm="app")
    here.until(lambda: len(here.rows("-xan", "--columns=state")) >= 5, "no sockets")
    yield


@healthy()
def message_bus(here):
    """A hundred programs on a bus, which sends each of them something now and then."""
    path = str(here.folder / "bus")

    def bus():
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
        s.listen(30)
        yield
        while True:
            echo(s.accept()[0])

    def programs():
        kept = [socket.socket(socket.AF_UNIX) for _ in range(100)]
        for s in kept:
            s.connect(path)
        yield
        for _ in every(0.2):
            for s in kept:
                s.send(b"call")
                s.recv(100)

    here.child(bus, comm="dbus-daemon")
    here.child(programs, comm="desktop")
    here.until(lambda: len(here.rows("-xn", "--columns=state")) >= 200, "they are not connected")
    yield


@healthy(options=("--net=all",), seconds=90)
def host_of_containers(here):
    """Five namespaces, each with a web server at the same port that the others ask."""
    there = here.neighbour()
    here.child(serve, HERE, 8080, echo, comm="web")
    there.child(serve, THERE, 8080, echo, comm="web")
    here.child(talk, THERE, 8080, 10, 0.1, comm="client")
    there.child(talk, HERE, 8080, 10, 0.1, comm="client")
    from doctor.place import There

    for _ in range(3):
        own = There(here)
        own.child(serve, "127.0.0.1", 8080, echo, comm="web")
        own.child(talk, "127.0.0.1", 8080, 10, 0.1, comm="probe")
    here.until(lambda: len(here.rows("-tn", "--net=all", "--columns=state", "sport = 8080")) == 50, "not 50 connections")
    yield


@healthy()
def file_server(here):
    """One connection from a privileged port that lives long, with a question now and then."""
    there = here.neighbour()
    there.child(serve, THERE, 2049, echo, comm="nfsd")

    def mount():
        s = dial(THERE, 2049, source=(HERE, 780), keepalive=1, keepidle=60)
        yield
        for _ in every(0.3):
            s.sendall(b"x" * 30000)
            left = 30000
            while left:
                left -= len(s.recv(65536))

    here.child(mount, comm="mount")
    here.until(lambda: established(here, "dport = 2049") == 1, "it is not connected")
    time.sleep(1)
    yield


@healthy()
def shells_of_many(here):
    """Thirty shells that nobody types in, with keepalives."""
    there = here.neighbour()
    here.child(serve, HERE, 22, echo, comm="sshd", keepalive=1, keepidle=60)
    there.child(talk, HERE, 22, 30, 1000, keepalive=1, keepidle=60, comm="ssh")
    here.until(lambda: established(here, "sport = 22") == 30, "not all are connected")
    time.sleep(2)
    yield


@healthy()
def steady_stream(here):
    """Video: 400 KB a second to each of ten clients, which read as fast as they play."""
    there = here.neighbour()

    def play():
        kept = [dial(HERE, 8871) for _ in range(10)]
        yield
        for _ in every(0.05):
            for s in kept:
                s.recv(40000)

    def send(c):
        def work():
            for _ in every(0.05):
                c.sendall(b"x" * 20000)

        threading.Thread(target=work, daemon=True).start()

    here.child(serve, HERE, 8871, send, comm="streamer")
    there.child(play, comm="players")
    here.until(lambda: established(here, "sport = 8871") == 10, "not all are connected")
    time.sleep(2)
    yield


@healthy()
def transfer_at_full_rate(here):
    """A load test: four transfers as fast as the machine is, and questions in between."""
    here.child(serve, "127.0.0.1", 8872, lambda c: threading.Thread(target=drain, args=[[c]], daemon=True).start(), comm="sink")
    here.child(serve, "127.0.0.1", 8873, answer_and_close, comm="web")

    def load():
        kept = [dial("127.0.0.1", 8872) for _ in range(4)]
        yield
        while True:
            for s in kept:
                s.sendall(b"x" * 200000)

    here.child(load, comm="load")
    here.child(ask_once, "127.0.0.1", 8873, 200, comm="load")
    here.moves("TcpOutSegs", 5000)
    yield


@healthy()
def backup_over_the_net(here):
    """One transfer that fills the link."""
    there = here.neighbour()
    there.child(receiver_of_many, 8874, comm="backup")
    here.child(send_for_ever, 8874, comm="backup")
    here.moves("TcpOutSegs", 5000)
    time.sleep(2)
    yield


@healthy()
def wireless_client(here):
    """One segment in 500 is lost, as radio does: it is sent again and nobody notices."""
    there = here.neighbour(losing(0.002, delay=0.003))
    there.child(receiver_of_many, 8875, comm="server")
    here.child(send_for_ever, 8875, size=20000, pause=0.02, comm="client")
    here.moves("TcpOutSegs", 1000, 10)
    time.sleep(2)
    yield


@healthy()
def watchers(here):
    """A daemon that follows the interfaces, and a capture, both of which keep up."""
    there = here.neighbour()

    def follow():
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        s.bind((0, 1))
        yield
        while True:
            s.recv(65536)

    def capture():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind(("h0", 3))
        yield
        while True:
            s.recv(65536)

    here.child(follow, comm="networkd")
    here.child(capture, comm="tcpdump")
    here.child(serve, HERE, 8876, echo, comm="server")
    there.child(talk, HERE, 8876, 10, 0.05, comm="client")
    for i in range(5):
        here.ip(f"link set lo mtu {60000 + i}")
    here.until(lambda: established(here, "sport = 8876") == 10, "not all are connected")
    yield
