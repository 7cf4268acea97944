# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Inside the namespaces of one case: builds it, asks the doctor, and tells as one line of JSON what came of it."""

import argparse
import json
import time
import traceback
import unittest
from contextlib import suppress

from doctor import case as cases
from doctor.place import Place

ALARMS = ("warning", "critical")


def alarms(findings):
    return [f for f in findings if f["severity"] in ALARMS]


def judge_fault(case, findings):
    """
    What is wrong with @findings, and what is there that nobody expected. The first has to be the rule that the case is about; the
    others are its consequences, which say so, or have another cause, which the case has to know of.
    """
    if not findings:
        return f"nothing found, not even {case.first}", []
    first = findings[0]
    own = [f for f in findings if f["id"] == case.first]
    extra = sorted({f["id"] for f in alarms(findings) if f["id"] not in (case.first, *case.also)
                    and not f.get("explained_by")})
    if not own:
        return f"no {case.first}; first is {first['id']}", extra
    if first["id"] != case.first:
        return f"{first['id']} is before {case.first}", extra
    return None, extra


def judge_healthy(_case, findings):
    bad = sorted({f["id"] for f in alarms(findings)})
    return "warns: " + " ".join(bad) if bad else None, []


def unexplained(case, answer):
    """What the case looks frightening for, and the doctor does not say why it is normal."""
    told = {f["id"] for f in answer.get("fine", []) if f.get("normal")}
    return [rule for rule in case.normal if rule not in told]


def short(finding):
    return {k: finding.get(k) for k in ("id", "severity", "title", "explained_by", "evidence")}


def ask(case, place, told):
    """What the doctor says while the state stands."""
    begun = time.monotonic()
    status, answer = place.doctor(case)
    told["doctor_s"] = round(time.monotonic() - begun, 2)
    findings = answer["findings"]
    told["wrong"], told["extra"] = {"fault": judge_fault, "healthy": judge_healthy}[case.kind](case, findings)
    if not told["wrong"] and (silent := unexplained(case, answer)):
        told["wrong"] = "does not say that it is normal: " + " ".join(silent)
    if not told["wrong"] and bool(alarms(findings)) != (status == 1):
        told["wrong"] = f"status {status} with {len(alarms(findings))} warnings"
    told["skipped"] = sorted(s["id"] for s in answer.get("skipped", []))
    told["findings"] = [short(f) for f in findings]


def run(case, place, with_doctor):
    told = {"name": case.name, "kind": case.kind, "first": case.first, "held": False}
    begun = time.monotonic()
    try:
        state = case.build(place)
        next(state)
        told["held"], told["build_s"] = True, round(time.monotonic() - begun, 2)
        if with_doctor:
            ask(case, place, told)
        with suppress(StopIteration):
            next(state)
    except cases.NotReproduced as e:
        told["held"], told["why"] = False, str(e)
    except unittest.SkipTest as e:
        told["missing"] = str(e)
    except Exception:
        told["error"] = traceback.format_exc()
    return told


def main(words):
    p = argparse.ArgumentParser()
    p.add_argument("--ss", required=True)
    p.add_argument("--sample", action="store_true")
    p.add_argument("--no-doctor", action="store_true")
    p.add_argument("name")
    o = p.parse_args(words)
    case = cases.load()[o.name]
    print(json.dumps(run(case, Place(o.ss, not o.sample), not o.no_doctor)), flush=True)
