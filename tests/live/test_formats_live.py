# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The output formats of real sockets: whole, of the promised form, and with the names their owners chose."""

import csv
import io
import json


def sockets(ss, where, *options):
    result = where.run([ss, "--json", *options])
    assert result.status == 0
    document = json.loads(result.out)
    assert document["complete"] is True
    return document["sockets"]


def test_same_sockets_as_the_classic_output(ss, steady):
    classic = steady.run([ss, "-Htan"]).lines
    assert len(classic) == len(sockets(ss, steady, "-ta")) > 5


def test_ndjson_and_csv_say_the_same(ss, steady):
    options = ["-ta", "--columns=local.addr,local.port,state,inode,uid"]
    want = sockets(ss, steady, *options)
    lines = steady.run([ss, "--format=ndjson", *options]).out.decode().splitlines()
    assert [s for s in map(json.loads, lines) if "note" not in s] == want
    rows = list(csv.DictReader(io.StringIO(steady.run([ss, "--format=csv", *options]).out.decode())))
    assert [{k: v for k, v in r.items() if v} for r in rows] == [
        {"local.addr": s["local"]["addr"], "local.port": str(s["local"]["port"]), "state": s["state"],
         **{k: str(s[k]) for k in ("inode", "uid") if k in s}} for s in want]  # fmt: skip


def test_processes(ss, steady):
    found = [s for s in sockets(ss, steady, "-tl", "--columns=local.port,process") if s["local"]["port"] == 7650]
    assert len(found) == 1
    made = steady.find("owner.shared")
    assert sorted((p["pid"], p["fd"]) for p in found[0]["process"]) == sorted((m.pid, m.fd) for m in made)
    assert sorted(p["name"] for p in found[0]["process"]) == ["mksock", "worker one", "worker two", "worker two"]


def test_odd_process_names_are_whole(ss, odd):
    """Every byte of a name comes back that the kernel keeps, which is 15 of them."""
    by_port = {s["local"]["port"]: s for s in sockets(ss, odd, "-tl", "--columns=local.port,process")}
    made = odd.find("owner.odd")
    assert len(made) > 5
    for m in made:
        names = [p.get("name", "").encode("utf-8", "surrogateescape") for p in by_port[m.local_port]["process"]]
        assert m.bytes("comm")[:15] in names
