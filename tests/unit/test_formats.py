# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What the output formats write, read by other programs' parsers."""

import csv
import io
import json
import re
import shutil
import subprocess

import pytest

from lib import builds, prometheus

SEEDS = range(1, 9)


@pytest.fixture(params=builds.all_builds(), ids=lambda b: b.name)
def write(request):
    def run(*argv, program="test-formats"):
        done = subprocess.run([request.param.dir / "tests/unit" / program, *map(str, argv)], capture_output=True,
                              timeout=120, env=builds.environment())  # fmt: skip
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode()  # whatever the values are, the output is UTF-8

    return run


def strict(schema):
    """The schema with no key allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: strict(v) for k, v in schema.items()}
    if out.get("type") == "object" and isinstance(out.get("properties"), dict):
        out["additionalProperties"] = False
    return out


def has_empty_object(value):
    if isinstance(value, list):
        return any(map(has_empty_object, value))
    return isinstance(value, dict) and (not value or any(map(has_empty_object, value.values())))


def no_repeats(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)


def test_json(write):
    for seed in SEEDS:
        document = json.loads(write("json", seed), object_pairs_hook=no_repeats)
        assert len(document["sockets"]) == 40 and document["complete"] is True and len(document["notes"]) == 2
        assert not has_empty_object([s for s in document["sockets"] if s])


def test_schema(write):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    schema = json.loads(write("schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(strict(schema))
    for seed in SEEDS:
        valid.validate(json.loads(write("json", seed)))
    assert not valid.is_valid({"notes": [], "complete": True, "sockets": [{"no_such_key": 1}]})


def test_schema_tells_its_version(write):
    assert json.loads(write("schema"))["x-version"] == 2


def test_ndjson_has_the_same_objects(write):
    for seed in SEEDS:
        document = json.loads(write("json", seed))
        lines = [json.loads(line) for line in write("ndjson", seed).split("\n")[:-1]]
        assert lines[:40] == document["sockets"]
        assert [line["note"] for line in lines[40:]] == document["notes"]


def test_bytes_are_not_lost(write):
    """A name that is not UTF-8 comes back as the bytes it was; CSV, which escapes otherwise, has the same."""
    n = 0
    for seed in SEEDS:
        sockets = json.loads(write("json", seed))["sockets"]
        rows = list(csv.DictReader(io.StringIO(write("csv", seed), newline="")))
        for socket, row in zip(sockets, rows, strict=True):
            name = socket.get("unix", {}).get("name")
            if name is None:
                assert not row.get("unix.name")
                continue
            raw = name.encode("utf-8", "surrogateescape")
            assert unescape(row["unix.name"]) == raw
            n += any(b >= 0x80 for b in raw)
    assert n > 0


def unescape(text):
    out = re.sub(rb"\\(?:x([0-9a-f]{2})|\\)", lambda m: bytes.fromhex(m[1].decode()) if m[1] else b"\\",
                 text.encode())
    assert not re.search(r"(?<!\\)(\\\\)*\\[^\\x]", text)
    return out


def test_jq(write):
    if not shutil.which("jq"):
        pytest.skip("jq is not installed")
    for seed in SEEDS:
        done = subprocess.run(["jq", "-c", ".sockets|length"], input=write("json", seed), text=True,
                              capture_output=True)
        assert (done.returncode, done.stdout) == (0, "40\n"), done.stderr


def test_csv(write):
    for seed in SEEDS:
        text = write("csv", seed)
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert len(rows) == 41 == text.count("\n") and {len(r) for r in rows} == {len(rows[0])}
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_table(write):
    for seed in SEEDS:
        text = write("table", seed)
        assert text.count("\n") == 41 and not re.search(r" $", text, re.M)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
LABEL = rf'{NAME}="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)$")
SUFFIX = {"gauge": "", "counter": "_total"}


def parse_openmetrics(text):
    """Families with their type, unit and samples. Fails on anything that the specification does not allow."""
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""] and lines.count("# EOF") == 1
    families, family, seen = {}, None, set()
    for line in lines[:-2]:
        if line.startswith("# "):
            _, what, name, value = line.split(" ", 3)
            if name != family:
                assert what == "TYPE" and name not in families, line
                family, families[name] = name, {"samples": []}
            assert what in ("TYPE", "UNIT", "HELP") and what not in families[name] and not families[name]["samples"]
            assert what != "UNIT" or name.endswith("_" + value), line
            families[name][what] = value
            continue
        found = SAMPLE.match(line)
        assert found, line
        kind = families[family]["TYPE"]
        assert found[1] == family + SUFFIX[kind], line
        labels = re.findall(LABEL, found[2] or "")
        assert len({x.split("=")[0] for x in labels}) == len(labels), line
        assert (found[1], found[2]) not in seen, line
        seen.add((found[1], found[2]))
        assert kind != "counter" or float(found[3]) >= 0, line
        families[family]["samples"].append(found[3])
    assert not {n + SUFFIX[f["TYPE"]] for n, f in families.items() if SUFFIX[f["TYPE"]]} & set(families)
    return families


def test_openmetrics(write):
    for seed in SEEDS[:3]:  # the parsers are slow
        page = write("openmetrics", seed)
        families = parse_openmetrics(page)
        assert len(families) > 50 and families["sockeye_complete"]["samples"] == ["0"]  # it has no room for all
        assert all(f["samples"] for f in families.values())
        assert {n: len(f["samples"]) for n, f in families.items()} == {
            n: len(f.samples) for n, f in prometheus.read("openmetrics", page).items()
        }


def test_prometheus(write):
    for seed in SEEDS[:3]:
        page = write("prometheus", seed)
        families = prometheus.read("prometheus", page)
        assert len(families) > 50 and {f.type for f in families.values()} == {"gauge", "counter"}
        assert sum(len(f.samples) for f in families.values()) <= 1002
    assert prometheus.check(page) == ""


@pytest.mark.parametrize("form", ["openmetrics", "prometheus"])
def test_every_name_of_a_metric(write, form):
    names, pages = set(), {}
    for what in ("sum", "min", "max", "avg", "p99"):
        pages[what] = write(form, what, program="test-metrics")
        families = prometheus.read(form, pages[what])
        assert all(len(f.samples) == 1 for f in families.values())
        names |= set(families)
    assert len(names) > 500
    assert prometheus.check(pages["sum"]) == prometheus.check(pages["p99"]) == ""


def test_promtool_is_strict():
    """So that what it says nothing about is right."""
    assert prometheus.check("a 1\n") and prometheus.check("# HELP a b\n# TYPE a counter\na 1\n")
    assert not prometheus.check("# HELP a b\n# TYPE a gauge\na 1\n")


@pytest.mark.parametrize("text", ['a{b="c"d"} 1', "a 1", "# TYPE a gauge\na{} 1", "# TYPE a gauge\na 1\na 2",
                                  "# TYPE a gauge\n# UNIT a seconds\na 1", "# TYPE a counter\na 1"])
def test_openmetrics_parser_is_strict(text):
    with pytest.raises((AssertionError, KeyError, ValueError)):
        parse_openmetrics(text + "\n# EOF\n")


def test_fields(write):
    fields = json.loads(write("fields", "json", ""))["fields"]
    by_name = {f["name"]: f for f in fields}
    assert len(by_name) == len(fields) > 200
    assert by_name["tcp.rtt"] == {"name": "tcp.rtt", "type": "time", "unit": "us", "kind": "gauge",
                                  "help": "smoothed round-trip time", "source": "TCP_INFO"}
    assert by_name["tcp.rcv_wnd"]["since"] == "6.2" and by_name["tcp.bytes_acked"]["kind"] == "counter"
    assert [by_name[n]["kind"] for n in ("inode", "local.port", "mark")] == ["name"] * 3
    assert not [n for n in ("netid", "local.addr", "process", "unix.name") if "kind" in by_name[n]]
    assert write("fields", "csv", "local.port").startswith(
        "name,type,unit,kind,help,since,source\nlocal.port,port,,name,local port,,")


def test_every_field_is_in_the_schema(write):
    schema = json.loads(write("schema"))
    for field in json.loads(write("fields", "json", ""))["fields"]:
        if "process." in field["name"]:
            assert field["name"].split(".")[-1] in schema["$defs"]["process"]["properties"]
            continue
        at = schema["$defs"]["socket"]
        for part in field["name"].split("."):
            at = at["properties"][part]
        assert at["description"] == field["help"] and at.get("x-unit") == field.get("unit")
        assert at.get("x-since") == field.get("since")
