# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What tests fetch from Debian's mirror when this machine lacks it; SOCKEYE_REFERENCE_FETCH=0 stays offline."""

import fcntl
import os
import subprocess
import time
from pathlib import Path

FETCH_S, RETRY_S = 300, 3600


def cache_dir(name):
    """Where what is called @name stays from run to run, also when build folders go."""
    return Path.home() / ".cache/sockeye" / name


def fetch(folder, command, is_there):
    """Runs @command, which is to put something into @folder, unless it @is_there.

    One fetch for all workers of a run; one that failed is not tried again for an hour.
    """
    if is_there() or os.environ.get("SOCKEYE_REFERENCE_FETCH") == "0":
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "fetch.log", "a+b") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            if is_there() or (log.tell() and time.time() - os.fstat(log.fileno()).st_mtime < RETRY_S):
                return
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=FETCH_S)
    except (OSError, subprocess.TimeoutExpired):
        return
