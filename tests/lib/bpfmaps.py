# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Sockets with BPF storage. As a program: makes them, tells the maps as JSON, waits for the end of stdin.

Long values are too much for some kernels: their maps are then not told.

The maps are made with bpf(2) itself, and so is the description of their values: no library is needed.
"""

import ctypes
import errno
import json
import os
import platform
import socket
import struct
import sys

NR_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351}
MAP_CREATE, MAP_UPDATE, OBJ_INFO, BTF_LOAD = 0, 2, 15, 18
MAP_ARRAY, MAP_SK_STORAGE, NO_PREALLOC = 2, 24, 1
INT, ARRAY, STRUCT, ENUM = 1, 3, 4, 6
SIGNED = 1


def bpf(cmd, attr):
    """bpf(2); returns a descriptor or 0."""
    libc = ctypes.CDLL(None, use_errno=True)
    buf = ctypes.create_string_buffer(attr.ljust(128, b"\0"), 128)
    r = libc.syscall(NR_BPF[platform.machine()], cmd, buf, 128)
    if r < 0:
        raise OSError(ctypes.get_errno(), f"bpf command {cmd}: {os.strerror(ctypes.get_errno())}")
    return r


class Btf:
    """Builds a description of types; every method answers the number of the type it adds."""

    def __init__(self):
        self.types, self.strings, self.n = b"", b"\0", 0

    def name(self, text):
        at = len(self.strings)
        self.strings += text.encode() + b"\0"
        return at if text else 0

    def add(self, kind, name, size, n, rest):
        self.types += struct.pack("III", self.name(name), kind << 24 | n, size) + rest
        self.n += 1
        return self.n

    def int(self, name, size, encoding=0):
        return self.add(INT, name, size, 0, struct.pack("I", encoding << 24 | size * 8))

    def array(self, of, n, index):
        return self.add(ARRAY, "", 0, 0, struct.pack("III", of, index, n))

    def struct(self, name, size, *members):
        rest = b"".join(struct.pack("III", self.name(m), t, at * 8) for m, t, at in members)
        return self.add(STRUCT, name, size, len(members), rest)

    def enum(self, name, *values):
        rest = b"".join(struct.pack("Ii", self.name(v), i) for i, v in enumerate(values))
        return self.add(ENUM, name, 4, len(values), rest)

    def load(self):
        head = struct.pack("HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(self.types), len(self.types), len(self.strings))
        blob = ctypes.create_string_buffer(head + self.types + self.strings)
        return bpf(BTF_LOAD, struct.pack("QQI", ctypes.addressof(blob), 0, len(blob) - 1))


def make_map(name, kind, size, btf=0, key_type=0, value_type=0):
    is_array = kind == MAP_ARRAY
    head = struct.pack("IIIIIII", kind, 4, size, is_array, 0 if is_array else NO_PREALLOC, 0, 0)
    return bpf(MAP_CREATE, head + name.encode().ljust(16, b"\0") + struct.pack("IIII", 0, btf, key_type, value_type))


def map_id(fd):
    info = ctypes.create_string_buffer(256)
    bpf(OBJ_INFO, struct.pack("IIQ", fd, 256, ctypes.addressof(info)))
    return struct.unpack_from("II", info)[1]


def store(fd, sock, value):
    key = ctypes.c_int(sock.fileno())
    buf = ctypes.create_string_buffer(value, len(value))
    bpf(MAP_UPDATE, struct.pack("IIQQQ", fd, 0, ctypes.addressof(key), ctypes.addressof(buf), 0))


def all_maps():
    """Name, descriptor and value of each; the long ones together fill more than 64 KiB."""
    btf = Btf()
    i32, u32, u64 = btf.int("int", 4, SIGNED), btf.int("unsigned int", 4), btf.int("unsigned long long", 8)
    char = btf.int("char", 1, SIGNED)
    four = btf.array(u32, 4, u32)
    inner = btf.struct("inner", 24, ("a", i32, 0), ("four", four, 4), ("mode", btf.enum("mode", "IDLE", "BUSY"), 20))
    val = btf.struct("val", 40, ("cnt", u32, 0), ("ts", u64, 8), ("in", inner, 16))
    text = btf.struct("text", 8, ("name", btf.array(char, 8, u32), 0))
    long = btf.struct("longer", 30000, ("first", i32, 0), ("n", btf.array(u32, 7499, u32), 4))
    fd = btf.load()
    long_value = struct.pack("i", -5) + bytes(29996)
    return {
        "number": (make_map("number", MAP_SK_STORAGE, 4, fd, i32, i32), struct.pack("i", 42)),
        "zero": (make_map("zero", MAP_SK_STORAGE, 40, fd, i32, val), bytes(40)),
        "struct": (
            make_map("struct", MAP_SK_STORAGE, 40, fd, i32, val),
            struct.pack("IxxxxQiIIIII", 7, 123456789012, -1, 1, 2, 0, 4, 1),
        ),
        "text": (make_map("text", MAP_SK_STORAGE, 8, fd, i32, text), b"hel\x1blo\0\0"),
        "long1": (make_map("long1", MAP_SK_STORAGE, 30000, fd, i32, long), long_value),
        "long2": (make_map("long2", MAP_SK_STORAGE, 30000, fd, i32, long), long_value),
        "long3": (make_map("long3", MAP_SK_STORAGE, 30000, fd, i32, long), long_value),
        "array": (make_map("array", MAP_ARRAY, 4), None),
        **{f"many{i}": (make_map("many", MAP_SK_STORAGE, 4, fd, i32, i32), None) for i in range(MANY)},
    }


SOCKETS = {
    9900: ["number", "struct"],
    9901: ["zero"],
    9902: [],
    9903: ["text"],
    9904: ["long1", "number"],
    9905: ["long1", "long2", "struct"],
    9906: ["long1", "long2", "long3"],
}
MANY = 33


def main():
    maps = all_maps()
    kept, refused = [], set()
    for port, names in SOCKETS.items():
        for host in ("127.0.0.1", "::1"):
            s = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
            for name in names:
                try:
                    store(maps[name][0], s, maps[name][1])
                except OSError as e:
                    if e.errno != errno.ENOMEM or not name.startswith("long"):
                        raise
                    refused.add(name)
            kept.append(s)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 9910))
    store(maps["number"][0], udp, maps["number"][1])
    print(json.dumps({name: map_id(m[0]) for name, m in maps.items() if name not in refused}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
