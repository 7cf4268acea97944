# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A network namespace of its own with the socket factory in it.

The factory is the process that holds the namespaces; commands enter them by its number. Nothing of
the host is touched: addresses, mounts and sockets are gone when the factory ends.
"""

import contextlib
import functools
import json
import os
import select
import shutil
import subprocess
import sys
import time
import unittest
from dataclasses import dataclass, field
from pathlib import Path

from lib import loaded
from lib.builds import environment, find_tool

DEADLINE_S = 60

HOSTS = """\
127.0.0.1 localhost
::1 localhost ip6-localhost
192.168.1.10 client.example
192.168.1.100 server.example
"""

# The name server is an address without a route: a lookup fails at once and sends nothing.
RESOLV = "nameserver 203.0.113.1\noptions timeout:1 attempts:1\n"

# The tables of TCP and UDP are the machine's, of some 100,000 places, all of which a list passes; but for who asked for others.
SMALL_TABLES = r"""
if [ "$(cat /proc/sys/net/ipv4/tcp_child_ehash_entries 2>/dev/null)" = 0 ] &&
	{ echo 1024 >/proc/sys/net/ipv4/tcp_child_ehash_entries; } 2>/dev/null
then
	exec unshare -n sh -c "$@"
fi
exec sh -c "$@"
"""

SETUP = r"""
set -e
dir=$1; shift
ip link set lo up
ip addr add 192.168.1.10/24 dev lo
ip addr add 192.168.1.100/32 dev lo
if ip mptcp limits set subflow 2 add_addr_accepted 2 2>/dev/null &&
	ip mptcp endpoint add 127.0.0.2 subflow 2>/dev/null
then
	echo 1 >"$dir/mptcp-endpoints"
