# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""AF_XDP sockets. As a program: makes one for each device named and one without, says "ready" and waits for
the end of stdin. Where the kernel has none, or does not list them, it ends with 77 and says why."""

import ctypes
import mmap
import os
import socket
import struct
import sys

AF_XDP, SOL_XDP = 44, 283
UMEM_REG, UMEM_FILL_RING, UMEM_COMPLETION_RING, RX_RING = 4, 5, 6, 2
COPY = 2
SKIP, ENOENT = 77, 2


def is_listed():
    """Whether the kernel answers a question for AF_XDP sockets."""
    request = struct.pack("BBHIIII", AF_XDP, 0, 0, 0, 0, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as s:  # sock_diag
        s.send(struct.pack("IHHII", 16 + len(request), 20, 0x301, 1, 0) + request)
        answer = s.recv(65536)
    kind, error = struct.unpack_from("H", answer, 4)[0], struct.unpack_from("i", answer, 16)[0]
    return (kind, error) != (2, -ENOENT)


def make(device=None):
    s = socket.socket(AF_XDP, socket.SOCK_RAW)
    memory = mmap.mmap(-1, 1 << 16)
    at = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    s.setsockopt(SOL_XDP, UMEM_REG, struct.pack("QQII", at, len(memory), 4096, 0))
    for ring in (UMEM_FILL_RING, UMEM_COMPLETION_RING, RX_RING):
        s.setsockopt(SOL_XDP, ring, 16)
    if device:
        address = struct.pack("HHIII", AF_XDP, COPY, socket.if_nametoindex(device), 0, 0)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(s.fileno(), address, len(address)):
            raise OSError(ctypes.get_errno(), f"bind to {device}: {os.strerror(ctypes.get_errno())}")
    return s, memory


def main():
    try:
        socket.socket(AF_XDP, socket.SOCK_RAW).close()
    except OSError as e:
        print(f"no AF_XDP sockets here: {e.strerror}")
        sys.exit(SKIP)
    if not is_listed():
        print("this kernel does not list AF_XDP sockets")
        sys.exit(SKIP)
    kept = [make(device) for device in (*sys.argv[1:], None)]
    print("ready", flush=True)
    sys.stdin.read()
    del kept


if __name__ == "__main__":
    main()
