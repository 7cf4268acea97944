# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What the kernel that runs here cannot do, by its version."""

import platform
import re
import sys

VERSION = tuple(map(int, re.match(r"([0-9]+)\.([0-9]+)", platform.release()).groups()))
# TCP sockets that are bound but neither listen nor connect are in no list of older ones.
LISTS_BOUND = VERSION >= (6, 8)
# Older ones keep the options of a socket elsewhere, or have no way for a BPF program to follow pointers.
CAN_WALK = VERSION >= (6, 6)
# By listns(2) also those are found, and entered, that no path leads to.
LISTS_NETNS = VERSION >= (6, 19)

# personality(UNAME26)
OLDER = "import ctypes, os, sys; ctypes.CDLL(None).personality(0x0020000); os.execv(sys.argv[1], sys.argv[1:])"


def older():
    """The words to put in front of a command line, to which the kernel then calls itself Linux 2.6."""
    return [sys.executable, "-B", "-c", OLDER]
