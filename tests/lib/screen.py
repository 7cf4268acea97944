# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A program on a terminal of its own, and what is to be seen there."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading

from lib import builds

LIMIT_S = 60


def show(argv, columns=80, rows=24, run=subprocess.Popen, **env):
    """What @argv writes, standard error too, on a terminal of that size; 0 columns: one that does not know."""
    seen, status = follow(argv, columns=columns, rows=rows, run=run, **env)
    assert status >= 0 and status != 99, seen
    return seen


def follow(argv, until=None, then=None, columns=80, rows=24, run=subprocess.Popen, **env):
    """The same, and how it ended; @then is called with its pid, once, as soon as a match of @until was written."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    env = builds.environment(LANG="C.UTF-8", **{"TERM": "xterm", **env})
    program = run([os.fspath(a) for a in argv], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    limit = threading.Timer(LIMIT_S, program.kill)
    limit.start()
    seen = b""
    try:
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # nobody has the other end any more
                break
            if not some:
                break
            seen += some
            if until and re.search(until, seen.decode(errors="replace")):
                until = None
                then(program.pid)
    finally:
        os.close(ours)
        status = program.wait()
        limit.cancel()
    return seen.decode(errors="replace").replace("\r\n", "\n"), status


def widths(text):
    """Cells of each line; a tab goes to the next multiple of eight."""
    return [len(line.expandtabs(8)) for line in text.splitlines()]
