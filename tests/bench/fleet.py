# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What putting together the answers of many hosts costs, against jq on the same groups as records of JSON."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import measure
from .tables import ratio, section

HOSTS, GROUPS, DIFFERENT = 500, 10_000, 50_000
JQ_HOSTS = 40  # jq keeps all of it in memory
WALL_AIM_S, MEMORY_AIM_MIB, FASTER_AIM = 1, 128, 5
JQ = 'group_by(."peer.addr") | map({a: .[0]."peer.addr", n: (map(.count) | add)}) | sort_by(-.n) | .[:20][]'

COLUMNS = [
    ("what", "of hosts", "s"),
    ("wall", "wall, s", ".2f"),
    ("cpu", "user+sys, s", ".2f"),
    ("aim", "aimed at, s", "d"),
    ("peak", "peak, MiB", ".0f"),
    ("peak_aim", "aimed at", "d"),
    ("faster", "times faster", ".1f"),
    ("faster_aim", "aimed at", "d"),
]


def sections(args, programs):
    ours = programs.ours[0].path
    with tempfile.TemporaryDirectory(prefix="fleet") as path:
        subprocess.run([str(args.tools / "bench-partials"), path, str(HOSTS), str(GROUPS), str(DIFFERENT)], check=True)
        parts = [str(Path(path) / f"n{i}.part") for i in range(HOSTS)]
        records = [str(Path(path) / f"n{i}.ndjson") for i in range(JQ_HOSTS)]
        merge = [ours, "--merge", "--limit=20", "--csv"]
        commands = [([*merge, *parts], (0,)), ([*merge, *parts[:JQ_HOSTS]], (0,))]
        if shutil.which("jq"):
            commands.append(([shutil.which("jq"), "-s", "-c", JQ, *records], (0,)))
        all_of, few, *jq = measure.in_turns(commands, args.rounds, args.patience)
        peak = measure.counted(commands[0][0], args.tools / "bench-count.so", good=(0,))
        sec = section(f"`--merge` of {HOSTS} partials, {GROUPS} groups each, {DIFFERENT} different ones", COLUMNS)
        sec["rows"].append({"what": f"{HOSTS}", "wall": all_of.wall, "cpu": all_of.cpu, "aim": WALL_AIM_S, "peak": peak and peak.peak,
                            "peak_aim": MEMORY_AIM_MIB})  # fmt: skip
        sec["rows"].append({"what": f"{JQ_HOSTS}", "wall": few.wall, "cpu": few.cpu, "faster": ratio(jq[0].wall, few.wall) if jq else None,
                            "faster_aim": FASTER_AIM})  # fmt: skip
        if jq:
            sec["rows"].append({"what": f"{JQ_HOSTS}, `jq -s`", "wall": jq[0].wall, "cpu": jq[0].cpu})
        yield sec
