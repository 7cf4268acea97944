# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Filters on fields, on real sockets: what they select, alone and beside the classic words."""

import json
import re
from pathlib import Path

import pytest

from lib import rows

DEFS = Path(__file__).parents[2] / "src/model/defs"
NUMBERS = {"UINT", "INT", "HEX", "BYTES", "BYTES_S", "USEC", "MSEC", "PORT", "COOKIE"}
STATES = ["established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "close-wait", "last-ack",
          "listening", "closing", "bound-inactive"]


def registry():
    text = "".join(p.read_text() for p in sorted(DEFS.glob("*.def")))
    found = re.findall(r'^(?:FIELD|COUNTER)\(\w+,\s*"([^"]+)",\s*(\w+),', text, re.M)
    return [f for f in found if f[0] not in ("local.name", "peer.name")]  # known only when sockets have been chosen


UNTOLD = re.compile(rb"[^\n]*: raw sockets: this kernel has no sock_diag for them; /proc/net, read instead, does not tell \S+\n")


def listed(net, ss, options, *words):
    """The cookies of the sockets that are listed."""
    result = net.run([ss, f"-HOe{options}", *words])
    # Many kernels have no sock_diag for raw sockets: of those /proc/net does not tell all that is asked for.
    errors = UNTOLD.sub(b"", result.err)
    assert result.status == (errors != result.err), (words, result.err)
    assert not errors or re.search(rb"the (marks|other ends|options|payload of the queues) of", errors), (words, result.err)
    return set(re.findall(r" sk:([0-9a-f]+)", result.out.decode(errors="replace")))


@pytest.mark.parametrize(
    "options, classic, term",
    [
        ("tan", "sport = 22", "local.port = 22"),
        ("tan", "dport >= 1024", "peer.port>=1024"),
        ("tan", "dport > 80 and dport < 50000", "dport in 81-49999"),
        ("tan", "sport = 22 or sport = 80 or sport = 443", "local.port in {22, 80,443}"),
        ("tuan", "dst 127.0.0.0/8", "peer in 127.0.0.0/8"),
        ("tan", "src 127.0.0.0/8 or src [::1]", "local in {127.0.0.0/8, ::1}"),
        ("tan", "dev lo", "iface = lo"),
        ("tan", "dev lo", "ifindex = 1"),
        ("xa", "src unix:/*", "unix.name ~ /*"),
    ],
)
def test_as_the_classic_words(ss, steady, options, classic, term):
    want = listed(steady, ss, options, classic)
    assert listed(steady, ss, options, term) == want
    assert listed(steady, ss, options, *term.split()) == want
    assert listed(steady, ss, options, f"({term}) and ( {classic} )") == want


def test_negated(ss, steady):
    everything, some = listed(steady, ss, "tan"), listed(steady, ss, "tan", "local.port = 22")
    assert some and some < everything
    assert listed(steady, ss, "tan", "local.port != 22") == everything - some
    assert listed(steady, ss, "tan", "not local.port = 22") == everything - some
    # unix sockets have no port: neither the term nor its negation selects them
    assert listed(steady, ss, "txan", "local.port != 22") == everything - some


def settled(name, kind):
    """True of every socket: it has the field or has it not, and a number that is there is at least 0 or less than that."""
    absent = f"not has {name}"
    if kind in NUMBERS:
        return f"(({name} >= 0 or {name} < 0) or {absent})", f"({absent} and ({name} >= 0 or {name} < 0))"
    return f"(has {name} or {absent})", f"(has {name} and {absent})"


@pytest.mark.plain  # tests/unit/test-row.c has all fields, of recordings
def test_every_field(ss, steady):
    """Of each socket a filter knows whether it has a field; several to a question, for each asks the whole machine."""
    fields = registry()
    assert len(fields) > 200
    for i in range(0, len(fields), 12):
        always, never = zip(*(settled(*f) for f in fields[i : i + 12]))
        before = listed(steady, ss, "tuxwa0")
        found = listed(steady, ss, "tuxwa0", " and ".join(always))
        # On a slow machine some connections run out meanwhile.
        assert len(before) > 100 and before & listed(steady, ss, "tuxwa0") <= found, fields[i : i + 12]
        assert not listed(steady, ss, "tuxwa0", " or ".join(never)), fields[i : i + 12]


@pytest.mark.plain
def test_every_field_that_is_there(ss, steady):
    fields, told = [name for name, _ in registry()], listed(steady, ss, "tuxa")
    shown = [json.loads(line) for line in steady.run([ss, "-tuxa", "--ndjson", "--columns=cookie," + ",".join(fields)]).lines]
    has = {name: {s["cookie"] for s in shown if value_of(s, name) is not None} & told for name in fields}
    n_some = 0
    for name in fields:
        some = has[name]
        if not some or some == told:
            continue  # told by the contradictions
        n_some += 1
        assert abs(len(listed(steady, ss, "tuxa", f"has {name}") ^ some)) <= 2, name  # some connections run out meanwhile
    assert n_some > 60


