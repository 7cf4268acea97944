# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Which faults there are for a line: what each of its system calls can fail with, and each allocation."""

import re
from dataclasses import dataclass

DESCRIPTORS = ["EMFILE", "ENFILE", "ENOMEM"]
LOOKUP = ["ENOENT", "EACCES", "EIO", "ENOMEM"]
ERRORS = {
    "socket": [*DESCRIPTORS, "EACCES", "EPERM", "ENOBUFS", "EAFNOSUPPORT", "EPROTONOSUPPORT"],
    "bind": ["ENOMEM", "EACCES", "EPERM"],
    "connect": ["EACCES", "ENOENT", "EINTR", "EAGAIN"],
    "sendto": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EPERM", "EACCES"],
    "sendmsg": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN"],
    "recvmsg": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EIO", "busy", "torn"],
    "recvfrom": ["ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EIO"],
    "setsockopt": ["ENOBUFS", "ENOMEM", "EPERM"],
    "getsockopt": ["ENOBUFS", "EOPNOTSUPP"],
    "getsockname": ["ENOBUFS"],
    "openat": [*LOOKUP, "EMFILE", "ENFILE", "EINTR", "ELOOP", "EPERM"],
    "open": [*LOOKUP, "EMFILE", "ENFILE", "EINTR"],
    "read": ["EIO", "EINTR", "ENOMEM", "ESRCH", "short"],
    "pread64": ["EIO", "EINTR", "ENOMEM"],
    "write": ["EIO", "ENOSPC", "EINTR", "EAGAIN", "EPIPE", "short"],
    "writev": ["EIO", "ENOSPC", "EINTR"],
    "getdents64": ["EIO", "ENOMEM", "ENOENT", "EINVAL"],
    "readlinkat": [*LOOKUP, "EPERM"],
    "readlink": [*LOOKUP, "EPERM"],
    "newfstatat": LOOKUP,
    "fstat": ["EIO", "ENOMEM"],
    "statx": LOOKUP,
    "fstatfs": ["EIO", "ENOMEM"],
    "mmap": ["ENOMEM", "EAGAIN", "EACCES"],
    "setns": ["EPERM", "ENOMEM", "EINVAL"],
    "unshare": ["EPERM", "ENOMEM"],
    "bpf": ["EPERM", "ENOMEM", "EINVAL", "EBUSY", "EAGAIN", "EINTR"],
    "clone3": ["EAGAIN", "ENOMEM", "EPERM", "ENOSYS"],
    "clone": ["EAGAIN", "ENOMEM"],
    "memfd_create": ["ENOMEM", "EMFILE"],
    "poll": ["EINTR", "ENOMEM"],
    "ppoll": ["EINTR", "ENOMEM"],
    "ioctl": ["ENODEV", "EPERM", "ENOMEM"],
    "lseek": ["EINVAL"],
    "capget": ["EPERM"],
    "sched_getaffinity": ["EINVAL", "EPERM"],
    "uname": ["EPERM"],
    "faccessat2": LOOKUP,
    "access": LOOKUP,
    "open_by_handle_at": ["ENOMEM", "EPERM", "EMFILE", "EIO"],
    "name_to_handle_at": ["EPERM", "EOPNOTSUPP", "ENOMEM"],
    "dup3": ["EMFILE"],
    "ftruncate": ["EIO"],
    "rt_sigaction": ["EINVAL"],
}
VANISHED = {"ENOENT", "ESRCH"}
# A file of a process, its directory of descriptors, or of threads, or one that is named in there.
OF_PROCESS = re.compile(r"(/proc/)?\d+(/(fd|stat|ns/net|task(/\d+/(fd|stat|ns/net))?))?")
MEMORY = "malloc"  # an allocation, by tests/live/failalloc.c
MANY = 24  # of calls of one kind in a line so many are tried, the first and last among them
# Who waits until it can write waits as long as that lasts.
NEVER_ENDING = {("write", "EAGAIN"), ("sendto", "EAGAIN"), ("recvmsg", "EAGAIN"), ("recvfrom", "EAGAIN"), ("connect", "EAGAIN")}
LASTING = {"EMFILE", "ENFILE", "ENOMEM", "EACCES", "EPERM", "EIO", "ENOENT", "ENOSPC", "EPIPE", "EAGAIN",
           "EAFNOSUPPORT", "EPROTONOSUPPORT", "ENOSYS", "ENOBUFS", "busy", "torn", "short"}


@dataclass(frozen=True)
class Fault:
    call: str
    number: int
    error: str
    detail: str
    lasting: bool = False

    def __str__(self):
        return f"{self.call} {self.number} {'on ' if self.lasting else ''}{self.error} ({self.detail})"


def some(rng, found):
    """Of a long list the ends and some between."""
    if len(found) <= MANY:
        return found
    between = sorted(rng.sample(range(4, len(found) - 3), MANY - 7))
    return found[:4] + [found[i] for i in between] + found[-3:]


def can_be(call, error, detail):
    """Of a directory that was removed the kernel says ENOENT: those of processes are. What is open needs no look-up."""
    if call == "getdents64" and error == "ENOENT":
        return OF_PROCESS.fullmatch(detail)
    return call != "newfstatat" or not detail.startswith("@") or error in ERRORS["fstat"]


def may_last(name, number, error, follows):
    """Without any file there is no machine; what follows events goes on as long as it takes."""
    if number > 8 or error not in LASTING or (name, error) in NEVER_ENDING or follows and name == "recvmsg":
        return False
    return error != "ENOENT" or name == "readlinkat"


def faults(rng, calls, n_allocations, follows=False):
    """All for a line that makes @calls, of (name, number, detail), and so many allocations; it @follows events."""
    by_name = {}
    for call in calls:
        by_name.setdefault(call[0], []).append(call)
    made = []
    for name, found in by_name.items():
        for _, number, detail in some(rng, found):
            for error in ERRORS.get(name, []):
                if not can_be(name, error, detail):
                    continue
                made.append(Fault(name, number, error, detail))
                if may_last(name, number, error, follows):
                    made.append(Fault(name, number, error, detail, True))
    made += [Fault(MEMORY, n, "ENOMEM", "-") for n in range(1, n_allocations + 1)]
    return made
