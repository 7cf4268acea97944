# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Where ours differs from the reference on purpose; docs/compatibility.md tells users the same.

A difference applies to some command lines. It either says with which other line the reference shows
what ours shows (instead), or what does not count (leave_out), or that ours ends with another status
(status). Where something was left out the padding of the rest does not count either; where nothing
was, every byte does.
"""

import re
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Difference:
    name: str
    reason: str
    applies: Callable  # case -> bool
    instead: Callable = None  # argv of the case -> argv for the reference
    leave_out: Callable = None  # output -> output
    status: int = None


def _has(case, word):
    return word in case.argv


def _short(case, letter):
    return any(re.fullmatch(r"-[A-Za-z0-9]+", w) and letter in w[1:] for w in case.argv)


def _without_device(out):
    return re.sub(rb" dev:[0-9]+/[0-9]+", b"", out)


def _single_rows(out):
    seen, rows = set(), []
    for line in out.splitlines(keepends=True):
        if line not in seen or not line.startswith((b"nl ", b"UNCONN ", b"0 ")):
            rows.append(line)
        seen.add(line)
    return b"".join(rows)


def _without_own_sockets(out):
    """Rows of the netlink sockets that the process has while it asks: number 1, or a negative one."""
    own = re.compile(rb"^(?:nl +)?(?:UNCONN +)?[0-9]+ +[0-9]+ +(?:rtnl|tcpdiag|0|4):(?:-[0-9]+|[^ ]+/1|1) +\*.*\n", re.M)
    return own.sub(b"", out)


DIFFERENCES = [
    Difference(
        "families",
        "The reference lets the last of -4 and -6 hide the rows of the other; ours shows both, as asked.",
        lambda c: _has(c, "-4") and _has(c, "-6"),
        instead=lambda argv: [w for w in argv if w not in ("-4", "-6")] + ["-A", "inet"],
    ),
    Difference(
        "unix-device",
        "The reference decodes the device of a unix socket's file wrongly: 254:0 becomes 0/65024.",
        lambda c: _short(c, "e") or _has(c, "--extended"),
        leave_out=_without_device,
    ),
    Difference(
        "netlink-doubles",
        "A netlink socket in a multicast group comes twice from the kernel; ours shows it once.",
        lambda c: True,
        leave_out=_single_rows,
    ),
    Difference(
        "own-sockets",
        "A list of netlink sockets has those of the listing program itself, which ours has fewer or more of.",
        lambda c: True,
        leave_out=_without_own_sockets,
    ),
    Difference(
        "summary-namespaces",
        "In a network namespace the reference mixes counters of the host with those of the namespace.",
        lambda c: _short(c, "s") or _has(c, "--summary"),
        leave_out=lambda out: re.sub(rb"^Total: [0-9]+|^TCP:   [0-9]+|(?<=closed )[0-9]+|(?<=orphaned )[0-9]+", b"", out, flags=re.M),
    ),
    Difference(
        "version",
        "Ours is another program with another version; the line begins alike.",
        lambda c: any(w in c.argv for w in ("-V", "-v", "--version")),
        leave_out=lambda out: re.sub(rb"\A(ss utility, ).*\n\Z", rb"\1", out),
    ),
    Difference(
        "help",
        "Ours has more options and says what they do in words of its own.",
        lambda c: any(w in c.argv for w in ("-h", "--help", "help")),
        leave_out=lambda out: re.sub(rb"\A(Usage: ss \[ OPTIONS \]).*\Z", rb"\1", out, flags=re.S),
    ),
    Difference(
        "several-addresses",
        "Of a host name with several addresses the reference takes the first; ours takes them all.",
        lambda c: _has(c, "localhost"),
        instead=lambda argv: [
            x for w in argv for x in (["(", "src", "127.0.0.1", "or", "src", "[::1]", ")"] if w == "localhost" else [w] * (w != "src"))
        ],
    ),
]


def _unpadded(out):
    return re.sub(rb" +", b" ", re.sub(rb" +\n", b"\n", out))


def without(known, outs):
    """The outputs without what these differences leave out; None when they hold nothing of it."""
    left = list(outs)
    for d in known:
        left = [d.leave_out(out) if d.leave_out else out for out in left]
    return [_unpadded(out) for out in left] if left != list(outs) else None


def for_case(case):
    return [d for d in DIFFERENCES if d.applies(case)]
