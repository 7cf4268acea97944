# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What following connections costs those who connect, and whether all of them are told."""

import os
import re
import shutil
import signal
import statistics
import subprocess
import time
from pathlib import Path

from .populations import enter_new
from .tables import ratio, section, verdict

KEPT_AIM = 0.90  # of the rate without
COST_AIM = 0.5  # of what the other tool for lifetimes costs
TCPLIFE = "libbpf-tools"  # Debian's package
BEGIN_S = 10
ROWS = "time,event,direction,local,peer,process,duration,closed.by,closed.how,tcp.bytes_sent,tcp.bytes_received"

COLUMNS = [
    ("program", "meanwhile", "s"),
    ("rate", "connections/s", ",.0f"),
    ("kept", "kept", ".3f"),
    ("aim", "aim", ".2f"),
    ("met", "", "s"),
    ("cpu", "its CPU", ".1%"),
    ("told", "closes told", ",d"),
    ("made", "closes", ",d"),
    ("missing", "lost", "d"),
]


def traced():
    """The words before a program that looks for tracepoints where this machine does not have them mounted."""
    if Path("/sys/kernel/tracing/events").exists():
        return []
    return ["unshare", "-m", "sh", "-c", 'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"', "sh"]


def followers(args):
    """What may run meanwhile: its name, its words, and what a line that tells of a close begins with or has in it."""
    ours = args.ours
    found = [
        ("nothing", None, None),
        ("ours, a line each", [ours, "--events=close", f"--columns={ROWS}"], re.compile(rb"^\S+ +close ", re.M)),
        ("ours, ndjson", [ours, "--events=close", "--ndjson"], re.compile(rb'"event":"close"')),
        ("ours, all events as ndjson", [ours, "--events=all", "--ndjson"], re.compile(rb'"event":"close"')),
        ("ours, counted", [ours, "--events=close", "--every=1", "--by=peer.addr,sum(tcp.bytes_sent)"], None),
    ]
    if not args.only_ours:
        tcplife = shutil.which("tcplife", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if tcplife:
            found.append(("tcplife", [*traced(), tcplife], re.compile(rb"^\d+ +", re.M)))
        for path in {args.newest or args.installed} - {None}:
            found.append(("iproute2's -E", [path, "-E", "-Htn"], re.compile(rb"^UNCONN ", re.M)))
    return found


def has_begun(pid, argv):
    """Once it has attached its programs, or listens."""
    end = time.monotonic() + BEGIN_S
    while time.monotonic() < end:
        names = []
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            try:
                names.append(os.readlink(fd))
            except FileNotFoundError:
                pass
        if any("bpf_link" in n or "perf_event" in n for n in names) or "-E" in argv and sum("socket:" in n for n in names):
            return
        time.sleep(0.05)
    raise SystemExit(f"bench: {argv[0]} did not begin")


def one(args, argv, out):
    """The rate while @argv, if any, writes to @out; the connections; its CPU as a share of one."""
    proc = None
    if argv:
        out.truncate(0)
        out.seek(0)
        proc = subprocess.Popen(argv, stdout=out, stderr=subprocess.DEVNULL)
        has_begun(proc.pid, argv)
        time.sleep(0.5)
    said = subprocess.run([str(args.tools / "bench-short"), str(args.churners), str(args.seconds)],
                          capture_output=True, text=True, check=True).stdout.split()  # fmt: skip
    cpu = None
    if proc:
        time.sleep(0.2)
        words = Path(f"/proc/{proc.pid}/stat").read_text().rpartition(")")[2].split()
        cpu = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") / float(said[1])
        proc.send_signal(signal.SIGINT)
        proc.wait(60)
    return int(said[0]) / float(said[1]), int(said[0]), cpu


def sections(args, programs):
    sec = section(f"short connections on the loopback device by {args.churners} processes, {args.seconds} s each time", COLUMNS)
    jobs = followers(args)
    runs = {name: [] for name, *_ in jobs}
    enter_new(args.table)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path("/proc/sys/net/ipv4/tcp_max_tw_buckets").write_text("2000\n")  # so that the first are as cheap as the last
    with open("/dev/shm/bench-events", "w+b") as out:
        os.unlink(out.name)
        for _ in range(args.rounds):
            for name, argv, close in jobs:
                rate, n, cpu = one(args, argv, out)
                out.seek(0)
                told = len(close.findall(out.read())) if close else None
                runs[name].append((rate, n, cpu, told))
    plain = [r[0] for r in runs["nothing"]]
    kept = {name: statistics.median(r[0] / p for r, p in zip(runs[name], plain)) for name in runs}
    for name, argv, close in jobs:
        row = {"program": name, "rate": statistics.median(r[0] for r in runs[name]), "kept": kept[name] if argv else None}
        if argv:
            row["cpu"] = statistics.median(r[2] for r in runs[name])
        if close:
            row["told"], row["made"] = sum(r[3] for r in runs[name]), sum(2 * r[1] for r in runs[name])
            if name.startswith("ours"):  # others tell of other namespaces, too
                row["missing"] = row["made"] - row["told"]
        if name == "ours, a line each":
            row["aim"], row["met"] = KEPT_AIM, verdict(KEPT_AIM, row["kept"])
        sec["rows"].append(row)
    if "tcplife" in kept:
        share = ratio(1 - kept["ours, a line each"], 1 - kept["tcplife"])
        sec["notes"].append(f"A line each costs {share:.2f} of what tcplife costs; the aim is {COST_AIM}: {verdict(share, COST_AIM)}.")
    elif not args.only_ours:
        sec["notes"].append(f"There is no tcplife to compare with, which Debian has in {TCPLIFE}.")
    sec["notes"].append("In turns; medians, of what is kept that of the ratios of neighbours. Output goes to a file in memory.")
    yield sec
