# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The namespaces that a case is in: its processes, a second machine at the other end of a cable, and what the kernel says."""

import ctypes
import inspect
import json
import os
import resource
import signal
import subprocess
import tempfile
import time
import traceback
from pathlib import Path

from doctor import relay
from doctor.case import NotReproduced
from lib.builds import environment
from lib.netns import Unavailable

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
HERE, THERE = "10.77.0.1", "10.77.0.2"
DEADLINE_S = 40  # on a busy machine


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def is_real_root():
    """Whether we are root of the machine, and not in a user namespace of our own."""
    return Path("/proc/self/uid_map").read_text().split() == ["0", "0", "4294967295"]


def allow_files(limit):
    """As many descriptors as @limit, or as this user may have. Returns the number."""
    for hard in (limit, min(limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1])):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            return hard
        except (ValueError, PermissionError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def report(pipe, text):
    os.write(pipe, text.encode()[:60000] or b"ready")
    os.close(pipe)


def live(pipe, work, args, more):
    """In a child: @work up to its first yield, when it is ready, and on to the second, where it stays; what it returned is kept."""
    try:
        kept = work(*args, **more)
        if inspect.isgenerator(kept):
            next(kept, None)
        report(pipe, "")
        if inspect.isgenerator(kept):
            next(kept, None)
    except BaseException:
        try:
            report(pipe, traceback.format_exc())
        except OSError:
            os.write(2, traceback.format_exc().encode())
    while True:
        signal.pause()


def wait_for_go():
    """In a child: until the case says so by Children.go()."""
    signal.sigwait([signal.SIGUSR1])


class Children:
    """Starts processes in a network namespace."""

    pid = None  # whose network namespace; None is our own

    def child(self, work, *args, comm=None, uid=None, files=None, **more):
        """
        A process that does @work, a function or, to do more when it is ready, a generator. Returns its number when it is ready.
        It lives, with all sockets that @work returned, or has where it yields again, until the case ends.
        """
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            os.close(told)
            if self.pid:
                with open(f"/proc/{self.pid}/ns/net") as net:
                    check(LIBC.setns(net.fileno(), CLONE_NEWNET), "setns")
            if comm:
                Path("/proc/self/comm").write_text(comm)
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
            if uid is not None:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            live(tell, work, args, more)
        os.close(tell)
        said = b""
        while chunk := os.read(told, 65536):
            said += chunk
        os.close(told)
        if b"PermissionError" in said and not is_real_root():
            raise Unavailable(f"{work.__name__} needs a real root: {said.decode().splitlines()[-1]}")
        if said != b"ready":
            raise RuntimeError(f"{work.__name__}: " + (said.decode() or "it ended"))
        return child

    @staticmethod
    def go(pid):
        os.kill(pid, signal.SIGUSR1)

    def command(self, *argv, check=True):
        enter = ["nsenter", "-t", str(self.pid), "-n"] if self.pid else []
        done = subprocess.run([*enter, *map(str, argv)], capture_output=True, text=True, timeout=DEADLINE_S)
        if check and done.returncode:
            raise Unavailable(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")
        return done.stdout

    def ip(self, text):
        return self.command("ip", *text.split())

    def sysctl(self, name, value):
        """Sets what belongs to this namespace."""
        path = "/proc/sys/" + name.replace(".", "/")
        self.command("sh", "-c", f"test -w {path} && echo '{value}' >{path}")

    def counters(self):
        """All counters of this namespace, as nstat names them."""
        found = {}
        for name in ("netstat", "snmp"):
            lines = Path(f"/proc/{self.pid or 'self'}/net/{name}").read_text().splitlines()
            for names, values in zip(lines[::2], lines[1::2]):
                prefix, *keys = names.split()
                for key, value in zip(keys, values.split()[1:]):
                    found[prefix[:-1] + key] = int(value)
        return found

    def counter(self, name):
        found = self.counters()
        if name not in found:
            raise Unavailable(f"this kernel does not count {name}")
        return found[name]


class There(Children):
    """A second machine: the namespace at the other end of a cable."""

    def __init__(self, here):
        self.pid = here.child(lambda: check(LIBC.unshare(CLONE_NEWNET), "a network namespace"), comm="there")
        self.ip("link set lo up")
        self.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        self.address = THERE

    def falls_silent(self):
        """From now on nothing reaches the namespace of the case any more, while what that sends still arrives."""
        self.ip(f"route add blackhole {HERE}/32")


class Place(Children):
    """Where the case is."""

    def __init__(self, ss, whole=True):
        self.ss, self.whole, self.files = str(ss), whole, allow_files(1 << 20)
        self.outside = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        check(LIBC.unshare(CLONE_NEWNET), "a network namespace")
        self.folder = Path(tempfile.mkdtemp(prefix="sockeye-doctor-"))
        self.folder.chmod(0o755)
        self.command("mount", "-t", "tmpfs", "none", self.folder)
        self.folder.chmod(0o777)
        self.ip("link set lo up")

    def size(self, whole, sample):
        """How many, in the whole kit and in the sample of `make test`."""
        return whole if self.whole else sample

    def neighbour(self, rule=None):
        """
        A second machine on a cable, with the addresses HERE and THERE; with @rule behind a relay that treats each packet as that says
        (see relay.py).
        """
        there = There(self)
        self.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        macs = {"h0": "02:00:00:00:00:01", "t0": "02:00:00:00:00:02"}
        if rule is None:
            self.ip(f"link add h0 type veth peer name t0 netns {there.pid}")
        else:
            between = There(self)
            self.ip(f"link add h0 type veth peer name r0 netns {between.pid}")
            there.ip(f"link add t0 type veth peer name r1 netns {between.pid}")
        for net, device, address in ((self, "h0", HERE), (there, "t0", THERE)):
            net.ip(f"link set {device} address {macs[device]} up")
            net.ip(f"addr add {address}/24 dev {device}")
            net.child(relay.plain_frames, device)
        self.ip(f"neigh replace {THERE} lladdr {macs['t0']} nud permanent dev h0")
        there.ip(f"neigh replace {HERE} lladdr {macs['h0']} nud permanent dev t0")
        if rule is not None:
            between.ip("link set r0 up promisc on")
            between.ip("link set r1 up promisc on")
            between.child(relay.forward, "r0", "r1", rule, comm="relay")
        return there

    def rows(self, *words):
        """What our ss lists, by its fields: nothing that the doctor made of it."""
        done = subprocess.run([self.ss, "--format=json", *words], capture_output=True, text=True, timeout=60, env=environment())
        if done.returncode not in (0, 3):
            raise RuntimeError(f"ss {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout)["sockets"]

    def until(self, condition, what, seconds=DEADLINE_S, pause=0.05):
        """Waits for the evidence, and returns it; without it the state is not there."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end:
                raise NotReproduced(what)
            time.sleep(pause)
        return found

    def holds(self, condition, what):
        if not condition:
            raise NotReproduced(what)

    def moves(self, name, by, seconds=15):
        """A counter that goes on counting: at least @by from now, in @seconds."""
        before = self.counter(name)
        self.until(lambda: self.counter(name) - before >= by, f"{name} does not move by {by} in {seconds} s", seconds)

    def go_outside(self):
        check(LIBC.setns(self.outside, CLONE_NEWNET), "setns")

    def global_sysctl(self, name):
        """What belongs to no network namespace, and can be seen in the first one only."""
        if not is_real_root():
            raise Unavailable(f"{name} can be seen by a real root only")
        path = "/proc/sys/" + name.replace(".", "/")
        done = subprocess.run(["cat", path], capture_output=True, text=True, preexec_fn=self.go_outside)
        if done.returncode:
            raise Unavailable(f"{name} cannot be seen here")
        return done.stdout.strip()

    def doctor(self, case):
        """Status and answer."""
        which = f"={case.first}" if case.from_outside else "=all" if case.normal else ""
        words = [f"--doctor{which}", "--format=json", *case.options]
        if case.thresholds:
            path = self.folder / "thresholds"
            path.write_text("".join(f"{name} = {value}\n" for name, value in case.thresholds.items()))
            words.append(f"--thresholds={path}")
        argv = [self.ss, *words]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=environment(),
                              preexec_fn=self.go_outside if case.from_outside else None)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"{' '.join(argv)}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-2000:]}") from None
