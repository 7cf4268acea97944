# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What the names of units and containers cost beside a list, on a host of many containers. For root, where there is cgroup2."""

import contextlib
import json
import os
import time

from . import measure
from .populations import call, enter_new, holding, of_size
from .tables import ratio, section

CONTAINERS = 100
AIM = 1.15
PLAIN = "netid,state,recvq,sendq,local,peer"
# What is added to the columns, and to what it is compared.
LINES = [
    ("unit,container", ""),
    ("process", ""),
    ("unit,container,process", "process"),
    ("unit,container,process", ""),
]
SOURCES = ["netlink", "bpf"]
NEWNS, PRIVATE = 0x20000, 0x4000 | 0x40000  # MS_REC | MS_PRIVATE
STATE = "/var/lib/docker"

COLUMNS = [
    ("with", "columns more", "s"),
    ("without", "against", "s"),
    ("source", "source", "s"),
    ("cpu", "user+sys, s", ".3f"),
    ("cpu_ratio", "ratio", ".2f"),
    ("wall", "wall, s", ".3f"),
    ("wall_ratio", "ratio", ".2f"),
    ("aim", "aimed at", ".2f"),
]


def tree():
    """Where cgroup2 is mounted."""
    with open("/proc/self/mounts") as mounts:
        found = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    if not found:
        raise SystemExit("bench: --owners needs a mounted cgroup2")
    return found[0]


def enter(folder):
    with open(f"{folder}/cgroup.procs", "w") as file:
        file.write("0")


def keep_state(ids):
    """What docker keeps of its containers, seen by this process and those it starts only."""
    call("unshare", NEWNS)
    call("mount", None, b"/", None, PRIVATE, None)
    os.makedirs(STATE, exist_ok=True)
    call("mount", b"none", STATE.encode(), b"tmpfs", 0, None)
    for i, name in enumerate(ids):
        os.makedirs(f"{STATE}/containers/{name}")
        with open(f"{STATE}/containers/{name}/config.v2.json", "w") as file:
            json.dump({"ID": name, "Name": f"/web-{i}", "State": {"Running": True}}, file)


def remove(folder):
    """A cgroup is busy until the kernel has seen its last process off."""
    for _ in range(50):
        try:
            os.rmdir(folder)
            return
        except OSError:
            time.sleep(0.1)


@contextlib.contextmanager
def hosted(args, sockets):
    """@sockets TCP sockets of containers of docker's, each a process in its own cgroup."""
    top = f"{tree()}/bench-{os.getpid()}.slice"
    ids = [f"{os.getpid():032x}{i:032x}" for i in range(CONTAINERS)]
    enter_new(args.table)
    keep_state(ids)
    with contextlib.ExitStack() as parts:
        os.mkdir(top)
        parts.callback(remove, top)
        for i, name in enumerate(ids):
            folder = f"{top}/docker-{name}.scope"
            os.mkdir(folder)
            parts.callback(remove, folder)
            enter(folder)
            try:
                parts.enter_context(holding(args.tools, of_size("tcp", sockets // CONTAINERS, 1), i))
            finally:
                enter(tree())
        yield


def sections(args, programs):
    ours = programs.ours[0].path
    with hosted(args, args.sockets), measure.priority(args.realtime):
        sec = section(f"`--columns=`..., {args.sockets:,} TCP sockets of {CONTAINERS} containers", COLUMNS)
        asked = dict.fromkeys(["", *(more for more, _ in LINES)])
        for source in SOURCES:
            jobs = [([ours, "-tan", f"--source={source}", f"--columns={PLAIN}{',' * bool(more)}{more}"], (0,)) for more in asked]
            runs = dict(zip(asked, measure.in_turns(jobs, args.rounds, args.patience)))
            for more, less in LINES:
                sec["rows"].append({
                    "with": more, "without": less or "none of them", "source": source, "cpu": runs[more].cpu, "wall": runs[more].wall,
                    "cpu_ratio": ratio(runs[more].cpu, runs[less].cpu), "wall_ratio": ratio(runs[more].wall, runs[less].wall),
                    "aim": AIM if more.startswith("unit") else None,
                })  # fmt: skip
        yield sec
