# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A program on a terminal of its own, and what is to be seen there."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading

from lib import builds

LIMIT_S = 60


def show(argv, columns=80, rows=24, run=subprocess.Popen, **env):
    """What @argv writes, standard error too, on a terminal of that size; 0 columns: one that does not know."""
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
    finally:
        os.close(ours)
        status = program.wait()
        limit.cancel()
    assert status >= 0 and status != 99, seen.decode(errors="replace")
    return seen.decode().replace("\r\n", "\n")


def widths(text):
    """Cells of each line; a tab goes to the next multiple of eight."""
    return [len(line.expandtabs(8)) for line in text.splitlines()]
