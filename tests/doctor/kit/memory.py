# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Memory of the whole machine, and of a control group."""

import os
import time
from pathlib import Path

from doctor.case import fault
from doctor.place import Unavailable
from doctor.sockets import dial, listen


def fill(port, n, size):
    """Connections to ourselves with so many bytes each that nobody reads."""
    s = listen(port=port, backlog=n, rcvbuf=4 * size)
    kept = []
    for _ in range(n):
        kept += [dial("127.0.0.1", port, sndbuf=4 * size), s.accept()[0]]
        kept[-2].setblocking(False)
        try:
            for _ in range(size // 65536):
                kept[-2].send(b"x" * 65536)
        except BlockingIOError:
            pass
    return s, kept


def tcp_pages(here):
    words = Path("/proc/net/sockstat").read_text().split("TCP:", 1)[1].split("\n")[0].split()
    return int(words[words.index("mem") + 1])


@fault("MEM01", thresholds={"MEM01.critical": "1%"}, from_outside=True)
def tcp_memory_is_used_up(here):
    """128 MB that nobody reads, with the limit set low: it is that of the whole machine."""
    most = int(here.global_sysctl("net.ipv4.tcp_mem").split()[2])
    here.child(fill, 8601, 32, 4 << 20, comm="hoarder")
    here.until(lambda: tcp_pages(here) >= 0.01 * most, f"less than a hundredth of {most} pages")
    yield
    here.holds(tcp_pages(here) >= 0.01 * most, "it became less")


@fault("MEM05", also=("MEM04", "BUF05"))
def control_group_is_full_of_sockets(here):
    """A control group whose memory is mostly that of its sockets."""
    root = Path("/sys/fs/cgroup")
    if "memory" not in (root / "cgroup.controllers").read_text() if (root / "cgroup.controllers").exists() else True:
        raise Unavailable("no memory controller of cgroup 2")
    group = root / f"sockeye-doctor-{os.getpid()}-{time.monotonic_ns()}"
    try:
        (root / "cgroup.subtree_control").write_text("+memory")
        group.mkdir()
        (group / "memory.max").write_text(str(32 << 20))
    except OSError as e:
        raise Unavailable(f"no control group can be made: {e}") from None
    try:

        def hoard():
            (group / "cgroup.procs").write_text("0")
            return fill(8605, 8, 4 << 20)

        here.child(hoard, comm="hoarder")

        def used():
            words = (group / "memory.stat").read_text().split()
            return int(words[words.index("sock") + 1])

        here.until(lambda: used() >= 0.8 * (32 << 20), "its sockets do not take 80 %")
        yield
    finally:
        (root / "cgroup.kill").exists() and (group / "cgroup.kill").write_text("1")
        group.rmdir()
