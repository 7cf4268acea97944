# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""
Builds faults and healthy populations on the kernel that runs, each in namespaces of its own, asks `ss --doctor` about them, and tells
how many were there, in how many the right rule was first, and how many healthy ones were left in peace.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from doctor import case as cases
from lib import builds, netns

HERE = Path(__file__).resolve().parent
BROKEN = ("wrong", "extra", "why", "error")


def rules_of(ss):
    """The ids of its rules; none: this ss has no doctor."""
    argv = [ss, "--rules", "--format=json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, env=builds.environment())
    return {r["id"] for r in json.loads(done.stdout)["rules"]} if done.returncode == 0 else set()


def run_case(ss, case, sample=False, rules=()):
    """Runs it in its namespaces, and returns what its worker told. The doctor is asked where it has the rule."""
    with_doctor = case.kind == "healthy" and bool(rules) or case.first in rules
    # The network namespace is made by the worker, which keeps the way back.
    flags = [f for f in netns.namespace_flags() if f != "-n"] + ["-p", "-f", "--kill-child", "--mount-proc"]
    words = ["--ss", ss, *["--sample"] * sample, *["--no-doctor"] * (not with_doctor), case.name]
    argv = ["unshare", *flags, sys.executable, "-B", HERE / "run", "--worker", *words]
    proc = subprocess.Popen(
        [str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=builds.environment(SOCKEYE_BUILDS=os.environ.get("SOCKEYE_BUILDS")),
    )  # fmt: skip
    alarm = threading.Timer(case.seconds, proc.send_signal, [signal.SIGKILL])  # and with it all in its namespaces
    alarm.start()
    try:
        out, err = proc.communicate()
    finally:
        alarm.cancel()
        proc.kill()
        proc.wait()
    try:
        told = json.loads(out.splitlines()[-1])
        return {**told, "no_rule": True} if rules and not with_doctor else told
    except (ValueError, IndexError):
        why = f"no answer in {case.seconds} s" if proc.returncode == -signal.SIGKILL else f"it ended with {proc.returncode}"
        return {"name": case.name, "kind": case.kind, "held": False, "error": f"{why}: {err[-2000:]}"}


def is_broken(told):
    return any(told.get(key) for key in BROKEN)


def describe(told):
    """One line, and what was found where that is not as it should be."""
    name = f"{told['name']} ({told['first']})" if told.get("first") else told["name"]
    if "missing" in told:
        return f"not tried     {name}: {told['missing']}"
    if told.get("no_rule") and told["held"]:
        return f"no rule       {name}: {told.get('build_s', 0):.1f} s"
    if not is_broken(told):
        return f"ok            {name}: {told.get('build_s', 0):.1f} s"
    if told.get("error"):
        return f"broken        {name}: {told['error'].strip()}"
    if told.get("why"):
        return f"not there     {name}: {told['why']}"
    lines = [f"WRONG         {name}: {told.get('wrong') or 'unexpected: ' + ' '.join(told['extra'])}"]
    for f in told["findings"]:
        by = f" explained by {f['explained_by']}" if f.get("explained_by") else ""
        lines.append(f"              {f['severity']:8} {f['id']} {f['title']}{by}")
    return "\n".join(lines)


def totals(told):
    """What is said at the end."""
    faults = [t for t in told if t["kind"] == "fault"]
    fine = [t for t in told if t["kind"] == "healthy"]
    stood = [t for t in faults if t["held"]]
    asked = [t for t in told if "findings" in t]
    right = [t for t in stood if t in asked and not t["wrong"]]
    quiet = [t for t in fine if t in asked and t["held"] and not t["wrong"]]
    clean = [t for t in right if not t["extra"]]
    others = [f for t in right for f in t["findings"][1:] if f["severity"] != "info" and f["id"] != t["first"]]
    lines = [f"faults: {len(stood)} of {len(faults)} reproduced, of {len({t['first'] for t in stood})} rules"]
    if asked:
        lines.append(f"        the right rule first in {len(right)}, nothing unexpected beside it in {len(clean)}")
        lines.append(f"        {sum(bool(f['explained_by']) for f in others)} of {len(others)} warnings beside it say what explains them")
    lines.append(f"healthy populations: {sum(t['held'] for t in fine)} of {len(fine)} built"
                 + (f", {len(quiet)} without a warning" if asked else ""))
    lines += [f"not tried: {t['name']}: {t['missing']}" for t in told if "missing" in t]
    lines += [f"no such rule: {t['first']}" for t in told if t.get("no_rule")]
    return lines


def select(o):
    chosen = [c for c in cases.load().values() if not o.names or c.name in o.names or c.first in o.names or c.kind in o.names]
    return [c for c in chosen if c.is_sampled or not o.sample]


def main():
    p = argparse.ArgumentParser(prog="tests/doctor/run", description=__doc__)
    p.add_argument("names", nargs="*", help="names of cases, rules, `fault` or `healthy`; all")
    p.add_argument("--ss", type=Path, default=builds.all_builds()[0].ss, help="the program (%(default)s)")
    p.add_argument("--workers", type=int, default=2, help="at a time (%(default)s)")
    p.add_argument("--sample", action="store_true", help="what `make test` runs")
    p.add_argument("--list", action="store_true", help="the cases there are")
    p.add_argument("--no-doctor", action="store_true", help="only see that the states are there")
    p.add_argument("--json", type=Path, help="write all that was told to this file")
    o = p.parse_args()
    chosen = select(o)
    if o.list:
        print("\n".join(f"{c.first or 'healthy':8} {c.name}: {c.about}" for c in chosen))
        return
    rules = set() if o.no_doctor else rules_of(o.ss)
    if not rules and not o.no_doctor:
        sys.exit(f"{o.ss} has no doctor; --no-doctor looks at the states only")
    told = []
    with ThreadPoolExecutor(o.workers) as pool:
        for t in pool.map(lambda c: run_case(o.ss, c, o.sample, rules), chosen):
            told.append(t)
            print(describe(t), flush=True)
    if o.json:
        o.json.write_text("".join(json.dumps(t) + "\n" for t in told))
    print("\n".join(totals(told)))
    sys.exit(any(map(is_broken, told)))
