# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What happens on the way: losses, delays, black holes, peers that negotiate little."""

import itertools
import time

from doctor import relay
from doctor.case import fault
from doctor.place import HERE, THERE, wait_for_go
from doctor.sockets import dial, drain, every, knock, raw_sender, segment, serve, udp_packet

LOSSY = ("NET02", "NET13")


def receiver(port, **options):
    """Takes all that is sent to it there."""

    def handle(connection):
        drain([connection])

    return serve(THERE, port, handle, **options)


def send_for_ever(port, size=65536, pause=0.0, n=1, **options):
    kept = [dial(THERE, port, **options) for _ in range(n)]
    yield
    data = b"x" * size
    while True:
        for s in kept:
            s.sendall(data)
        time.sleep(pause)


def info(here, port):
    """What TCP knows of our established connections to that port."""
    return [r["tcp"] for r in here.rows("-tni", "state", "established", f"( dport = {port} )", "--columns=tcp.*") if r.get("tcp")]


def use_reno(*places):
    """A congestion control that acts on losses as the text-books say; the machine may have another."""
    for p in places:
        p.sysctl("net.ipv4.tcp_congestion_control", "reno")


@fault("NET01", also=LOSSY)
def path_loses(here):
    """6 % of the segments with data are lost."""
    there = here.neighbour(relay.losing(0.06))
    use_reno(here)
    there.child(receiver, 8301, comm="server")
    here.child(send_for_ever, 8301, comm="client", n=1)

    def ratio():
        t = info(here, 8301)
        return t and t[0]["bytes_sent"] > 1 << 20 and t[0]["bytes_retrans"] / t[0]["bytes_sent"]

    here.until(lambda: ratio() > 0.03, "less than 3 % are retransmitted")
    yield
    here.holds(ratio() > 0.02, "it became less")


@fault("NET03", also=("NET04",))
def path_is_dead(here):
    """Five connections whose data nobody acknowledges, with the timer backed off three times."""
    there = here.neighbour()
    there.child(serve, THERE, 8303, comm="server")

    def send():
        kept = [dial(THERE, 8303) for _ in range(5)]
        for s in kept:
            s.send(b"x" * 100)
        yield
        wait_for_go()
        for s in kept:
            s.send(b"x" * 100)
        yield kept

    client = here.child(send, comm="client")
    there.falls_silent()
    here.go(client)
    here.until(lambda: len([t for t in info(here, 8303) if t["backoff"] >= 3]) == 5, "they do not back off")
    yield


@fault("NET04", also=("NET03", "NET01", "BUF10"))
def black_hole_for_long_packets(here):
    """Two connections that send small messages, then long ones, which are lost without a word."""
    there = here.neighbour(relay.short_mtu(1000))
    there.child(receiver_of_many, 8304, comm="server")

    def send():
        kept = [dial(THERE, 8304) for _ in range(3)]
        for s in kept:
            for _ in range(5):
                s.send(b"hello")
                time.sleep(0.05)
        yield
        for s in kept:
            s.send(b"x" * 20000)
        yield kept

    here.child(send, comm="client")

    def stuck():
        return [t for t in info(here, 8304) if t["backoff"] >= 2 and t["unacked"] and t["mss"] >= 1200]

    here.until(lambda: len(stuck()) == 3, "they are not stuck")
    yield
    here.holds(len(stuck()) == 3, "they went on")


def receiver_of_many(port):
    import threading

    return serve(THERE, port, lambda c: threading.Thread(target=drain, args=[[c]], daemon=True).start())


@fault("NET05", also=("NET01",))
def path_reorders(here):
    """Every hundredth segment comes late: it is sent again though nothing was lost."""
    there = here.neighbour(relay.reordering(100, 0.03, 0.004))
    use_reno(here)
    here.sysctl("net.ipv4.tcp_max_reordering", 3)
    there.child(receiver, 8305, comm="server")
    here.child(send_for_ever, 8305, comm="client", size=30000, pause=0.002)

    def is_reordered():
        t = info(here, 8305)
        return t and t[0]["reord_seen"] and t[0]["dsack_dups"] >= 10 and t[0]["dsack_dups"] >= 0.4 * t[0]["total_retrans"]

    here.until(is_reordered, "the kernel sees no reordering")
    yield
    here.holds(is_reordered(), "it became less")


@fault("NET07", also=("BUF01", "BUF02", "BUF10", "NET15"))
def path_has_a_long_queue(here):
    """A narrow link before which a quarter of a second's data waits."""
    there = here.neighbour(relay.narrow(1_000_000, 0.002))
    use_reno(here)
    there.child(receiver_of_many, 8307, comm="server")
    here.child(send_for_ever, 8307, comm="client", n=8)

    def slow():
        return [t for t in info(here, 8307) if t["rtt"] >= 5 * t["min_rtt"] and t["rtt"] - t["min_rtt"] >= 50000]

    here.until(lambda: len(slow()) == 8, "no queue builds up")
    yield
    here.holds(len(slow()) == 8, "the queue went away")


