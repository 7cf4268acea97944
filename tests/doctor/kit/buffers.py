# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Buffers, and who it is that holds a transfer up."""

import socket
import threading
import time

from doctor import relay
from doctor.case import fault
from doctor.kit.path import info, receiver_of_many, send_for_ever, use_reno
from doctor.place import HERE, THERE
from doctor.sockets import dial, every, serve

STUCK = ("BUF01", "BUF10", "NET15")


def memory(here, words, *options):
    return here.rows("-tnm", *options, words)


def slow_reader(pause, size):
    def handle(connection):
        for _ in every(pause):
            if not connection.recv(size):
                return

    return handle


@fault("BUF01", also=("NET15",))
def peer_reads_slowly(here):
    """The peer's application reads a little now and then: its window is what limits us."""
    there = here.neighbour()
    there.child(serve, THERE, 8401, slow_reader(0.05, 20000), rcvbuf=40000, comm="reader")
    here.child(send_for_ever, 8401, comm="writer")

    def is_limited():
        t = info(here, 8401)
        return t and t[0]["busy"] > 2_000_000 and t[0]["rwnd_limited"] > 0.6 * t[0]["busy"]

    here.until(is_limited, "the window does not limit it")
    yield
    here.holds(is_limited(), "it became less")


@fault("BUF02", also=("NET15",))
def send_buffer_is_small(here):
    """An application that set SO_SNDBUF to 8 KB, over a path of 30 ms."""
    there = here.neighbour(relay.delayed(0.015))
    there.child(receiver_of_many, 8402, comm="reader")

    def write():
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        s.connect((THERE, 8402))
        yield
        while True:
            s.sendall(b"x" * 65536)

    here.child(write, comm="writer")

    def is_limited():
        t = info(here, 8402)
        return t and t[0]["busy"] > 1_500_000 and t[0]["sndbuf_limited"] > 0.3 * t[0]["busy"]

    here.until(is_limited, "the send buffer does not limit it")
    yield
    here.holds(is_limited(), "it became less")


def write_and_wait(address, port, n, **options):
    """Writes as much as goes, for ever."""
    kept = [dial(address, port, **options) for _ in range(n)]
    for s in kept:
        s.setblocking(False)
    yield
    while True:
        for s in kept:
            try:
                while s.send(b"x" * 65536):
                    pass
            except BlockingIOError:
                pass
        time.sleep(0.1)


@fault("BUF04", also=STUCK, seconds=90)
def window_stays_shut(here):
    """The peer's application stopped reading: our probes find the window shut, again and again."""
    there = here.neighbour()
    there.child(serve, THERE, 8404, rcvbuf=40000, comm="reader")
    here.child(write_and_wait, THERE, 8404, 3, comm="writer")

    def shut():
        rows = here.rows("-tno", "dport = 8404", "--columns=timer.code,tcp.probes,tcp.backoff")
        return [r for r in rows if r.get("timer", {}).get("code") == 4 and r["tcp"]["backoff"] >= 3]

    here.until(lambda: len(shut()) == 3, "no three unanswered probes", 30, 0.2)
    yield
    here.holds(len(shut()) == 3, "a window opened")


@fault("BUF05", also=("BUF09", "BUF08", "MEM04"), thresholds={"BUF05.age": "1s"})
def we_do_not_read(here):
    """An application of ours stopped reading: its receive buffer is full of small messages."""
    there = here.neighbour()
    here.child(serve, HERE, 8405, comm="sleeper")

    def write():
        s = dial(HERE, 8405, nodelay=1)
        yield
        while True:
            s.send(b"x" * 40)
            time.sleep(0.0002)

    there.child(write, comm="writer")

    def is_full():
        rows = memory(here, "sport = 8405", "state", "established")
        return rows and rows[0]["mem"]["rmem"] >= 0.85 * rows[0]["mem"]["rcvbuf"]

    here.until(is_full, "the buffer does not fill up")
    time.sleep(1.2)
    yield
    here.holds(is_full(), "the buffer emptied")


@fault("BUF06", also=("NET12",))
def receive_buffer_is_locked(here):
    """SO_RCVBUF of 32 KB over a path of 40 ms: no window to fill it with."""
    there = here.neighbour(relay.delayed(0.02))

    def write(connection):
        while True:
            connection.sendall(b"x" * 65536)

    there.child(serve, THERE, 8406, write, comm="writer")

    def read():
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        s.connect((THERE, 8406))
        yield
        while s.recv(65536):
            pass

    here.child(read, comm="reader")
    rows = here.until(lambda: (r := here.rows("-tnim", "dport = 8406")) and r[0]["tcp"]["bytes_received"] > 1 << 20 and r,
                      "nothing arrives")
    here.holds(rows[0]["mem"]["rcvbuf"] == 32768, "the buffer grew")
    yield
    rows = here.rows("-tnim", "dport = 8406")
    here.holds(rows[0]["mem"]["rcvbuf"] == 32768, "the buffer grew")


