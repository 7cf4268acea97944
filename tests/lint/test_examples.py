# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What lies in examples/ about metrics: rules that fire when they should, and a dashboard and units without mistakes. make kit-metrics runs them."""

import json
import re
import shutil
import subprocess

import pytest

from lib import builds, prometheus

EXAMPLES = builds.ROOT / "examples"


def run(*argv):
    return subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=120)


def names():
    """Those of the families, as a page has them."""
    table = (builds.ROOT / "docs/metrics.md").read_text()
    told = re.findall(r"^\| `(sockeye_\w+)` \| (\w+) \|", table, re.M)
    return {name for name, _ in told} | {f"{name}_bucket" for name, kind in told if kind == "histogram"}


@pytest.mark.parametrize("file", ["ss-rules.yaml", "ss-dashboard.json"])
def test_only_metrics_that_there_are(file):
    used = set(re.findall(r"\bsockeye_\w+", (EXAMPLES / file).read_text()))
    assert len(used) > 8 and not used - names()


def test_rules_fire_as_they_should(tmp_path):
    tool = prometheus.find_promtool()
    if not tool:
        pytest.skip("no promtool, and none to be had")
    for file in (EXAMPLES / "ss-rules.yaml", builds.ROOT / "tests/metrics/rules-test.yaml"):
        shutil.copy(file, tmp_path)
    checked = run(tool, "check", "rules", tmp_path / "ss-rules.yaml")
    assert checked.returncode == 0 and "FAILED" not in checked.stdout + checked.stderr, checked.stderr
    tested = run(tool, "test", "rules", tmp_path / "rules-test.yaml")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    alerts = re.findall(r"^ +- alert: (\w+)$", (EXAMPLES / "ss-rules.yaml").read_text(), re.M)
    assert len(alerts) == len(set(alerts)) > 10
    # the one that takes an hour
    assert set(alerts) - set(re.findall(r"alertname: (\w+)", (tmp_path / "rules-test.yaml").read_text())) == {"SeriesFolded"}


def test_the_commands_in_rules_work():
    """Those for a person who looks: options, rules and sets that there are."""
    ss = builds.all_builds()[0].ss
    known = {r["id"] for r in json.loads(run(ss, "--rules", "--json").stdout)["rules"]}
    for words in set(re.findall(r"look: \"ss --doctor=([\w{} $.]+?)(?: '.*)?\"", (EXAMPLES / "ss-rules.yaml").read_text())):
        assert "$labels" in words or words in known or run(ss, f"--rules={words}", "--json").returncode == 0, words


def test_the_dashboard_is_whole():
    dashboard = json.loads((EXAMPLES / "ss-dashboard.json").read_text())
    panels = dashboard["panels"]
    assert len({p["id"] for p in panels}) == len({p["title"] for p in panels}) == len(panels) > 10
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels]
    assert len(set(places)) == len(places)
    assert all(t["expr"].count("(") == t["expr"].count(")") and "$instance" in t["expr"] for p in panels for t in p["targets"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", sorted(p.name for p in EXAMPLES.glob("ss-*.service")))
def test_units_have_no_mistakes(unit, tmp_path):
    """But for the program, which is not installed here."""
    for file in EXAMPLES.glob("ss-*.*"):
        text = file.read_text().replace("/usr/local/bin/ss", "/bin/true")
        (tmp_path / file.name).write_text(text)
    said = run("systemd-analyze", "verify", "--man=no", tmp_path / unit)
    assert not [line for line in (said.stdout + said.stderr).splitlines() if unit in line]


def test_the_daemonset_names_what_there_is():
    """Its options are options, and it asks for no more than docs/security.md explains."""
    text = (EXAMPLES / "ss-daemonset.yaml").read_text()
    options = set(re.findall(r'"([\w-]+)",', (builds.ROOT / "src/cli/options.def").read_text()))
    assert set(re.findall(r"^ +- --([\w-]+)", text, re.M)) <= options
    asked = set(re.search(r"add: \[(.*)\]", text).group(1).split(", "))
    assert asked == set(re.findall(r"CAP_(\w+)`", (builds.ROOT / "docs/security.md").read_text()))
    yaml = pytest.importorskip("yaml")
    pod = yaml.safe_load(text)["spec"]["template"]["spec"]
    assert pod["containers"][0]["securityContext"]["capabilities"]["drop"] == ["ALL"] and not pod["automountServiceAccountToken"]
