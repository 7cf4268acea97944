# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What it costs to list every one of many network namespaces: a run in each, against one for all.

They share one TCP table, in which a namespace more has most of the sockets: whoever lists a namespace over netlink
makes the kernel step over all of them.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from . import measure
from .commands import TAN, Command
from .populations import NEWNET, Population, call, enter_namespace, holding, of_size
from .tables import ratio, section, verdict

SPACES = 100
IN_EACH = 10
ROUNDS = 3
SOURCES = [None, "netlink", "bpf"]  # /proc takes minutes
ALL = Command(("-tan", "--all-netns"), is_ours=True)
ALL_BY_STATE = Command((*ALL.words, "--by=netns,state"), is_ours=True)
AIM_S, AIM_SOCKETS = 0.5, 1000000  # processor time, for so many

COLUMNS = [
    ("program", "program", "s"),
    ("command", "command", "s"),
    ("runs", "runs", "d"),
    ("wall", "wall, s", ".3f"),
    ("cpu", "user+sys, s", ".3f"),
    ("aim", "aim", ".1f"),
    ("met", "", "s"),
    ("to_each", "user+sys / that of the first", ".3f"),
]


@dataclass(frozen=True)
class Job:
    program: str
    command: Command
    argv: list
    spaces: tuple  # descriptors of the namespaces to run in


def parent_of(folder):
    with contextlib.suppress(OSError):
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    return 0


@contextlib.contextmanager
def spaces_of(factory):
    """Descriptors of the network namespaces that the children of this process have."""
    folders = [p for p in Path("/proc").iterdir() if p.name.isdigit() and parent_of(p) == factory]
    found = tuple(os.open(p / "ns/net", os.O_RDONLY | os.O_CLOEXEC) for p in folders)
    try:
        if len({os.fstat(fd).st_ino for fd in found}) != SPACES:
            raise SystemExit(f"bench: {len(found)} processes, not one in each of {SPACES} network namespaces")
        yield found
    finally:
        for fd in found:
            os.close(fd)


def run_in(job, limit):
    """One run in each of the namespaces; the sum, or None when one was stopped at the limit."""
    wall = cpu = 0
    for fd in job.spaces:
        call("setns", fd, NEWNET)
        run = measure.timed(job.argv, limit)
        if not run:
            return None
        wall, cpu = wall + run.wall, cpu + run.cpu
    return measure.Run(wall, cpu)


def all_in_turns(args, jobs):
    """The least of each job; what is slow runs once."""
    best = [run_in(job, args.patience) for job in jobs]
    for _ in range(min(args.rounds, ROUNDS) - 1):
        for i, job in enumerate(jobs):
            again = run_in(job, args.patience) if best[i] and best[i].wall < measure.SLOW_S else None
            best[i] = measure.least(best[i], again) if again else best[i]
    return best


def jobs_of(programs, spaces, here):
    """A run of each program in each namespace, then of ours for all; nothing where it does not know how."""
    everyone = [*programs.theirs, *(p for p in programs.ours if p.source in SOURCES)]
    jobs = [Job(p.name, TAN, p.argv(TAN), spaces) for p in everyone]
    for command in (ALL, ALL_BY_STATE):
        jobs += [Job(p.name, command, argv, (here,)) for p, argv in programs.doing(command) if argv and p in everyone]
    return jobs


def refused(programs):
    """By command why ours, as it decides for itself, does not know it; asked before there are sockets."""
    reasons = {}
    for command in (ALL, ALL_BY_STATE):
        programs.doing(command)
        reasons[str(command)] = programs.refusals[programs.ours[0].name, command.words]
    return {command: why for command, why in reasons.items() if why}


def sections(args, programs):
    title = f"{SPACES} network namespaces of {IN_EACH} TCP sockets and one of {args.sockets:,}, in one table"
    sec = section(title, COLUMNS)
    skipped = refused(programs)
    enter_namespace()
    with contextlib.ExitStack() as there:
        few = there.enter_context(holding(args.tools, Population("spaces", SPACES * IN_EACH, SPACES, SPACES)))
        spaces = there.enter_context(spaces_of(few.pid))
        enter_namespace()
        here = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there.callback(os.close, here)
        there.callback(call, "setns", here, NEWNET)
        there.enter_context(holding(args.tools, of_size("tcp", args.sockets, args.processes)))
        jobs = jobs_of(programs, spaces, here)
        with measure.priority(args.realtime):
            took = all_in_turns(args, jobs)
    for job, run in zip(jobs, took):
        row = {"command": f"`{job.command}`", "program": job.program, "runs": len(job.spaces)}
        if run:
            row.update(wall=run.wall, cpu=run.cpu, to_each=ratio(run.cpu, took[0].cpu if took[0] else None))
            if job.command is not TAN and args.sockets >= AIM_SOCKETS:
                row.update(aim=AIM_S, met=verdict(run.cpu, AIM_S))
        else:
            row["wall"] = f"> {args.patience}"
        sec["rows"].append(row)
    for command, why in skipped.items():
        sec["rows"].append({"command": f"`{command}`", "program": "ours", "wall": "skipped"})
        sec["notes"].append(f"`{command}` is skipped: {why}.")
    yield sec