@fault("BUF08", also=("BUF05", "BUF09"))
def receive_queue_is_pruned(here):
    """
    Small messages into small buffers that are read late: the kernel has to collapse what waits. A connection on which it did so once
    gets a smaller window, so there are ever new ones.
    """
    there = here.neighbour()

    def read_late(c):
        def work():
            time.sleep(1.5)
            while c.recv(65536):
                pass
            c.close()

        threading.Thread(target=work, daemon=True).start()

    def write():
        waves = []
        yield
        for _ in every(0.1):
            waves.append([dial(HERE, 8408, nodelay=1) for _ in range(10)])
            for _ in range(300):
                for s in waves[-1]:
                    try:
                        s.send(b"x" * 10, socket.MSG_DONTWAIT)
                    except BlockingIOError:
                        pass
                time.sleep(0.001)  # else the sender makes one segment of many messages
            if len(waves) > 3:
                for s in waves.pop(0):
                    s.close()

    here.child(serve, HERE, 8408, read_late, rcvbuf=10000, comm="reader")
    there.child(write, comm="writer")
    here.moves("TcpExtPruneCalled", 20)
    yield
    here.moves("TcpExtPruneCalled", 10)


@fault("BUF09", also=("BUF05",))
def we_close_our_window(here):
    """A reader of ours that takes all at once, and then nothing for a while."""
    there = here.neighbour()

    def read(connection):
        while True:
            time.sleep(0.1)
            connection.setblocking(False)
            try:
                while connection.recv(1 << 20):
                    pass
            except BlockingIOError:
                pass

    def read_each(connection):
        threading.Thread(target=read, args=[connection], daemon=True).start()

    here.child(serve, HERE, 8409, read_each, rcvbuf=8000, comm="bursty")
    for _ in range(3):
        there.child(write_for_ever, HERE, 8409, comm="writer")
    here.moves("TcpExtTCPToZeroWindowAdv", 10)
    yield
    here.moves("TcpExtTCPToZeroWindowAdv", 5)


def write_for_ever(address, port):
    s = dial(address, port)
    yield
    while True:
        s.sendall(b"x" * 65536)


@fault("BUF10", also=("NET07", "BUF01", "NET15"))
def far_too_much_is_queued(here):
    """Twelve connections with 5 MB each that did not go out yet, over a narrow link."""
    there = here.neighbour(relay.narrow(1_500_000, 0.002))
    use_reno(here)
    there.child(receiver_of_many, 8410, comm="reader")
    here.child(write_and_wait, THERE, 8410, 12, sndbuf=6 << 20, comm="writer")

    def queued():
        rows = here.rows("-tni", "dport = 8410", "--columns=sendq,tcp.notsent")
        return [r for r in rows if r["tcp"]["notsent"] >= 4 << 20]

    here.until(lambda: len(queued()) == 12, "less is queued")
    yield
    here.holds(len(queued()) >= 10, "it went out")


def idle(address, port, n, keepalive=False):
    kept = [dial(address, port) for _ in range(n)]
    for s in kept:
        s.send(b"hello")
        if keepalive:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return kept


def rest(here, port, n, timer):
    def rows():
        found = here.rows("-tnoi", f"dport = {port}")
        return [r for r in found if r.get("timer", {}).get("code", 0) == timer and r["tcp"]["last_data_sent"] > 1000]

    here.until(lambda: len(rows()) == n, f"not {n} that have been idle for a second")


@fault("BUF11", thresholds={"BUF11.idle": "1s"})
def idle_without_keepalive(here):
    """Connections to another machine on which nothing is sent, and no timer runs."""
    there = here.neighbour()
    there.child(receiver_of_many, 8411, comm="server")
    here.child(idle, THERE, 8411, 10, comm="client")
    rest(here, 8411, 10, 0)
    yield


@fault("BUF12", thresholds={"BUF12.idle": "1s"})
def keepalive_comes_too_late(here):
    """The same with keepalives, after the two hours that the kernel waits by default."""
    there = here.neighbour()
    there.child(receiver_of_many, 8412, comm="server")
    here.child(idle, THERE, 8412, 10, True, comm="client")
    rest(here, 8412, 10, 2)
    yield


@fault("BUF13", also=("BUF11",), thresholds={"BUF13.idle": "1s"})
def idle_for_ever(here):
    """Connections that have been idle for so long that nobody will ever end them."""
    there = here.neighbour()
    there.child(receiver_of_many, 8413, comm="server")
    here.child(idle, THERE, 8413, 10, comm="client")
    rest(here, 8413, 10, 0)
    yield
