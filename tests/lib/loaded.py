# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The program that is tested, loaded once and run often: what tests/live/loaded.c is told, and what it answers.

A run is a process of its own, with the descriptors, variables, namespaces and user that it would have had. What it does not
have is a start of its own, which is most of what a short run costs: whatever sets the loader, limits or the terminal starts
the program itself.
"""

import array
import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import time

from lib import builds

BYTES_MAX, WORDS_MAX = 1 << 16, 4000
NUMBER = struct.Struct("=i")


class Loaded:
    def __init__(self, program):
        self.program = program
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.proc = subprocess.Popen([program, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                                         env=builds.environment(leaks=True), cwd="/")  # fmt: skip
        self.ours.set_inheritable(False)

    def end(self):
        """Another one is loaded for the next run."""
        self.ours.close()
        self.proc.wait()
        LOADED.pop(self.program, None)

    def ask(self, words, fds):
        self.ours.sendmsg([words], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])

    def told(self):
        (number,) = NUMBER.unpack(self.ours.recv(NUMBER.size))
        return number

    def run(self, words, stdin, data, timeout):
        """Status, output and errors of a run. @stdin: a descriptor, or None where it reads @data."""
        ends = [os.pipe() for _ in range(2 + (stdin is None))]
        read = [r for r, _ in ends[:2]]
        theirs = [ends[2][0] if stdin is None else stdin, ends[0][1], ends[1][1]]
        writing = ends[2][1] if stdin is None else None
        child = None
        try:
            self.ask(words, theirs)
            for _, w in ends[:2]:
                os.close(w)
            if stdin is None:
                os.close(theirs[0])
            child = self.told()
            out = self.talk(read, writing, data, timeout)
            return os.waitstatus_to_exitcode(self.told()), *out
        except BaseException:  # a time limit, wherever it comes: what would be told next is about this run
            if child:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            self.end()
            raise
        finally:
            for r in read:
                os.close(r)

    @staticmethod
    def talk(read, writing, data, timeout):
        """What comes from both, until both ended."""
        got = {fd: [] for fd in read}
        poll, end = select.poll(), time.monotonic() + timeout
        for fd in read:
            poll.register(fd, select.POLLIN)
        if writing is not None:
            os.set_blocking(writing, False)
            poll.register(writing, select.POLLOUT)
        left = set(read)
        while left or writing is not None:
            ready = poll.poll(max(0, end - time.monotonic()) * 1000)
            if not ready:
                raise subprocess.TimeoutExpired("ss", timeout)
            for fd, _ in ready:
                if fd == writing:
                    try:
                        data = data[os.write(fd, data[:65536]) :] if data else data
                    except BrokenPipeError:
                        data = b""
                    if not data:
                        poll.unregister(fd)
                        os.close(fd)
                        writing = None
                    continue
                chunk = os.read(fd, 65536)
                if chunk:
                    got[fd].append(chunk)
                else:
                    poll.unregister(fd)
                    left.discard(fd)
        return [b"".join(got[fd]) for fd in read]


LOADED = {}  # of this process: none is loaded before xdist has its workers


def of(program):
    found = program.parent / "tests/live/loaded" / program.name
    if found not in LOADED and found.exists():
        LOADED[found] = Loaded(found)
    return LOADED.get(found)


COPIES = {}  # of the program, for users who may not look into the build: the one loaded is the same


def find(program):
    """None where @program is none that is tested."""
    program = COPIES.get(program, program)
    build = next((b for b in builds.all_builds() if b.ss == program), None)
    return of(build.ss) if build else None


def words(environment, argv, where):
    """The message, or None where it has to be a start of its own."""
    if any(name.startswith("LD_") for name in environment) or environment["ASAN_OPTIONS"] != builds.environment()["ASAN_OPTIONS"]:
        return None
    parts = [str(int(builds.looks_for_leaks())), *where, str(len(environment)), *(f"{k}={v}" for k, v in environment.items()), *argv]
    made = b"".join(os.fsencode(p) + b"\0" for p in parts)
    return made if len(made) < BYTES_MAX and len(parts) < WORDS_MAX else None
