# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""No test waits for ever: every test and every program that one runs has a time limit.

A test that comes to its limit fails, and tells where each thread was and what it was waiting for. One that
needs longer says so: @pytest.mark.limit(seconds). $SOCKEYE_TEST_LIMIT_S is for slow machines.
"""

import contextlib
import faulthandler
import os
import signal
import subprocess
import sys
import threading

import pytest

TEST_S = float(os.environ.get("SOCKEYE_TEST_LIMIT_S", 600))
PROGRAM_S = TEST_S / 2  # so that a program that hangs is told by its own name
GRACE_S = 60  # for a test that does not even hear the alarm; then the whole run ends


class Popen(subprocess.Popen):
    """Waits no longer than the limit where no other is given."""

    def communicate(self, input=None, timeout=None):
        return super().communicate(input, PROGRAM_S if timeout is None else timeout)

    def wait(self, timeout=None):
        return super().wait(PROGRAM_S if timeout is None else timeout)


def children():
    """What was started from here and has not ended, as text."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline", "rb") as line:
                if int(stat.read().rpartition(")")[2].split()[1]) == os.getpid():
                    found.append(f"{pid}: " + line.read().replace(b"\0", b" ").decode(errors="replace")[:300])
    return "".join(f"\nchild {c}" for c in found)


@contextlib.contextmanager
def limited(what, seconds):
    """Fails what is done within it when it takes longer."""

    def ring(*_):
        with contextlib.suppress(Exception):  # what is captured may be no file
            faulthandler.dump_traceback(sys.stderr)
        pytest.fail(f"{what} took longer than {seconds:g} s{children()}")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Whoever starts one: subprocess.run() and check_output() go through this too. Not before a test runs, so not where
    # xdist keeps its workers.
    subprocess.Popen = Popen
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + GRACE_S, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def seconds_for(item):
    mark = item.get_closest_marker("limit")
    return mark.args[0] if mark else TEST_S
