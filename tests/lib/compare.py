# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Comparing what two programs print of the same sockets.

Reference, ours, reference: ours must equal one of the two. The digits of values that are known to
move with time do not count; when even their number of digits differs, another try is made, and as
the last resort padding, which depends on it, does not count either.
"""

import difflib
import re

TRIES = 4

_AGES = rb"(?<= )(?:lastsnd|lastrcv|lastack|last_data_sent|last_data_recv|last_ack_recv):[0-9]+"
_WORK = (
    rb"(?<= )(?:busy|rwnd_limited|sndbuf_limited|backoff|rto|retrans|lost|unacked|bytes_sent|bytes_retrans"
    rb"|segs_out|segs_in|data_segs_out|cwnd|ssthresh):[^ \n]+"
)

# What moves while nothing happens; while timers run and probes are sent; in the totals of a machine
# on which others work too.
STEADY = re.compile(_AGES)
MOVING = re.compile(_AGES + rb"|" + _WORK + rb"|timer:\([a-z]+,[^)]*\)")
# The total moves: the kernel frees the sockets of a finished run a little later.
SUMMARY = re.compile(rb"(?<=^Total: )[0-9]+|(?<=^TCP:   )[0-9]+|(?<=closed )[0-9]+|(?<=orphaned )[0-9]+", re.M)


def mask(out, tokens):
    """Each digit of a moving value becomes N: lengths, and so the columns, stay comparable."""
    return tokens.sub(lambda m: re.sub(rb"[0-9]", b"N", m.group()), out)


def loose(out, tokens):
    """For values whose length changed meanwhile: one N a number, and padding does not count."""
    out = tokens.sub(lambda m: re.sub(rb"[0-9]+(\.[0-9]+)?(ms|sec|min([0-9]+sec)?)?", b"N", m.group()), out)
    return re.sub(rb" +", b" ", re.sub(rb" +\n", b"\n", out))


def visible(out):
    """As cat -A shows it."""
    text = []
    for byte in out:
        c = byte & 0x7F
        if byte == 10:
            text.append("$\n")
            continue
        if byte >= 0x80:
            text.append("M-")
        text.append("^" + chr(c ^ 64) if c < 32 or c == 127 else chr(c))
    return "".join(text)


def difference(reference, ours):
    a, b = visible(reference).splitlines(), visible(ours).splitlines()
    return "\n".join(difflib.unified_diff(a, b, "reference", "ours", lineterm="", n=1))


def lengths(out, tokens):
    return [len(m.group()) for m in tokens.finditer(out)]


def is_same(theirs, ours, tokens):
    """Whether @ours equals one of the two outputs @theirs, but for digits of the values that move."""
    return ours in theirs or mask(ours, tokens) in [mask(t, tokens) for t in theirs]


def is_same_loosely(theirs, ours, tokens):
    """The same where a moving value has another length than theirs, and so pads other cells."""
    have = lengths(ours, tokens)
    if any(lengths(t, tokens) == have for t in theirs):
        return False
    return loose(ours, tokens) in [loose(t, tokens) for t in theirs]
