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


def has_doctor(ss):
    said = subprocess.run([ss, "--help"], capture_output=True, text=True, timeout=60, env=builds.environment()).stdout
    return "--doctor" in said


def run_case(ss, case, sample=False, with_doctor=True):
    """Runs it in its namespaces, and returns what its worker told."""
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
        return json.loads(out.splitlines()[-1])
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
    lines = [f"faults: {len(stood)} of {len(faults)} reproduced, of {len({t['first'] for t in stood})} rules"]
    if asked:
        lines.append(f"        the right rule first in {len(right)}, nothing unexpected beside it in {len(clean)}")
    lines.append(f"healthy populations: {sum(t['held'] for t in fine)} of {len(fine)} built"
                 + (f", {len(quiet)} without a warning" if asked else ""))
    lines += [f"not tried: {t['name']}: {t['missing']}" for t in told if "missing" in t]
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
    with_doctor = not o.no_doctor and has_doctor(o.ss)
    if not with_doctor and not o.no_doctor:
        print("this ss has no doctor: only the states are looked at", file=sys.stderr)
    told = []
    with ThreadPoolExecutor(o.workers) as pool:
        for t in pool.map(lambda c: run_case(o.ss, c, o.sample, with_doctor), chosen):
            told.append(t)
            print(describe(t), flush=True)
    if o.json:
        o.json.write_text("".join(json.dumps(t) + "\n" for t in told))
    print("\n".join(totals(told)))
    sys.exit(any(map(is_broken, told)))
