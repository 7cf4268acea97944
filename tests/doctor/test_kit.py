# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A sample of what `make kit-doctor` does, and that the kit sees what is wrong."""

import json

import pytest

from doctor import case as cases
from doctor import main, worker

SAMPLE = [c for c in cases.load().values() if c.is_sampled]


@pytest.fixture(scope="session")
def rules(ss):
    return main.rules_of(ss)


@pytest.mark.plain
@pytest.mark.heavy
@pytest.mark.parametrize("case", SAMPLE, ids=lambda c: c.name)
def test_case(ss, rules, case):
    told = main.run_case(ss, case, True, rules)
    if "missing" in told:
        pytest.skip(told["missing"])
    assert told["held"] and not main.is_broken(told), main.describe(told)


def test_there_are_enough():
    """As many as the kit promises, and each with a name for who reads its totals."""
    every = cases.load().values()
    assert len({c.first for c in every if c.kind == "fault"}) >= 50
    assert len([c for c in every if c.kind == "healthy"]) >= 20
    assert all(c.about for c in every)


def finding(rule, severity="warning", by=None):
    return {"id": rule, "severity": severity, "title": rule, "explained_by": by, "evidence": []}


LEAK = cases.Case("leak", None, "", first="CLS01", also=("CLS02",))


@pytest.mark.parametrize(
    "findings, wrong, extra",
    [
        ([finding("CLS01")], None, []),
        ([finding("CLS01"), finding("CLS02"), finding("PRT06", by="CLS01")], None, []),
        ([finding("CLS01"), finding("NET01")], None, ["NET01"]),
        ([finding("CLS01"), finding("BUF11", "info")], None, []),
        ([finding("CLS02"), finding("CLS01")], "CLS02 is before CLS01", []),
        ([finding("NET01")], "no CLS01; first is NET01", ["NET01"]),
        ([], "nothing found, not even CLS01", []),
    ],
)
def test_faults_are_judged(findings, wrong, extra):
    assert worker.judge_fault(LEAK, findings) == (wrong, extra)


def test_healthy_ones_are_judged():
    assert worker.judge_healthy(None, [finding("BUF11", "info")]) == (None, [])
    assert worker.judge_healthy(None, [finding("BUF11", "info"), finding("NET01"), finding("CLS01", "critical")])[0] == "warns: CLS01 NET01"


def test_what_is_normal_has_to_be_said():
    case = cases.Case("proxy", None, "", kind="healthy", normal=("CLS07",))
    assert worker.unexplained(case, {"fine": [{"id": "CLS07"}]}) == ["CLS07"]
    assert worker.unexplained(case, {"fine": [{"id": "CLS07", "normal": "it is"}]}) == []


def stand_in(folder, status, answer):
    """A program that gives that answer."""
    path = folder / "ss"
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "status, answer, key, said",
    [
        (1, json.dumps({"findings": [finding("LSN11")]}), "wrong", None),
        (0, json.dumps({"findings": [finding("LSN11")]}), "wrong", "status 0 with 1 warnings"),
        (0, json.dumps({"findings": []}), "wrong", "nothing found, not even LSN11"),
        (4, "no doctor", "error", "no doctor"),
    ],
)
def test_a_wrong_doctor_is_seen(tmp_path, status, answer, key, said):
    told = main.run_case(stand_in(tmp_path, status, answer), cases.load()["abort_on_overflow"], rules=["LSN11"])
    if "missing" in told:
        pytest.skip(told["missing"])
    assert told["held"]
    assert told.get(key) == said if key == "wrong" else said in told[key]


def nowhere(_):
    """Says that its state is not there."""
    raise cases.NotReproduced("it is not there")
    yield


def test_a_state_that_is_not_there_is_told_apart():
    told = worker.run(cases.Case("nowhere", nowhere, "", first="LSN01"), None, True)
    assert not told["held"] and told["why"] == "it is not there" and main.is_broken(told)
    assert main.totals([told])[0] == "faults: 0 of 1 reproduced, of 0 rules"
