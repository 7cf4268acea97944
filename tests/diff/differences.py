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


def _lists_raw(case):
    """Raw sockets, for which many kernels have no sock_diag."""
    return _short(case, "w") or not any(_short(case, kind) for kind in "tuxMSd0fA")


def _without_device(out):
    return re.sub(rb" dev:[0-9]+/[0-9]+", b"", out)


def _single_rows(out):
    seen, rows = set(), []
    for line in out.splitlines(keepends=True):
        if line not in seen or not line.startswith((b"nl ", b"UNCONN ", b"0 ", b"  ")):
            rows.append(line)
        seen.add(line)
    return b"".join(rows)


def _without_own_sockets(out):
    """Rows of the netlink sockets that the process has while it asks: number 1, or a negative one."""
    own = re.compile(rb"^(?:nl +)?(?:UNCONN +)?(?:[0-9]+ +[0-9]+ +)? *(?:rtnl|tcpdiag|0|4):(?:-[0-9]+|[^ ]+/1|1) +\*.*\n", re.M)
    return own.sub(b"", out)


def _without_packets(out):
    return re.sub(rb"^(?:p_[a-z]+ +)?UNCONN +[0-9]+ +[0-9]+ +[^ ]+ +\* *[^\n]*\n(?:\t[^\n]*\n)*", b"", out, flags=re.M)


def _without_inet(out):
    return re.sub(rb"^(?:tcp|udp|raw|[A-Z]+[A-Z0-9-]*) +[A-Z0-9 ].*\n", b"", out, flags=re.M)


def _without_states(argv):
    after = [i + 1 for i, w in enumerate(argv) if w in ("state", "exclude", "excl")]
    return [w for i, w in enumerate(argv) if i not in after and i + 1 not in after]


# The states that have a row of their own, and the sets with SYN-RECV among them.
_NAMES = (
    "established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed close-wait last-ack listening closing"
    " bound-inactive"
).split()
_SETS = {
    "syn-rcv": {"syn-recv"},
    "all": set(_NAMES),
    "connected": set(_NAMES) - {"closed", "listening"},
    "synchronized": set(_NAMES) - {"closed", "listening", "syn-sent"},
    "bucket": {"syn-recv", "time-wait"},
    "big": set(_NAMES) - {"syn-recv", "time-wait"},
}


def _leaves_out_syn_recv(argv):
    pairs = list(zip(argv, argv[1:]))
    return any(
        (verb in ("exclude", "excl") and "syn-recv" in _SETS.get(name, {name})) or (verb, name) == ("state", "big")
        for verb, name in pairs
    )


def _spelt_states(argv):
    """The same states, each named: then the reference does not ask for request sockets by their other number."""
    chosen = None
    for verb, name in zip(argv, argv[1:]):
        if verb == "state":
            chosen = (chosen or set()) | _SETS.get(name, {name})
        elif verb in ("exclude", "excl"):
            chosen = (set(_NAMES) if chosen is None else chosen) - _SETS.get(name, {name})
    first = next(i for i, w in enumerate(argv) if w in ("state", "exclude", "excl"))
    rest = _without_states(argv)
    return [*rest[:first], *(w for name in _NAMES if name in chosen for w in ("state", name)), *rest[first:]]


# From /proc/net the reference takes an IPv4 prefix for the first bytes of an IPv6 one.
_EXACT = {"0.0.0.0": "inet:0.0.0.0", "[::]": "inet6:[::]"}