fi
mount --bind "$dir/hosts" /etc/hosts
mount --bind "$dir/resolv.conf" /etc/resolv.conf
exec "$@"
"""


class Unavailable(unittest.SkipTest):
    """This machine or user cannot make what is needed; the text says why. pytest skips a test that raises it."""


@dataclass
class Result:
    argv: list
    status: int
    out: bytes
    err: bytes

    @property
    def lines(self):
        return self.out.decode("utf-8", "surrogateescape").splitlines()


@dataclass
class Made:
    """One socket as the factory told it; byte strings are Latin-1 text."""

    data: dict

    def __getattr__(self, name):
        try:
            return self.data[name]
        except KeyError:
            raise AttributeError(f"the factory did not tell {name} of {self.data}") from None

    def get(self, name, default=None):
        return self.data.get(name, default)

    def bytes(self, name):
        return self.data[name].encode("latin-1")


@functools.cache
def namespace_flags():
    """Arguments of unshare with which this user can have a network namespace."""
    for flags in (["-n", "-m"], ["-U", "-r", "-n", "-m"]):
        probe = ["unshare", *flags, "ip", "link", "set", "lo", "up"]
        if not shutil.which("unshare") or not shutil.which("ip"):
            raise Unavailable("unshare and ip are needed for a network namespace")
        done = subprocess.run(probe, capture_output=True, text=True, timeout=DEADLINE_S)
        if done.returncode == 0:
            return flags
        why = done.stderr.strip()
    raise Unavailable(f"no network namespace for this user: {why}")


@dataclass
class Net:
    mksock: Path
    dir: Path
    scenarios: list
    flags: list = field(default_factory=namespace_flags)
    made: list = field(default_factory=list)
    skipped: dict = field(default_factory=dict)
    proc: subprocess.Popen = None
    born: float = 0.0
    has_small_tables: bool = True  # of its own; else they are those of the machine, as in most namespaces

    @property
    def has_real_root(self):
        return "-U" not in self.flags

    def start(self):
        self.dir.mkdir(parents=True, exist_ok=True)
        sockets = self.dir / f"s{time.monotonic_ns()}"
        sockets.mkdir()
        sockets.chmod(0o777)
        (sockets / "hosts").write_text(HOSTS)
        (sockets / "resolv.conf").write_text(RESOLV)
        small = [SMALL_TABLES, "sh"] if self.has_small_tables else []
        argv = ["unshare", *self.flags, "sh", "-c", *small, SETUP, "sh", str(sockets)]
        argv += [str(self.mksock), "-d", str(sockets), *self.scenarios]
        self.proc = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        )
        self.made, self.skipped = [], {}
        self._read_report()
        self.born = time.monotonic()
        return self

    def _read_report(self):
        data = b""
        while not data.endswith(b"ready\n"):
            if not select.select([self.proc.stdout], [], [], DEADLINE_S)[0]:
                self.stop()
                raise RuntimeError("the socket factory did not get ready")
            chunk = os.read(self.proc.stdout.fileno(), 65536)
            if not chunk:
                raise RuntimeError("the socket factory failed: " + self.proc.stderr.read().decode())
            data += chunk
        for line in data.decode().splitlines()[:-1]:
            told = json.loads(line)
            if "skip" in told:
                self.skipped[told["skip"]] = told["why"]
            else:
                self.made.append(Made(told))

    def stop(self):
        if self.proc:
            self.proc.stdin.close()
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
            self.proc.stdout.close()
            self.proc.stderr.close()
            self.proc = None

    def refresh(self, max_age_s):
        """Makes all sockets anew when they are older: some states end after a minute."""
        if time.monotonic() - self.born > max_age_s:
            self.stop()
            self.start()

    def find(self, kind):
        found = [m for m in self.made if m.kind == kind]
        if not found:
            raise LookupError(f"the factory made no {kind}; it skipped {self.skipped}")
        return found

    def inside(self, argv, uid=None, own_pids=False):
        """The command line that runs @argv in this namespace.

        With @own_pids its process number is 1 in a process namespace of its own: the kernel derives
        netlink port ids from it, and two programs to be compared shall have the same.
        """
        if uid is not None and not self.has_real_root:
            raise Unavailable("another user needs root")
        how = "u" * (not self.has_real_root) + "p" * own_pids
        enter = [str(find_tool("enter")), str(self.proc.pid), how or "-", "-" if uid is None else str(uid)]
        return [*enter, *map(str, argv)]

    def run(self, argv, uid=None, own_pids=False, env=None, timeout=30, **popen):
        done = self._run_loaded(argv, uid, own_pids, environment(**(env or {})), timeout, popen)
        if done:
            return done
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run(
            self.inside(argv, uid, own_pids), env=environment(**(env or {})), timeout=timeout, **popen
        )
        return Result(list(map(str, argv)), done.returncode, done.stdout or b"", done.stderr or b"")

    def _run_loaded(self, argv, uid, own_pids, env, timeout, popen):
        """The result, or None where the program has to be started."""
        stdin, data = popen.get("stdin", subprocess.DEVNULL), popen.get("input")
        if set(popen) - {"stdin", "input"} or (data is None) != (stdin == subprocess.DEVNULL):
            return None
        program = loaded.find(argv[0])
        words = program and loaded.words(env, map(str, argv), self.inside([], uid, own_pids)[1:])
        if not words:
            return None
        with open(os.devnull, "rb") as nothing:
            status, out, err = program.run(words, nothing.fileno() if data is None else None, data, timeout)
        return Result(list(map(str, argv)), status, out, err)

    def popen(self, argv, uid=None, env=None, **popen):
        popen.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(self.inside(argv, uid), env=environment(**(env or {})), **popen)

    def wait_quiet(self, ss):
        """Until no TCP socket has a timer: handshakes and delayed ACKs are over."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if b"timer:(" not in self.run([ss, "-Htano"]).out:
                return
            time.sleep(0.05)
        raise RuntimeError("TCP timers are still running")


# The loopback device is up, and there may be many files.
BEGIN = """
import fcntl, resource, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lo:
    fcntl.ioctl(lo, 0x8914, struct.pack("16sh22x", b"lo", 0x1))
resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
keep = []
"""


class Script(Net):
    """A namespace in which a Python text makes the sockets: it prints "ready", then waits for its input to end."""

    def __init__(self, text, before=None, has_small_tables=False):
        super().__init__(None, None, [], has_small_tables=has_small_tables)
        self.text, self.before = text, before

    def start(self):
        text = BEGIN + self.text + "\nprint('ready', flush=True)\nsys.stdin.read()\n"
        setup = ["sh", "-c", f'{self.before} || exit 9; exec "$@"', "sh"] if self.before else []
        if self.has_small_tables:
            setup = ["sh", "-c", SMALL_TABLES, "sh", 'exec "$@"', "sh", *setup]
        self.proc = subprocess.Popen(
            ["unshare", *self.flags, *setup, sys.executable, "-c", text],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        )  # fmt: skip
        self._read_report()
        return self


@contextlib.contextmanager
def script_of_root(text, why):
    """A Script of @text, as long as the block lasts; skips, saying @why, where nobody is really root."""
    net = Script(text)
    if not net.has_real_root:
        raise Unavailable(why)
    try:
        yield net.start()
    finally:
        net.stop()
