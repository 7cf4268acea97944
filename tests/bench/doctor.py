# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What --doctor costs, which looks twice and asks every rule, against one list with owners and all that TCP knows."""

from . import measure
from .populations import made, of_size
from .tables import ratio, section

WAIT_S = 2  # between its samples
CPU_AIM, REST_AIM_S, MEMORY_AIM_MIB = 2.5, 1, 96

COLUMNS = [
    ("what", "`ss`", "s"),
    ("cpu", "user+sys, s", ".2f"),
    ("cpu_ratio", "/ -tanip's", ".2f"),
    ("cpu_aim", "aimed at", ".1f"),
    ("rest", "wall beside the wait, s", ".2f"),
    ("rest_aim", "aimed at", "d"),
    ("peak", "peak, MiB", ".0f"),
    ("peak_aim", "aimed at", "d"),
]


def sections(args, programs):
    ours = programs.ours[0].path
    population = of_size("tcp", args.sockets, args.processes)
    with made(args, population), measure.priority(args.realtime):
        sec = section(f"`--doctor`, {population}", COLUMNS)
        one, both = measure.in_turns([([ours, "-tanip"], (0,)), ([ours, "--doctor"], (0, 1))], args.rounds, args.patience)
        counter = args.tools / "bench-count.so"
        peaks = [measure.counted([ours, *words], counter, good=(0, 1)) for words in (["-tanip"], ["--doctor"])]
        sec["rows"].append({"what": "-tanip", "cpu": one.cpu, "rest": one.wall, "peak": peaks[0] and peaks[0].peak})
        sec["rows"].append({
            "what": "--doctor", "cpu": both.cpu, "cpu_ratio": ratio(both.cpu, one.cpu), "cpu_aim": CPU_AIM,
            "rest": both.wall - WAIT_S, "rest_aim": REST_AIM_S, "peak": peaks[1] and peaks[1].peak, "peak_aim": MEMORY_AIM_MIB,
        })  # fmt: skip
        yield sec
