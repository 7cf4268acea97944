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
    assert both == sorted(both, key=lambda r: (-int(r[0] or -1), -int(r[1])))  # what is only bound has no queue
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
