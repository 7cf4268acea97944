# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Answers of hosts that are made up, in the form that src/fleet/partial.h specifies, written from that text alone."""

MASK = (1 << 64) - 1


def mix(v):
    v = v * 0xD6E8FEB86659FD93 & MASK
    return v ^ v >> 32


def line_hash(line):
    h = 0x9E3779B97F4A7C15 ^ len(line)
    whole = len(line) - len(line) % 8
    for at in range(0, whole, 8):
        h = mix(h ^ int.from_bytes(line[at : at + 8], "little"))
    return mix(h ^ int.from_bytes(line[whole:], "little"))


def escaped(text):
    return "".join(c if " " < c < "\x7f" and c not in "%,;\\" else "".join(f"%{b:02x}" for b in c.encode()) for c in text)


def partial(host, groups, boot=None, time_us=1_000_000_000_000_000, by="peer.addr", asked="tcp", state="whole", version=1, more="", others=None):
    """@groups: pairs of the words of the keys, and the number of sockets; @others: how many are left out, and their sockets."""
    lines = [f"ss{version}h host={escaped(host)} boot={escaped(boot or 'boot-' + host)} id=0000000000000001 time={time_us} version=0.1.0 "
             f"of=groups asked={escaped(asked)} by={escaped(by)}{more}"]  # fmt: skip
    lines += [f"ss{version}g {key} {n}" for key, n in groups]
    total = sum(n for _, n in groups)
    if others:
        lines.append(f"ss{version}o {others[0]} {others[1]}")
        total += others[1]
    last = f"ss{version}e {len(lines)} {total} {state}"
    sums = sum(line_hash(line.encode()) for line in [*lines, last]) & MASK
    return "\n".join([*lines, f"{last} {sums:016x}"]) + "\n"


def address(number):
    """The word of the address 10.x.y.z."""
    return f"x0a{number:06x}"