def value_of(record, name):
    """What a record has under a name with dots."""
    for part in name.split("."):
        if isinstance(record, list):
            return record
        record = record.get(part) if isinstance(record, dict) else None
    return record


@pytest.mark.parametrize("state", STATES)
def test_states(ss, moving, state):
    want = listed(moving, ss, "tn", "state", state)
    assert listed(moving, ss, "tan", f"state = {state}") == want
    assert listed(moving, ss, "tn", f"state={state}") == want
    assert listed(moving, ss, "tn", "state", "=", state) == want
    assert not listed(moving, ss, "tn", "state", state, f"not state = {state}")


def test_states_that_are_asked(ss, moving):
    every = {s: listed(moving, ss, "tn", "state", s) for s in STATES}
    assert listed(moving, ss, "tn", "state in {listening, time-wait}") == every["listening"] | every["time-wait"]
    # what the options select stays selected, and nothing else
    assert listed(moving, ss, "tln", "state = time-wait") == set()
    assert listed(moving, ss, "tn", "state", "listening", "state != listening") == set()
    without = listed(moving, ss, "tan") - every["listening"]
    assert listed(moving, ss, "tn", "state != listening") == without
    # another way to match, so every state is asked for
    assert listed(moving, ss, "tn", "state = listening or sport > 0") == listed(moving, ss, "tan", "sport > 0")


def test_processes(ss, steady):
    made = [m for m in steady.made if m.table == "tcp" and m.get("fd") is not None]
    lines = steady.run([ss, "-HOtanep", f"process.pid = {made[0].pid}"]).lines
    assert lines and all(f"pid={made[0].pid}," in line for line in lines)
    assert str(made[0].inode) in rows.by_word(lines, "ino:")
    # Which of a socket's owners is told first is a matter of their numbers.
    name = re.search(rf'\("([^"]+)",pid={made[0].pid},', lines[0])[1]
    assert listed(steady, ss, "tan", f'process = "{name}"') >= listed(steady, ss, "tan", f"process.pid = {made[0].pid}")
    assert not listed(steady, ss, "tan", "process.name = nobody-is-called-so")
    assert listed(steady, ss, "tan", f'process.name != "{name}"') == listed(
        steady, ss, "tan", f'has process and not process ~ "{name}"'
    )


def test_kinds_and_users(ss, steady):
    assert listed(steady, ss, "a", "netid = udp") == listed(steady, ss, "ua")
    assert listed(steady, ss, "a", "netid in {u_str,u_dgr,u_seq}") == listed(steady, ss, "xa")
    assert listed(steady, ss, "a", "family = unix") == listed(steady, ss, "xa")
    assert listed(steady, ss, "tan", "uid = 0") == listed(steady, ss, "tan", "uid = root")


@pytest.mark.parametrize(
    "words, status, text",
    [
        (["tcp.rt > 5ms"], 2, "tcp.rt > 5ms\n^^^^^^ neither a predicate nor a field: did you mean tcp.rtt?"),
        (["tcp.rtt>5kB"], 2, "tcp.rtt>5kB\n        ^^^ not a time: use us, ms, s, m, h or d"),
        (["recvq", ">", "5ms"], 2, "recvq > 5ms\n        ^^^ not a size: use a number of bytes, or K, M, G (of 1024), "
         "kB, MB, GB (of 1000)"),
        (["tcp.cong > a"], 2, "tcp.cong > a\n         ^ text can be =, !=, ~, !~ or in"),
        (["peer = localhost"], 2, "peer = localhost\n       ^^^^^^^^^ not an address: use figures, like 10.0.0.1, "
         "10.0.0.0/8 or fe80::/10 (names are for src and dst)"),
        (["sport = 1 or sport = 2 and tcp.rtt > 5"], 2,
         'sport = 1 or sport = 2 and tcp.rtt > 5\n                       ^^^ "and" and "or" meet here: write  '
         "( sport = 1 or sport = 2 ) and tcp.rtt > 5  or  sport = 1 or ( sport = 2 and tcp.rtt > 5 )"),
        (["state", "nosuch"], 255, None),
        (["sport = 22 23"], 255, None),
        (["dev = nosuch"], 1, None),
        (["iface = nosuch"], 2, "iface = nosuch\n        ^^^^^^ no such interface"),
    ],
)
def test_refused(ss, steady, words, status, text):
    result = steady.run([ss, "-tan", *words])
    assert result.status == status and result.out == b""
    if text:
        assert result.err.decode().split("\n", 1)[1] == text + "\n"


def test_filter_file(ss, steady, tmp_path):
    path = tmp_path / "filter"
    path.write_text("# two ports\nlocal.port in { 22, # not a comment\n")
    assert steady.run([ss, "-tan", "-F", path]).status == 2
    path.write_text("# two ports\nlocal.port in {\n 22,\n # a comment\n 80 }\nand has \ntcp.rtt\n")
    assert listed(steady, ss, "tan", "-F", path) == listed(steady, ss, "tan", "sport = 22 or sport = 80") & listed(
        steady, ss, "tan", "has tcp.rtt"
    )
