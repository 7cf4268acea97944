# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""MPTCP connections with their subflows as one, of what several kernels said, and never counted twice."""

import json
from collections import Counter

import pytest

from lib import corpus

RECORDED = [s for s in corpus.scenarios() if s.name == "mptcp" and "nodiag" not in s.kernel]
COLUMNS = "--columns=netid,state,local.addr,local.port,peer.port,inode,mptcp.token,mptcp.subflows,tcp.ulp"


@pytest.fixture(params=RECORDED, ids=str)
def ask(request, build, tmp_path):
    script = tmp_path / "script"
    script.write_text(request.param.script(request.param.dumps))

    def run(*words):
        done = corpus.replay(build, script, request.param.path(".bin"), ["-n", *words])
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout.decode()

    return run


def sockets(ask, *words):
    return json.loads(ask("--json", *words))["sockets"]


def parts(connections):
    return [p for s in connections for p in s.get("subflows", [])]


def test_one_record(ask):
    """Each socket is there once, and a connection has as many subflows as the kernel counts of it."""
    apart = sockets(ask, "-ta", COLUMNS) + sockets(ask, "-Ma", COLUMNS)
    assert not parts(apart) and {s["netid"] for s in apart} == {"tcp", "mptcp"}
    whole = sockets(ask, "-tMa", COLUMNS)
    there = [{k: v for k, v in s.items() if k != "subflows"} for s in whole] + parts(whole)
    assert Counter(map(str, there)) == Counter(map(str, apart))
    for s in whole:
        mine = s.get("subflows", [])
        if s["netid"] != "mptcp":
            assert not mine and s.get("tcp", {}).get("ulp") != "mptcp"
        elif s["state"] == "listening":
            assert [(p["netid"], p["inode"], p["local"]) for p in mine] == [("tcp", s["inode"], s["local"])]
        else:
            assert len(mine) == 1 + s["mptcp"]["subflows"]
            assert {p["mptcp"]["token"] for p in mine} == {s["mptcp"]["token"]}
    assert any(s.get("mptcp", {}).get("subflows") for s in whole)


def test_formats(ask):
    """Lines nest too, in their order; a table has subflows below; CSV, which cannot nest, has a line each."""
    ordered = [COLUMNS, "-tMa", "--sort=local.port,inode"]
    whole = sockets(ask, *ordered)
    assert [json.loads(line) for line in ask("--ndjson", *ordered).splitlines()] == whole
    rows = [[p.get("netid"), str(p["local"]["port"])] for s in whole for p in (s, *s.get("subflows", []))]
    table = ask("--format=table", "-H", "-tMa", "--sort=local.port,inode", "--columns=netid,local.port").splitlines()
    assert [line.split()[-2:] for line in table] == rows
    assert sum(line.startswith("\\_ ") for line in table) == len(parts(whole)) > 0
    assert len(ask("--csv", "-H", *ordered).splitlines()) == len(rows)
    assert len(sockets(ask, *ordered, "--limit=3")) == 3


def test_filter(ask):
    """What a filter leaves of a connection counts for itself."""
    only = sockets(ask, "-tMa", COLUMNS, "tcp.ulp = mptcp")
    assert only and not parts(only) and {s["netid"] for s in only} == {"tcp"}
    assert json.loads(ask("--json", "-tMa", "--by=netid", "tcp.ulp = mptcp"))["groups"][0]["count"] == len(only)


def test_counted_once(ask):
    def count(*words):
        return {g["netid"]: g["count"] for g in json.loads(ask("--json", *words))["groups"]}

    whole = sockets(ask, "-tMa", COLUMNS)
    assert count("-tMa", "--by=netid") == Counter(s["netid"] for s in whole)
    assert count("-Ma", "--by=netid").keys() == {"mptcp"}
    assert count("-ta", "--by=netid") == {"tcp": len(parts(whole)) + sum(s["netid"] == "tcp" for s in whole)}
    kinds = Counter()
    for kind in json.loads(ask("--summary=full", "--json"))["kinds"]:
        kinds[kind["netid"]] += kind["count"]
    assert {k: kinds[k] for k in ("tcp", "mptcp")} == Counter(s["netid"] for s in whole)
    listening = {s["local"]["port"] for s in whole if s["state"] == "listening"}
    ports = [(p["port"], p["protocol"]) for p in json.loads(ask("--ports", "--json", "-tM"))["ports"]]
    assert sorted(p for p in ports if p[0] in listening) == sorted((n, "mptcp") for n in listening)
