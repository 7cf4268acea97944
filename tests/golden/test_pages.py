# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Every field as a column and as a key, on pages for Prometheus, of what kernels recorded."""

import csv
import json
import subprocess

import pytest

from lib import builds, corpus, prometheus

FORMS = ["openmetrics", "prometheus"]
OWN = {"sockeye_complete", "sockeye_records_left_out"}


@pytest.fixture
def run(build, tmp_path):
    def of(scenario, *options):
        """What ss says, with options of our own, of the first thing it was asked on that kernel."""
        first = next(s for s in corpus.scenarios() if str(s) == scenario).runs[0]
        script = tmp_path / "script"
        script.write_text(first.scenario.script(first.replies))
        words = [w for w in first.argv if w.startswith("-") and not w.startswith("-a")] + ["-an", *options]
        return corpus.replay(build, script, first.scenario.path(".ss.bin"), words).stdout.decode()

    return of


def fields(build, kind):
    schema = subprocess.run([build.ss, "--schema"], capture_output=True, timeout=60, env=builds.environment()).stdout
    all_of = json.loads(schema)["$defs"]["socket"]
    found = []

    def walk(name, at):
        for key, value in at["properties"].items():
            full = f"{name}.{key}" if name else key
            if "properties" in value:
                walk(full, value)
            elif (value.get("x-kind") in ("gauge", "counter")) == (kind == "amounts"):
                found.append(full)

    walk("", all_of)
    # Names of hosts are what -r says beside their addresses, and rates need samples.
    found = [f for f in found if not (f.endswith("_rate") and f[: -len("_rate")] in found)]
    return [f for f in found if f not in ("process", "local.name", "peer.name")] + (["process.name", "process.pid"] if kind == "keys" else [])


def in_parts(things, n):
    return [things[i : i + n] for i in range(0, len(things), n)]


@pytest.mark.plain
@pytest.mark.parametrize("form", FORMS)
def test_every_field_as_a_key_and_as_a_sum(build, run, form):
    keys, amounts = fields(build, "keys"), fields(build, "amounts")
    assert len(keys) > 100 and len(amounts) > 100
    parts = in_parts(keys, 8)
    sums = in_parts([f"{how}({f})" for f in amounts for how in ("sum", "p50")], 16)
    for i in range(max(len(parts), len(sums))):
        by = ",".join(parts[i % len(parts)] + sums[i % len(sums)])
        families = prometheus.read(form, run("7.3-mptcp" if i % 2 else "6.1-tcp", "--by=" + by, "--format=" + form))
        assert {"sockeye_sockets", "sockeye_share_ratio", *OWN} <= set(families)
        assert all(s.labels["query"].endswith("--format=" + form) for f in families.values() for s in f.samples)


@pytest.mark.plain
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scenario", ["6.1-tcp", "7.3-mptcp", "6.1-sctp", "6.1-unix"])
def test_every_field_as_a_column(build, run, scenario, form):
    all_of = fields(build, "keys") + fields(build, "amounts")
    for part in in_parts(all_of, 50):
        families = prometheus.read(form, run(scenario, "--columns=" + ",".join(part), "--format=" + form))
        assert families["sockeye_complete"].samples and "sockeye_records_left_out" in families


@pytest.mark.plain
@pytest.mark.parametrize("options", [(), ("-m",), ("-o",), ("-e",), ("-i",), ("-m", "-o", "-i", "-e")], ids=" ".join)
@pytest.mark.parametrize("scenario", ["6.1-tcp", "7.3-mptcp", "6.1-sctp", "6.1-unix"])
def test_as_much_as_json_has(run, scenario, options):
    """Without --columns every value that JSON has is in CSV, and on a page."""
    lines = run(scenario, "--format=ndjson", *options).splitlines()
    rows = list(csv.DictReader(run(scenario, "--format=csv", *options).splitlines()))
    page = prometheus.read("openmetrics", run(scenario, "--format=openmetrics", "--limit=5", *options))
    samples = [s for f in page.values() for s in f.samples]
    on_page = {s.name.removesuffix("_total") for s in samples} | {k for s in samples for k in s.labels}
    found = 0

    def walk(record, row, name=""):
        nonlocal found
        for key, value in record.items():
            full = f"{name}.{key}" if name else key
            if isinstance(value, dict):
                walk(value, row, full)
                continue
            found += 1
            assert full in row and (row[full] != "" or value in ("", [])), full
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                assert json.loads(row[full]) == value

    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows, strict=True):
        walk(json.loads(line), row)
    assert found > 5 * len(rows)
    some = {k for row in rows[:5] for k, v in row.items() if v != ""}
    assert all(any(n in (k.replace(".", "_"), "sockeye_" + k.replace(".", "_")) or
                   n.startswith("sockeye_" + k.replace(".", "_") + "_") for n in on_page) for k in some)  # fmt: skip


def test_two_files_in_one_folder(run):
    """Questions about the same sockets, in part the same metrics and labels: none of their samples are the same."""
    pages = [run("6.1-tcp", "--format=prometheus", *words)
             for words in (["--by=state"], ["--by=state,netid"], ["--by=state", "state", "established"], [])]  # fmt: skip
    seen, told = {}, {}
    for page in pages:
        for family in prometheus.read("prometheus", page).values():
            told.setdefault(family.name, (family.type, family.documentation))
            assert told[family.name] == (family.type, family.documentation)
            for s in family.samples:
                key = (s.name, tuple(sorted(s.labels.items())))
                assert key not in seen
                seen[key] = s.value
    assert sum(name == "sockeye_complete" for name, _ in seen) == len(pages)
    assert len({dict(labels)["state"] for name, labels in seen if name == "sockeye_sockets"}) > 1


def test_promtool_takes_them(run):
    assert prometheus.check(run("6.1-tcp", "--format=prometheus")) == ""
    assert prometheus.check(run("6.1-tcp", "--by=state", "--format=openmetrics")) == ""
