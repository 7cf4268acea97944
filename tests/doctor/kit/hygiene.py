# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What is not broken, and should not be as it is; and address translation."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from doctor.case import fault
from doctor.place import HERE, THERE, Unavailable
from doctor.sockets import every, raw_sender, serve, udp_packet


@fault("HYG01")
def database_for_everybody(here):
    """A database that listens on all addresses."""
    here.child(serve, "0.0.0.0", 6379, comm="redis-server")
    here.holds(here.rows("-tln", "sport = 6379")[0]["local"]["addr"] == "0.0.0.0", "it listens elsewhere")
    yield


@fault("HYG02", is_sampled=True)
def binary_was_deleted(here):
    """A server whose program was replaced by an update and that was not restarted."""
    program = here.folder / "server"
    shutil.copy(os.path.realpath(sys.executable), program)
    text = "import socket, sys, time; s = socket.create_server(('127.0.0.1', 8702)); print(flush=True); time.sleep(1000)"
    with subprocess.Popen([program, "-c", text], stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        program.unlink()
        here.holds(os.readlink(f"/proc/{server.pid}/exe").endswith("(deleted)"), "the program is still there")
        yield
        server.kill()


SYSCTLS = """\
# collected over the years
net.ipv4.tcp_tw_recycle = 1
net.ipv4.tcp_fack = 1
net.ipv4.tcp_low_latency=1
net.ipv4.tcp_max_tw_buckets = 5000
net.ipv4.tcp_timestamps = 0
"""


@fault("HYG03")
def old_advice_in_sysctl_d(here):
    """A file in sysctl.d with settings that were removed, or harm."""
    here.command("mount", "-t", "tmpfs", "none", "/etc/sysctl.d")
    Path("/etc/sysctl.d/90-tuning.conf").write_text(SYSCTLS)
    here.child(serve, "127.0.0.1", 8703, comm="server")
    yield


def nft(place, text):
    done = subprocess.run(["nft", "-f", "-"], input=text, capture_output=True, text=True) if shutil.which("nft") else None
    if not done or done.returncode:
        raise Unavailable(f"nft: {done.stderr.strip() if done else 'is not installed'}")


@fault("HYG04")
def published_port_leads_nowhere(here):
    """A container's port is published by a proxy, and nobody listens behind it."""
    program = here.folder / "docker-proxy"
    shutil.copy(os.path.realpath(sys.executable), program)
    text = "import socket, sys, time; s = socket.create_server(('127.0.0.1', 8704)); print(flush=True); time.sleep(1000)"
    there = here.neighbour()
    there.child(serve, THERE, 8080, comm="other")
    told = ["-proto", "tcp", "-host-ip", "127.0.0.1", "-host-port", "8704", "-container-ip", THERE, "-container-port", "80"]
    with subprocess.Popen([program, "-c", text, *told], stdout=subprocess.PIPE) as proxy:
        proxy.stdout.readline()
        with socket.socket() as s:
            here.holds(s.connect_ex((THERE, 80)) != 0, "somebody listens there")
        yield
        proxy.kill()


def conntrack(name):
    return int(Path(f"/proc/sys/net/netfilter/nf_conntrack_{name}").read_text())


TRACKED = """
table ip tracked {
    chain in { type filter hook input priority 0; ct state new accept; }
    chain out { type filter hook output priority 0; ct state new accept; }
}
"""


def talk_to_all(n):
    """UDP to so many ports, each an entry of its own."""
    s = raw_sender()
    for i in range(n):
        s.sendto(udp_packet(HERE, 1024 + i % 60000, THERE, 1 + i // 60000, b"x"), (THERE, 0))
    return s


@fault("NAT01", also=("NAT02",), thresholds={"NAT01.warning": "1%", "NAT01.critical": "90%"})
def table_of_connections_is_nearly_full(here):
    """More than a hundredth of what it may hold, with the limit set low."""
    nft(here, TRACKED)
    here.neighbour()
    wanted = conntrack("max") // 100 + 500
    here.child(talk_to_all, wanted, comm="talker")
    here.until(lambda: conntrack("count") > wanted - 400, "the table does not fill")
    yield
    here.holds(conntrack("count") > conntrack("max") / 100, "entries ended")


def insert_failed():
    lines = Path("/proc/net/stat/nf_conntrack").read_text().splitlines()
    at = lines[0].split().index("insert_failed")
    return sum(int(line.split()[at], 16) for line in lines[1:])


NARROW_NAT = TRACKED + """
table ip narrow {
    chain post { type nat hook postrouting priority 100; ip protocol udp snat to 10.77.0.1:5000-5003; }
}
"""


@fault("NAT02")
def translation_has_no_port_left(here):
    """Address translation to four ports, for twenty flows to one server."""
    nft(here, NARROW_NAT)
    here.neighbour()

    def ask():
        kept = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
        yield
        for _ in every(0.05):
            for s in kept:
                try:
                    s.sendto(b"x", (THERE, 53))
                except OSError:
                    pass

    here.child(ask, comm="resolver")
    before = here.until(insert_failed, "no insertion fails")
    here.until(lambda: insert_failed() > before + 5, "no more insertions fail")
    yield
    before = insert_failed()
    here.until(lambda: insert_failed() > before + 5, "no more insertions fail")
