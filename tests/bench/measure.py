# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Runs programs and tells what that took."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

SLOW_S = 5  # what takes longer runs once


class Late(Exception):
    pass


def _is_late(*_):
    raise Late


signal.signal(signal.SIGALRM, _is_late)


@dataclass(frozen=True)
class Run:
    wall: float
    cpu: float  # user and system, of the program and what it waited for


@dataclass(frozen=True)
class Memory:
    allocations: int
    peak: float  # resident, MiB
    bpf: float  # maps and programs, MiB


def spawn(argv, out, env):
    actions = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    return os.posix_spawn(argv[0], argv, env, file_actions=actions, setpgroup=0)


def stop(pid):
    # It may have ended in the same moment.
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.killpg(pid, signal.SIGKILL)
        os.wait4(pid, 0)


def timed(argv, limit=0, out=None, good=(0,), env=os.environ, beside=None):
    """One run; None when it was stopped at the limit, in seconds. @beside: a process that must end too."""
    sink = os.open(os.devnull, os.O_WRONLY) if out is None else out
    try:
        start = time.perf_counter()
        pid = spawn(argv, sink, env)
    finally:
        if out is None:
            os.close(sink)
    try:
        signal.setitimer(signal.ITIMER_REAL, limit)
        _, status, usage = os.wait4(pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Late:
        stop(pid)
        return None
    except BaseException:
        signal.setitimer(signal.ITIMER_REAL, 0)
        stop(pid)
        raise
    if beside:
        os.close(out)
        beside.wait()
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in good:
        sys.exit(f"{' '.join(argv)}: exit status {os.waitstatus_to_exitcode(status)}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def least(a, b):
    return Run(min(a.wall, b.wall), min(a.cpu, b.cpu))


def in_turns(jobs, rounds, patience, until=float("inf"), budget=float("inf")):
    """The least of each job (argv and the statuses that are good), all in turns, so that a busy moment hits all.

    One that is too slow for more runs once; None for one that would not end. No round starts after @until.
    @budget: seconds for each; what needs more runs twice.
    """
    first = [timed(argv, patience, good=good) for argv, good in jobs]
    best = list(first)
    for done in range(1, rounds):
        if time.monotonic() > until:
            break
        for i, (argv, good) in enumerate(jobs):
            if first[i] and first[i].wall < SLOW_S and (done < 2 or (done + 1) * first[i].wall <= budget):
                best[i] = least(best[i], timed(argv, good=good))
    return best


def counted(argv, counter, good=(0,)):
    """What one run allocated; None when that cannot be known."""
    if not counter.exists():
        return None
    with tempfile.NamedTemporaryFile("r") as file:
        timed(argv, good=good, env={**os.environ, "LD_PRELOAD": str(counter), "BENCH_COUNT": file.name})
        words = file.read().split()
    return Memory(int(words[0]), int(words[1]) / 1024, int(words[2]) / 1024) if len(words) == 3 else None


def output_null(argv, limit):
    return timed(argv, limit)


def output_file(argv, limit):
    with tempfile.TemporaryFile() as file:
        return timed(argv, limit, file.fileno())


def _through_cat(argv, limit, read, write):
    cat = subprocess.Popen([shutil.which("cat")], stdin=read, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(read)
    run = timed(argv, limit, write, beside=cat)
    if run is None:
        os.close(write)
        cat.wait()
    return run


def output_pipe(argv, limit):
    return _through_cat(argv, limit, *os.pipe())


def output_terminal(argv, limit):
    return _through_cat(argv, limit, *os.openpty())


# Where output may go; a pipe and a terminal are read by cat, which must end too.
OUTPUTS = {
    "/dev/null": output_null,
    "a pipe": output_pipe,
    "a file": output_file,
    "a terminal": output_terminal,
}


@contextlib.contextmanager
def priority(is_realtime):
    """Goes before everything else on a busy machine; for root."""
    if not is_realtime:
        yield
        return
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
