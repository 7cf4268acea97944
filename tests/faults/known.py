# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Faults that are not answered as they should be, known and not mended yet. To be empty."""

import re

# Which line, the system call and its error, what it was about; and why.
KNOWN = [
    (r"", r"socket", r"EAFNOSUPPORT|EPROTONOSUPPORT", r"16", "failing to open a netlink socket is taken for a kernel without sock_diag"),
    (r"-N all|--all-netns", r"getdents64|newfstatat|readlink|readlinkat|openat|read|malloc|statx", r".*", r".*",
     "errors in the search of namespaces are swallowed"),
    (r"-\w*p|process|^use", r"openat|read|readlinkat|newfstatat|getdents64|lseek", r".*", r"\d+(/.*)?|/proc(/.*)?|anon_inode:bpf_iter|self|/memfd.*",
     "errors in reading processes are swallowed"),
    (r"--summary=full", r".*", r".*", r".*", "the overview does not tell of files and owners that cannot be read"),
    (r"-wan|-uxwanp --source=proc", r"openat", r"ENOENT", r"/proc/.*", "without /proc raw sockets vanish"),
]  # fmt: skip


def why(line, fault):
    """Why this is known to be wrong; None when it is not known."""
    for of_line, call, error, detail, reason in KNOWN:
        if re.search(of_line, str(line)[3:] if line.program == "ss" else str(line)) and re.fullmatch(call, fault.call) \
                and re.fullmatch(error, fault.error) and re.fullmatch(detail, fault.detail):
            return reason
    return None