@fault("NET08", also=("NET07",))
def path_marks_congestion(here):
    """A router that marks a tenth of what passes."""
    draw = itertools.count()

    def mark(p):
        if p.is_out and p.payload and next(draw) % 10 == 0:
            p.mark_congestion()
        return [0.002]

    there = here.neighbour(mark)
    use_reno(here)
    for p in (here, there):
        p.sysctl("net.ipv4.tcp_ecn", 1)
    there.child(receiver, 8308, comm="server")
    here.child(send_for_ever, 8308, comm="client", size=30000, pause=0.005)

    def share():
        t = info(here, 8308)
        return t and t[0]["delivered"] > 500 and t[0]["delivered_ce"] / t[0]["delivered"]

    here.until(lambda: share() > 0.02, "no marks arrive")
    yield
    here.holds(share() > 0.01, "it became less")


@fault("NET09", also=("UDP04",))
def checksums_are_wrong(here):
    """Packets that were damaged on the way: 400 a second."""
    there = here.neighbour()
    here.child(serve, HERE, 8309, comm="server")

    def damage():
        s, bad = raw_sender(), segment(THERE, 999, HERE, 8309, data=b"x" * 100, wrong_sum=True)
        udp = udp_packet(THERE, 999, HERE, 8309, b"x" * 100, wrong_sum=True)
        yield
        for _ in every(0.01):
            for _ in range(4):
                s.sendto(bad, (HERE, 0))
                s.sendto(udp, (HERE, 0))

    there.child(damage, comm="damage")
    here.moves("TcpInCsumErrors", 600, 6)
    yield
    here.moves("TcpInCsumErrors", 100)


@fault("NET10")
def reverse_path_is_another(here):
    """Packets whose answers would leave elsewhere, which the filter drops."""
    there = here.neighbour()
    here.sysctl("net.ipv4.conf.all.rp_filter", 1)
    here.child(serve, HERE, 8310, comm="server")
    there.ip("route add default dev t0")
    there.child(knock, [f"198.51.100.{i}" for i in range(1, 250)], 8310, 100)
    here.moves("TcpExtIPReversePathFilter", 20)
    yield
    here.moves("TcpExtIPReversePathFilter", 20)


@fault("NET11")
def tiny_segments(here):
    """A peer that announced 500 bytes a segment, over a link that carries 1,500."""
    there = here.neighbour()
    there.child(receiver_with_mss, 8311, 500, comm="server")
    here.child(send_for_ever, 8311, size=1000, pause=0.01, n=5, comm="client")
    here.until(lambda: len([t for t in info(here, 8311) if t["mss"] <= 536 and t["bytes_sent"] > 2000]) == 5, "the MSS is not small")
    yield


def receiver_with_mss(port, mss):
    import threading

    return serve(THERE, port, lambda c: threading.Thread(target=drain, args=[[c]], daemon=True).start(), mss=mss)


@fault("NET12", also=("BUF01",))
def options_are_stripped(here):
    """A peer 40 ms away that knows neither scaled windows nor SACK nor timestamps."""
    there = here.neighbour(relay.delayed(0.02))
    for name in ("tcp_window_scaling", "tcp_sack", "tcp_timestamps"):
        there.sysctl(f"net.ipv4.{name}", 0)
    there.child(receiver, 8312, comm="server")
    here.child(send_for_ever, 8312, size=20000, pause=0.1, comm="client")
    here.until(lambda: (t := info(here, 8312)) and t[0]["options"] & 7 == 0 and t[0]["rtt"] >= 20000, "options were negotiated")
    yield


@fault("NET13", also=("NET01", "NET02", "NET03"))
def tails_are_lost(here):
    """Short answers whose last segment is lost: only the timeout finds out, since faster ways are turned off."""
    count = itertools.count(1)
    there = here.neighbour(lambda p: [] if p.is_out and p.payload and next(count) % 9 == 0 else [0.001])
    for name in ("tcp_early_retrans", "tcp_recovery"):
        here.sysctl(f"net.ipv4.{name}", 0)
    there.child(receiver_of_many, 8313, comm="server")
    here.child(send_for_ever, 8313, size=100, pause=0.05, n=100, comm="client")
    here.moves("TcpExtTCPTimeouts", 40, 6)
    yield
    here.moves("TcpExtTCPTimeouts", 40, 6)
