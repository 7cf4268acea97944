# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Programs that may not use a system call. As a program: forbids it, here and in what it then executes."""

import ctypes
import errno
import os
import platform
import struct
import sys

BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351}
SOCKET = {"x86_64": 41, "aarch64": 198, "riscv64": 198, "ppc64le": 326, "s390x": 359}
GETFD = dict.fromkeys(BPF, 438)
KILL = -1
# Numbers of the system calls; a first argument that is forbidden alone, None for all; how they fail.
CALLS = {
    "bpf": (BPF, None, errno.EPERM),
    "getfd": (GETFD, None, errno.EPERM),
    "getdents": ({"x86_64": 217, "aarch64": 61, "riscv64": 61, "ppc64le": 202, "s390x": 220}, None, errno.EPERM),
    "netlink": (SOCKET, 16, errno.EPERM),
    "netlink-ends": (SOCKET, 16, KILL),  # whoever asks is killed
    "bpf-ends": (BPF, None, KILL),
    "netlink-family": (SOCKET, 16, errno.EAFNOSUPPORT),  # as systemd's RestrictAddressFamilies= does it
}


def without(call):
    """The words to put in front of a command line."""
    return [sys.executable, "-B", __file__, call]


def forbid(call):
    """From now on it fails."""
    load, jump_equal, answer = 0x20, 0x15, 0x06
    numbers, argument, error = CALLS[call]
    insns = [(load, 0, 0, 0), (jump_equal, 0, 1 if argument is None else 3, numbers[platform.machine()])]
    if argument is not None:
        low = 16 if sys.byteorder == "little" else 20
        insns += [(load, 0, 0, low), (jump_equal, 0, 1, argument)]
    insns += [(answer, 0, 0, 0x80000000 if error == KILL else 0x00050000 | error), (answer, 0, 0, 0x7FFF0000)]
    prog = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *i) for i in insns))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(insns), ctypes.addressof(prog)))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privs, set_seccomp, mode_filter = 38, 22, 2
    if libc.prctl(no_new_privs, 1, 0, 0, 0) or libc.prctl(set_seccomp, mode_filter, ctypes.c_void_p(ctypes.addressof(head)), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def hide(path):
    """Nothing is there from now on, for this process and what it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_mounts, new_net, private = 0x20000, 0x40000000, 1 << 18 | 1 << 14
    if libc.unshare(new_mounts | new_net) or libc.mount(b"none", b"/", None, private, None):
        raise OSError(ctypes.get_errno(), "unshare")
    if libc.mount(b"empty", path.encode(), b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), f"mount {path}")


def forbid_kernel():
    """This kernel cannot be asked: /proc and /sys are empty, who opens netlink or calls bpf() is killed."""
    for path in "/sys", "/proc":
        hide(path)
    forbid("netlink-ends")
    forbid("bpf-ends")


if __name__ == "__main__":
    if sys.argv[1] == "kernel":
        forbid_kernel()
    else:
        forbid(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])
