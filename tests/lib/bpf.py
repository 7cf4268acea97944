# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Whether BPF programs can walk the kernel's tables here, found out without the program under test.

As a program: says why not, if not, for who runs it. What is there by these facts has to work.
"""

import contextlib
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

from lib import builds, bpfmaps, kernel, netns

PROG_LOAD, RAW_TRACEPOINT = 5, 17
COARSE = 6  # CLOCK_MONOTONIC_COARSE
NOTHING = bytes.fromhex("b700000000000000" + "9500000000000000")  # returns 0


def load_nothing():
    """Loads the smallest program of the kind that walks."""
    import ctypes

    code, licence = ctypes.create_string_buffer(NOTHING), ctypes.create_string_buffer(b"GPL")
    attr = struct.pack("IIQQ", RAW_TRACEPOINT, len(NOTHING) // 8, ctypes.addressof(code), ctypes.addressof(licence))
    os.close(bpfmaps.bpf(PROG_LOAD, attr))


def find_obstacle():
    """Why there is no walk by BPF for this process; empty when there is one."""
    if not kernel.CAN_WALK:
        return f"Linux {kernel.VERSION[0]}.{kernel.VERSION[1]} is too old for the walk"
    if not os.access("/sys/kernel/btf/vmlinux", os.R_OK):
        return "this kernel does not describe its types"
    if time.clock_getres(COARSE) * 1000 % 1:
        return "this kernel's clock does not tick in milliseconds"
    try:
        load_nothing()
    except OSError as e:
        return f"no BPF program can be loaded: {e}"
    try:
        with open("/proc/sys/net/core/bpf_jit_enable") as f:
            return "" if int(f.read()) else "BPF programs are not compiled"
    except OSError:
        return ""


def obstacle(ss):
    """The same for @ss when it runs in a namespace of netns.Net."""
    out = subprocess.run([ss, "-V"], capture_output=True, text=True, check=True).stdout
    if "bpf-walk" not in out:
        return "built without BPF programs"
    try:
        argv = ["unshare", *netns.namespace_flags(), sys.executable, "-B", "-m", "lib.bpf"]
    except netns.Unavailable as e:
        return str(e)
    env = builds.environment(PYTHONPATH=builds.ROOT / "tests")
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout.strip()


def attached(pid):
    """How many BPF programs the process, or what it started, has attached."""
    n = 0
    for p in [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
        with contextlib.suppress(FileNotFoundError):  # it has ended meanwhile
            for fd in Path(f"/proc/{p}/fd").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    what = os.readlink(fd)
                    n += "bpf_link" in what or "raw-tracepoint" in what
    return n


if __name__ == "__main__":
    print(find_obstacle())
