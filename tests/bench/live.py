# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What --live costs on a terminal that is read at once: each second, until the first screen, from key to screen, in bytes and
in memory; beside it htop with as many rows, and `watch -n1 ss -tanp`. What rows and the selection do in a minute.

The terminal here only counts, but for where rows are looked at: what it takes is not part of the figures.
"""

import contextlib
import os
import re
import select
import shutil
import subprocess
import sys
import time

from . import measure
from .commands import INFO
from .populations import made, of_size
from .tables import ratio, section

SIZES = [10_000, 100_000]
SECONDS, KEYS, COLUMNS_ROWS = 10, 100, (120, 40)
FLOWS, WATCHED_S = 1_000, 60
PROCESSES_MAX = 2_000  # for htop: each of more is memory, and load by itself
FIRST_AIM, KEY_AIM, CPU_AIM, FRAME_AIM = {10_000: 0.15, 100_000: 0.4}, 0.05, 3, 6_000
STATUS, BACKGROUND = b"\033[5n", b"\033]11;?\033\\"

COSTS = [
    ("what", "program", "s"),
    ("sockets", "rows", ",d"),
    ("drain", "drain, user+sys, s", ".4f"),
    ("cpu", "each second, user+sys, s", ".4f"),
    ("cpu_ratio", "/ drain's", ".2f"),
    ("first", "first rows, s", ".3f"),
    ("first_aim", "aimed at", ".2f"),
    ("key", "key to screen, p99, s", ".4f"),
    ("bytes", "bytes a second", ".0f"),
    ("memory", "resident, MiB", ".1f"),
]
STILL = [
    ("what", "flows", "s"),
    ("seconds", "seconds", "d"),
    ("frames", "screens", "d"),
    ("bytes", "bytes a screen", ".0f"),
    ("swaps", "rows that swapped", "d"),
    ("jumps", "selections that jumped", "d"),
]


class Screen:
    """A program on a terminal of which all is taken as it comes."""

    def __init__(self, argv, **env):
        from lib.terminal import Terminal

        self.t = Terminal(argv, *COLUMNS_ROWS, **env)
        self.t.stream.feed = self._feed  # nobody looks
        self.start = time.monotonic()

    def _feed(self, _some):
        pass

    def until(self, pattern, limit_s=60):
        """Seconds from the start until that was written."""
        while not re.search(pattern, self.t.seen):
            if time.monotonic() - self.start > limit_s or not self.t.take(1) and self.t.process.poll() is not None:
                return None
        return time.monotonic() - self.start

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.t.take(left)

    def cpu(self):
        """Of the program, and of what it has started and waited for."""
        with open(f"/proc/{self.t.process.pid}/stat", encoding="utf-8") as f:
            fields = f.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        with open(f"/proc/{self.t.process.pid}/status", encoding="utf-8") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024

    def key(self, key):
        """Seconds until something is written, when nothing was before."""
        while self.t.take(0):
            pass
        start = time.monotonic()
        self.t.type(key)
        self.t.take(5)
        return time.monotonic() - start


def steadily(screen):
    """Processor time and bytes of a second."""
    screen.drain(2)
    cpu, written, start = screen.cpu(), len(screen.t.seen), time.monotonic()
    screen.drain(SECONDS)
    passed = time.monotonic() - start
    return (screen.cpu() - cpu) / passed, (len(screen.t.seen) - written) / passed


def cost(argv, keys, first, **env):
    row = {}
    screen = Screen(argv, **env)
    with screen.t:
        row["first"] = screen.until(first)
        row["cpu"], row["bytes"] = steadily(screen)
        row["memory"] = screen.resident()
        if keys:
            screen.t.type(*[keys[0]] * 3)  # so that each of them has an effect
            screen.drain(0.5)
            took = []
            for i in range(KEYS):
                took.append(screen.key(keys[i % len(keys)]))
                screen.drain(0.037)  # not in step with the samples
            row["key"] = sorted(took)[int(len(took) * 0.99) - 1]
    return row


@contextlib.contextmanager
def sleepers(n):
    """As many processes as htop is to show."""
    here = subprocess.Popen([sys.executable, "-c", f"""
import os, signal, sys
pids = []
for _ in range({n}):
    pid = os.fork()
    if not pid:
        signal.pause()
    pids.append(pid)
print("ready", flush=True)
sys.stdin.read()
for pid in pids:
    os.kill(pid, 9)
"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    here.stdout.readline()
    try:
        yield
    finally:
        here.stdin.close()
        here.wait()