DIFFERENCES = [
    Difference(
        "families",
        "The reference lets the last of -4 and -6 hide the rows of the other; ours shows both, as asked.",
        lambda c: (_has(c, "-4") and _has(c, "-6")) or c.argv[-4:] == ["-f", "inet", "-f", "inet6"],
        instead=lambda argv: [w for w in argv if w not in ("-4", "-6", "-f", "inet", "inet6")] + ["-A", "inet"],
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
    Difference(
        "dccp",
        "iproute2 7.3 dropped DCCP, ours answers as 7.2 did: kernels before 6.16 have it.",
        lambda c: _short(c, "d") or _has(c, "--dccp"),
        instead=lambda argv: [{"-d": "-S", "--dccp": "--sctp"}.get(w, w) for w in argv],
        status=0,
    ),
    Difference(
        "sctp-repeats",
        "The kernel sends an endpoint again when its associations need another message; it is shown once.",
        lambda c: _short(c, "S") or _has(c, "--sctp"),
        leave_out=lambda out: re.sub(rb"^`- \(null\) .*\n(?:\t.*\n)*", b"", out, flags=re.M),
    ),
    Difference(
        "packet-types",
        "The reference shows packet sockets of both types when one was asked for.",
        lambda c: any(w in ("p_raw", "p_dgr", "packet_raw", "packet_dgram") for w in c.argv),
        leave_out=_without_packets,
    ),
    Difference(
        "no-states",
        "A set of states that becomes empty selects nothing; the reference goes back to its defaults.",
        lambda c: _has(c, "exclude"),
        instead=lambda argv: [*_without_states(argv), "src", "192.0.2.99"],
    ),
    Difference(
        "syn-recv",
        "Excluded, SYN-RECV is not shown; the reference asks for it by the kernel's other number all the same.",
        lambda c: _leaves_out_syn_recv(c.argv),
        instead=_spelt_states,
    ),
    Difference(
        "untold-by-proc",
        "A filter on what /proc/net does not tell finds nothing there: that is an error.",
        lambda c: bool({"dev", "fwmark", "cgroup"} & set(c.argv)) and ((c.variable or "").startswith("PROC_") or _lists_raw(c)),
        status=1,
    ),
    Difference(
        "range-of-ports",
        "Without the range of automatic ports autobound is guesswork: that is an error.",
        lambda c: (c.variable or "").startswith("PROC_IP_LOCAL_PORT_RANGE") and _has(c, "autobound"),
        status=1,
    ),
    Difference(
        "bare-ipv6",
        "IPv6 addresses are read without brackets too, and with the prefix behind them.",
        lambda c: _has(c, "::1") or _has(c, "[::1]/128"),
        instead=lambda argv: [{"::1": "[::1]", "[::1]/128": "[::1/128]"}.get(w, w) for w in argv],
        status=0,
    ),
    Difference(
        "not-equal",
        "src and dst can be compared with != as ports can.",
        lambda c: _has(c, "dst") and _has(c, "!="),
        instead=lambda argv: ["-t", "not", "dst", "1.2.3.4"],
        status=0,
    ),
    Difference(
        "filter-errors",
        "A word that is no predicate is a syntax error, 255, before anybody tries to resolve it as a host, 1.",
        lambda c: c.argv[-1:] and c.argv[-1] in ("22", "nonsense.invalid", "3", "state"),
        status=255,
    ),
    Difference(
        "cgroup-root",
        "cgroup = / is the root cgroup; for the reference it is the root directory, which matches nothing.",
        lambda c: c.argv[-2:] == ["cgroup", "/"],
        instead=lambda argv: argv[:-2],
    ),
    Difference(
        "operand-family",
        "An address without a family is an IP address when IP sockets are among those selected.",
        lambda c: _has(c, "-x") and _has(c, "-t") and _has(c, "127.0.0.1"),
        instead=lambda argv: ["-A", "unix,tcp", "src", "127.0.0.1"],
    ),
    Difference(
        "not-autobound",
        "not autobound shows what autobound does not; in the reference many sockets are in neither.",
        lambda c: _has(c, "not") and _has(c, "autobound"),
        leave_out=_without_inet,
    ),
    Difference(
        "no-leaking",
        "An address or port without a family says nothing about unix, netlink and packet sockets.",
        lambda c: any(w in ("src", "dst", "sport", "dport") for w in c.argv) and not _short(c, "t"),
        instead=lambda argv: [argv[0], "-A", "inet", *(_EXACT.get(w, w) for w in argv[1:])],
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
