# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A terminal for a program: keys go in, and what a terminal would show comes out (by pyte, which emulates one)."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from lib import builds

LIMIT_S = 60
ALONE_S = 0.1  # an escape is a key when nothing follows for half as long
# Bytes that nothing shown may hold; what the terminal is told by is taken out before.
CONTROL = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


class Terminal:
    """
    @argv on a terminal of that size. @answers: what the terminal says when it is asked for its background and status;
    none where it is a dict without them. @speed: bytes a second that it takes, all of them where it is None.
    """

    BACKGROUND, STATUS = b"\033]11;?\033\\", b"\033[5n"

    def __init__(self, argv, columns=80, rows=24, answers=None, speed=None, prefix=(), **env):
        import pyte

        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.answers = {self.BACKGROUND: b"\033]11;rgb:0000/0000/0000\033\\", self.STATUS: b"\033[0n"} if answers is None else answers
        self.speed, self.seen, self.asked = speed, b"", 0
        self.fd, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.resize(columns, rows, tell=False)
        env = builds.environment(**{"LANG": "C.UTF-8", "TERM": "xterm-256color", **env})
        self.process = subprocess.Popen(
            [*prefix, *(os.fspath(a) for a in argv)], stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, env=env,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.theirs)
        if self.fd is not None:
            os.close(self.fd)

    def resize(self, columns, rows, tell=True):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.screen.resize(rows, columns)

    def type(self, *keys):
        for key in keys:
            os.write(self.fd, key.encode() if isinstance(key, str) else key)
            if key == "\033":
                time.sleep(ALONE_S)

    def take(self, wait_s=0.0):
        """Takes what the program has written by now; False: nothing came in that time."""
        if not select.select([self.fd], [], [], wait_s)[0]:
            return False
        try:
            some = os.read(self.fd, 65536 if self.speed is None else max(1, self.speed // 50))
        except OSError:  # nobody has the other end any more
            return False
        if self.speed is not None:
            time.sleep(len(some) / self.speed)
        self.seen += some
        self._answer()
        self.stream.feed(self._known(some))
        return True

    def _answer(self):
        """What is asked is answered in its turn, once."""
        while True:
            found = [(self.seen.find(q, self.asked), q) for q in (self.BACKGROUND, self.STATUS)]
            at, question = min(((i, q) for i, q in found if i >= 0), default=(-1, b""))
            if at < 0:
                return
            self.asked = at + len(question)
            if question in self.answers:
                os.write(self.fd, self.answers[question])

    @staticmethod
    def _known(some):
        """Without what pyte takes for text, and questions, which it would answer."""
        return re.sub(rb"\033\]52;c;[A-Za-z0-9+/=]*\033\\|\033\[5n|\033\[2[23];0;0t", b"", some)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def look(self, y, x):
        """The character there: what it is, its colours, and which of bold, underscore, reverse it has."""
        c = self.screen.buffer[y][x]
        return c.data, c.fg, c.bg, {a for a in ("bold", "underscore", "reverse") if getattr(c, a)}

    def await_text(self, pattern, limit_s=LIMIT_S):
        """The match of @pattern on the screen, as soon as there is one."""
        return self.await_that(lambda: re.search(pattern, self.text(), re.M), pattern, limit_s)

    def await_that(self, condition, what="it", limit_s=LIMIT_S):
        end = time.monotonic() + limit_s
        while True:
            found = condition()
            if found:
                return found
            left = end - time.monotonic()
            assert left > 0, f"{what} did not come to be:\n{self.text()}"
            if not self.take(min(left, 0.5)):
                assert self.process.poll() is None or self.take(0), f"{what}: the program has ended:\n{self.text()}"

    def settle(self, quiet_s=0.3):
        """Takes all that is written until nothing is for so long."""
        while self.take(quiet_s):
            pass

    def wait(self):
        """How it ended, when all that it wrote has been taken."""
        end = time.monotonic() + LIMIT_S
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end:\n{self.text()}"
            self.take(0.05)
        while self.take(0):
            pass
        return self.process.returncode

    def signal(self, number):
        os.kill(self.process.pid, number)

    def state(self):
        """Of the process: R, S, T and so on."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as f:
            return f.read().rpartition(")")[2].split()[0]

    def fill(self, key):
        """Types @key, and takes nothing, until the program has nowhere to write to."""
        last, same, end = -1, 0, time.monotonic() + LIMIT_S
        while same < 5:
            assert time.monotonic() < end
            self.type(key)
            select.select([], [], [], 0.02)
            now = struct.unpack("i", fcntl.ioctl(self.fd, termios.FIONREAD, bytes(4)))[0]
            last, same = now, same + 1 if now == last else 0

    def hang_up(self):
        """As when the window is closed."""
        os.close(self.fd)
        self.fd = None

    def was_left_clean(self):
        """Whether all modes are off that were on, in the order in which they were set, and the line is as it was."""
        modes = {}
        for numbers, end in re.findall(rb"\033\[\?([0-9;]+)([hl])", self.seen):
            for number in numbers.split(b";"):
                modes[int(number)] = end == b"h"
        on = {m for m, is_on in modes.items() if is_on} - {25, 7}
        return not on and modes.get(25, True) and termios.tcgetattr(self.theirs) == self.before

    def controls(self):
        """Control characters among what was shown as text."""
        text = re.sub(rb"\033\][^\007\033]*(\007|\033\\)|\033\[[0-?]*[ -/]*[@-~]\017?|\033[()][A-Z0-9]|\033[=>78]", b"", self.seen)
        return CONTROL.findall(text.decode(errors="replace")) + re.findall("\033", text.decode(errors="replace"))


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