def costs(args, programs):
    ours = programs.ours[0].path
    sec = section("`--live`, a terminal of 120 x 40", COSTS)
    for sockets in [args.sockets] if args.sockets_given else SIZES:
        with made(args, of_size("tcp", sockets, args.processes)), measure.priority(args.realtime):
            drain = measure.in_turns([([programs.drain.path, f"tcp:{INFO}"], (0,))], args.rounds, args.patience)[0].cpu
            lines = [("ss --live -tan", [ours, "--live", "-tan"], ["j", "k"], rb"established|listening|time-wait")]
            watch = shutil.which("watch")
            if watch and args.installed and sockets <= 10_000:
                argv = [watch, "-n1", args.installed, "-tanp"]
                lines.append(("watch -n1 ss -tanp", argv, None, rb"ESTAB|LISTEN|TIME-WAIT"))
            for what, argv, keys, first in lines:
                print(f"bench: {what}, {sockets}", file=sys.stderr)
                row = {"what": what, "sockets": sockets, "drain": drain, "first_aim": FIRST_AIM.get(sockets), **cost(argv, keys, first)}
                row["cpu_ratio"] = ratio(row["cpu"], drain)
                sec["rows"].append(row)
    if shutil.which("htop"):
        count = min(args.sockets if args.sockets_given else SIZES[0], PROCESSES_MAX)
        with sleepers(count):
            row = {"what": "htop -d 10", "sockets": count, **cost([shutil.which("htop"), "-d", "10"], ["\033OB", "\033OA"], rb"PID")}
            sec["rows"].append(row)
    return sec


FLOWS_TEXT = """
import os, random, select, socket, sys, time
l = socket.create_server(("127.0.0.1", 5000), backlog=4096)
pairs = []
for _ in range({n}):
    a = socket.create_connection(("127.0.0.1", 5000))
    pairs.append((a, l.accept()[0]))
print("ready", flush=True)
r = random.Random(1)
while not select.select([sys.stdin], [], [], 0)[0]:
    start = time.monotonic()
    for a, b in pairs:
        a.send(bytes(r.randrange(900, 1100)))
        b.recv(4096)
    time.sleep(max(0, 0.1 - (time.monotonic() - start)))
"""


def stillness(args, programs):
    """Flows whose rates differ by some percent: how often a row overtakes another, and the selection another socket."""
    from lib.terminal import Terminal

    sec = section("Stillness", STILL)
    seconds = min(WATCHED_S, args.seconds if args.seconds != 10 else WATCHED_S)
    place = ["unshare", "-n", "sh", "-c", 'ip link set lo up; ulimit -n 8192; exec "$@"', "sh"]
    make = [sys.executable, "-c", FLOWS_TEXT.format(n=FLOWS)]
    traffic = subprocess.Popen([*place, *make], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        traffic.stdout.readline()
        words = ["-tn", "--columns=local.port,tcp.bytes_sent_rate,tcp.rtt", "--sort=-tcp.bytes_sent_rate", "dport = 5000"]
        argv = ["nsenter", f"--net=/proc/{traffic.pid}/ns/net", programs.ours[0].path, "--live", *words]
        with Terminal(argv, *COLUMNS_ROWS) as t:
            t.await_text(r"^\W*\d{4,5}\s")
            time.sleep(4)
            t.type("jjjjj")
            t.settle()
            last, chosen, row = rows(t), picked(t), {"what": f"{FLOWS:,} similar", "seconds": seconds, "frames": 0, "swaps": 0, "jumps": 0}
            end, written = time.monotonic() + seconds, len(t.seen)
            while time.monotonic() < end:
                if not t.take(1):
                    continue
                t.settle(0.05)
                now, marked = rows(t), picked(t)
                row["frames"] += 1
                row["swaps"] += swaps(last, now)
                row["jumps"] += marked is not None and marked != chosen
                last = now
            row["bytes"] = (len(t.seen) - written) / max(row["frames"], 1)
            sec["rows"].append(row)
    finally:
        traffic.stdin.close()
        traffic.kill()
        traffic.wait()
    return sec


def rows(t):
    return [m[1] for line in t.lines() if (m := re.match(r"\W*(\d{4,5})\s+\S", line))]


def picked(t):
    for y, line in enumerate(t.lines()):
        m = re.match(r"\W*(\d{4,5})\s+\S", line)
        if m and "reverse" in t.look(y, m.start(1))[3]:
            return m[1]
    return None


def swaps(before, after):
    """Rows that are at another place among those that both have."""
    both = set(before) & set(after)
    return sum(a != b for a, b in zip([p for p in before if p in both], [p for p in after if p in both]))


def sections(args, programs):
    yield costs(args, programs)
    yield stillness(args, programs)
