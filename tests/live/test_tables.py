# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Columns, order, counts and the lists about fields, as they are typed."""

import csv
import io
import json
from collections import Counter

import pytest


def table(where, ss, *options):
    result = where.run([ss, "--format=csv", *options])
    assert result.status == 0, result.err
    return list(csv.reader(io.StringIO(result.out.decode())))


def test_sort(ss, steady):
    head, *rows = table(steady, ss, "-ta", "--columns=local.port", "--sort=recvq,local.port:desc")
    assert head == ["local.port"] and len(rows) > 20
    both = table(steady, ss, "-ta", "--columns=recvq,local.port", "--sort=recvq,local.port:desc")[1:]
    assert [[port] for _, port in both] == rows
    # A listener has no bytes, and what is absent comes last.
    assert both == sorted(both, key=lambda r: (not r[0], -int(r[0] or 0), -int(r[1]))) and not both[-1][0]
    assert table(steady, ss, "-ta", "--columns=recvq,local.port", "--sort=recvq,local.port:desc", "--limit=3")[1:] == both[:3]


def test_counts(ss, steady):
    ports = Counter(row[0] for row in table(steady, ss, "-ta", "--columns=local.port")[1:])
    rows = table(steady, ss, "-ta", "--by=local.port", "--sort=count,local.port")[1:]
    assert {r[0]: int(r[1]) for r in rows} == ports
    first = table(steady, ss, "-ta", "--by=local.port", "--sort=count,local.port", "--limit=2")[1:]
    assert first[:2] == rows[:2] and first[2][0] == "\\other"
    assert sum(int(r[1]) for r in first) == sum(ports.values())


def test_fields(ss, steady):
    found = json.loads(steady.run([ss, "--fields", "--json"]).out)["fields"]
    names = [f["name"] for f in found]
    assert len(names) == len(set(names)) > 200 and {"tcp.rtt", "process.name", "netid"} <= set(names)
    assert {f["name"]: f for f in found}["tcp.rtt"]["unit"] == "us"
    some = steady.run([ss, "-H", "--fields=tcp.bbr.*"]).lines
    assert {line.split()[0] for line in some} == {n for n in names if n.startswith("tcp.bbr.")} != set()
    assert steady.run([ss, "--fields=nosuch"]).status == 2


def test_schema_fits_what_is_listed(ss, steady):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    schema = json.loads(steady.run([ss, "--schema"]).out)
    for options in (["-a"], ["-taniemop"], ["-ta", "--by=state,peer.addr/24", "--limit=2"], ["--fields"]):
        jsonschema.validate(json.loads(steady.run([ss, "--json", *options]).out), schema)


@pytest.mark.parametrize(
    "options",
    [["--columns=nosuch"], ["--sort=nosuch"], ["--by=nosuch"], ["--by=sum(user)"], ["--limit=x"], ["--format=x"],
     ["--by=state", "--columns=uid"], ["--json", "sport", "="], ["--json", "-A", "nosuch"]],
    ids=" ".join,
)  # fmt: skip
def test_refused(ss, steady, options):
    result = steady.run([ss, "-t", *options])
    assert result.status == 2 and result.err and result.out == b""


SAME = [
    ("process.name ~ ksoc", "process.name ~ *ksoc*"),
    ("process.name ~ KSOC", "process.name = mksock"),
    ("process.name in nginx,mksock", "process.name = mksock"),
    ("netid ~ c", "netid = tcp"),
    ("iface ~ l", "iface = lo"),
    ("sport = 40001,7001", "sport = 40001 or sport = 7001"),
    ("dport != 40001,7001", "not ( dport = 40001 or dport = 7001 )"),
    ("src 127.0.0.2,[::1]", "src 127.0.0.2 or src [::1]"),
    ("dev = lo,1", "dev = lo"),
]


@pytest.mark.plain
@pytest.mark.parametrize("one, other", SAME)
@pytest.mark.parametrize("tables", ["-ta", "-tua", "-tx", "-xta"])
def test_ways_to_say_the_same(ss, steady, tables, one, other):
    results = [steady.run([ss, "-Hn", tables, text]) for text in (one, other)]
    assert [r.status for r in results] == [0, 0] and results[0].out == results[1].out
    assert results[0].out or tables.startswith("-tx") or "dev" in one or "iface" in one
