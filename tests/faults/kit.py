# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Injects faults into the program, and tells what came of them. See docs/faults.md."""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lib import builds, netns

GRACE_S = 120  # for a worker whose time is up
HERE = Path(__file__).resolve().parent


def start(build, folder, part, o):
    flags = [*netns.namespace_flags(), "-p", "-f", "--kill-child", "--mount-proc"]
    argv = ["unshare", *flags, sys.executable, "-B", HERE / "run", "--worker", "--build", build.dir, "--folder", folder,
            "--seed", o.seed, "--each", o.each, "--part", part, f"--only={o.only}", "--minutes", o.minutes]
    env = builds.environment(SOCKEYE_BUILDS=os.environ.get("SOCKEYE_BUILDS"))
    with open(told_by(folder), "w") as told:
        return subprocess.Popen([str(a) for a in argv], env=env, stdin=subprocess.DEVNULL, stdout=told)


def told_by(folder):
    return folder.with_suffix(".told")


def run(build, o):
    """What the workers told, all of it; @o as main() parses it."""
    told, end = [], time.monotonic() + o.minutes * 60 + GRACE_S
    with tempfile.TemporaryDirectory(prefix="sockeye-faults-") as folder:
        folders = [Path(folder, str(i)) for i in range(o.workers)]
        procs = []
        for i, own in enumerate(folders):
            own.mkdir()
            procs.append(start(build, own, f"{i}/{o.workers * o.share}", o))
        try:
            for proc, own in zip(procs, folders):
                if proc.wait(max(1, end - time.monotonic())):
                    raise RuntimeError(f"a worker ended with {proc.returncode}")
                told += [json.loads(line) for line in told_by(own).read_text().splitlines()]
        finally:
            for proc in procs:
                proc.kill()  # and with it all in its namespaces
                proc.wait()
    return told


def counts(told):
    total = collections.Counter()
    for found in told:
        if found["kind"] == "counts":
            total.update(found["counts"])
    return total


def wrong(told):
    return [found for found in told if found["kind"] in ("wrong", "unsteady")]


def describe(found):
    if found["kind"] == "unsteady":
        return f"{found['line']}\n  is not the same each time:\n{found['out']}\n{found['again']}"
    return "\n  ".join([found["line"], f"{found['fault']}: {found['why']}; status {found['status']}",
                        f"said: {found['err'].strip() or 'nothing'}", *found["differs"]])


def main():
    p = argparse.ArgumentParser(prog="tests/faults/run", description=__doc__)
    p.add_argument("--each", type=int, default=450, help="faults of each command line (%(default)s)")
    p.add_argument("--seed", type=int, default=1, help="which ones, where there are more (%(default)s)")
    p.add_argument("--workers", type=int, default=2, help="at a time (%(default)s)")
    p.add_argument("--share", type=int, default=1, help="no more than each Nth command line (%(default)s)")
    p.add_argument("--minutes", type=float, default=30, help="no longer than that (%(default)s)")
    p.add_argument("--only", default="", help="command lines that contain this")
    p.add_argument("--json", help="write all that was found to this file")
    o = p.parse_args()
    status, everything = 0, []
    for build in builds.all_builds():
        begin = time.monotonic()
        try:
            told = run(build, o)
        except netns.Unavailable as e:
            sys.exit(f"kit-faults: {e}")
        everything += told
        total, bad = counts(told), wrong(told)
        n_lines = sum(found["kind"] == "line" for found in told)
        print("\n".join(describe(found) for found in bad))
        print(f"{build.name}: {sum(total.values())} faults in {n_lines} command lines, seed {o.seed}, in {time.monotonic() - begin:.0f} s:")
        print("  " + ", ".join(f"{n} {kind}" for kind, n in sorted(total.items(), key=lambda kv: -kv[1])))
        cut = sum(found["kind"] == "cut" for found in told)
        if cut:
            print(f"  the time was up in {cut} of the command lines: --minutes")
        status |= bool(bad)
    if o.json:
        Path(o.json).write_text("".join(json.dumps(found) + "\n" for found in everything))
    sys.exit(status)
