# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Comparing with a reference older than 7.0: only what did not change between them.

Layout, the Process column, COLUMNS and some values changed: rows are compared word by word, without
the header, the values that are new or written otherwise, and the sockets that were not listed.
"""

import re

# Bound but idle TCP sockets, here the factory's, are listed since 6.8, and requests by default, too.
UNLISTED = re.compile(rb":(7190|7191|7192) |\bSYN-RECV\b")

NEWER_TOKENS = re.compile(
    rb" (rcv_wnd|rehash|seq|sfseq|ssnoff|maplen|endp_laminar_max|subflows_total):[^ \n]+| usec_ts(?= |$)| md5keys:.*"
)

# Keys of the factory's sockets, which the reference prints in front of everything.
MD5_AHEAD = re.compile(rb"\A(?:another\\040key|sesame|,)+")

NEWER_WORDS = {
    "-B", "-tB", "-tBn", "bound-inactive", "--no-queues", "-V", "-v", "-h", "--help", "--version", "help", "-D",
    "--bpf-map-id", "--no", "-d", "-M", "-Ma", "-Man", "-Mi", "-Maie", "-T", "-tT", "-taT",
}  # fmt: skip


def why_not(case):
    """Why this command line cannot be compared, or None."""
    if case.columns:
        return "the reference does not heed COLUMNS"
    if any(w in NEWER_WORDS for w in case.argv) or any(re.fullmatch(r"-[a-zA-Z0-9]*Q[a-zA-Z0-9]*", w) for w in case.argv):
        return "the reference does not have this option, or means something else by it"
    if any(re.fullmatch(r"-(f|A)", w) for w in case.argv) and "netlink" in case.line and re.search(r"-\w*[eTm]", case.line):
        return "the reference shows netlink details elsewhere"
    if case.line.startswith("-a") and "e" in case.argv[0] or case.line.startswith(("-anm", "-ani")) or case.line == "-a":
        return "the reference shows netlink details elsewhere"
    return None


def rows(out, tokens):
    """What can be compared of an output: its rows as words, sorted, moving values as N."""
    out = tokens.sub(lambda m: re.sub(rb"[0-9]+(\.[0-9]+)?(ms|sec|min([0-9]+sec)?)?", b"N", m.group()), out)
    whole = re.sub(rb"\n\t", b" ", MD5_AHEAD.sub(b"", out)).splitlines()
    found = [b" ".join(NEWER_TOKENS.sub(b"", line).split()) for line in whole if not UNLISTED.search(line)]
    return sorted(r for r in found if r and not r.startswith((b"Netid", b"State", b"Recv-Q", b"Local Address")))
