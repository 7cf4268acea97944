# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Lists of a population: time, memory, where the output goes, what a filter costs, how long a start takes."""

import time
from dataclasses import replace

from . import measure
from .commands import FILTER_AIM, FILTERED, HELD, HELD_PROCESSES, HELD_SOCKETS, LISTS, PLAIN, SUMMARY, TAN, TANI, TANP
from .commands import UDP, UNIX, WHOLE_OR_NOT, Command
from .populations import made, of_size
from .tables import ratio, section, verdict

PORTS_FEW = 4
NAMESPACES = 100
# Of TIME_WAIT as many as can be made, and measured, within the minute they last; of UDP sockets on one port as
# many as are listed while one waits.
MOST = {("wait", 0): 200000, ("udp", 1): 100000}

# The aims are for connections in one namespace, and so is what lsof tells.
TAN_ELSEWHERE = replace(TAN, lsof=None, aims={})

ALL = Command(("-an",), ("unix:0x17:0xffffffff", "udp:0:0xffffffff", "tcp"), ("-an",), ("-nP", "-i", "-U"))

# The other populations, with how many ports or namespaces, and what is listed there.
POPULATIONS = [
    ("tcp", PORTS_FEW, [Command(("-t",), ("tcp:0:0x1b36",), ("-t", "-n")), TAN]),
    ("wait", 0, [TAN_ELSEWHERE]),
    ("udp", 0, [UDP]),
    ("udp", 1, [UDP]),
    ("unix", 0, [UNIX]),
    ("mixed", 0, [ALL, PLAIN]),
    ("spaces", NAMESPACES, [TAN_ELSEWHERE, SUMMARY]),
]

LIST_COLUMNS = [
    ("program", "program", "s"),
    ("wall", "wall, s", ".3f"),
    ("cpu", "user+sys, s", ".3f"),
    ("to_drain", "x drain", ".2f"),
    ("aim", "aim", ".2f"),
    ("met", "", "s"),
    ("peak", "MiB", ".1f"),
    ("bpf", "and BPF", ".1f"),
    ("memory_aim", "aim", ".0f"),
    ("memory_met", "", "s"),
    ("allocations", "allocations", "d"),
]


def list_row(args, programs, command, program, argv, run, drain):
    # What is slow is not run again to see what it allocates, unless it is ours.
    quick = run and (run.wall < measure.SLOW_S or program.kind == "ours")
    is_alone = not (command.is_pipeline and program.kind == "ss")
    memory = programs.counted(argv, program.good) if quick and is_alone and program.kind != "drain" else None
    is_ours = program.kind == "ours"
    row = {"program": program.name if is_alone else f"{program.name}, awk, cut, sort, uniq"}
    if run:
        row.update(wall=run.wall, cpu=run.cpu, to_drain=ratio(run.wall, drain.wall if drain else None))
    else:
        row["wall"] = f"> {args.patience}" if argv else None
    row["aim"] = program.aim(command, programs.has_sources)
    row["met"] = verdict(row.get("to_drain"), row["aim"])
    if memory:
        row.update(peak=memory.peak, bpf=memory.bpf or None, allocations=memory.allocations)
        row["memory_aim"] = command.memory if is_ours else None
        row["memory_met"] = verdict(memory.peak + memory.bpf, row["memory_aim"])
    return row


def rows_of(args, programs, command, until=float("inf"), without=(), budget=float("inf")):
    """One row a program but those named in @without; the drain comes first where there is one. See in_turns()."""
    pairs = [(program, argv) for program, argv in programs.doing(command) if program.name not in without]
    jobs = [(argv, p.good) for p, argv in pairs if argv]
    runs = iter(measure.in_turns(jobs, args.rounds, args.patience, until, budget))
    took = [next(runs) if argv else None for _, argv in pairs]
    drain = took[0]
    rows = []
    for (program, argv), run in zip(pairs, took):
        if argv or program.kind == "ours":
            rows.append(list_row(args, programs, command, program, argv, run, drain))
    return rows


def list_sections(args, programs, population, commands):
    with made(args, population) as there:
        for command in commands:
            sec = section(f"`{command}`, {population}", LIST_COLUMNS)
            sec["sockets"] = there.sockets
            with measure.priority(args.realtime):
                sec["rows"] = rows_of(args, programs, command, there.until)
            if time.monotonic() > there.until:
                sec["notes"].append("Some of these sockets were gone before the end.")
            yield sec


def lists(args, programs):
    yield from list_sections(args, programs, of_size("tcp", args.sockets, args.processes), LISTS[:5] + LISTS[7:])


def populations(args, programs):
    for kind, more, commands in POPULATIONS:
        sockets = min(args.sockets, MOST.get((kind, more), args.sockets))
        population = of_size(kind, sockets, args.processes, more)
        yield from list_sections(args, programs, population, commands)


def outputs(args, programs):
    population = of_size("tcp", args.sockets, args.processes)
    columns = [("program", "program", "s")] + [(name, name + ", s", ".3f") for name in measure.OUTPUTS]
    with made(args, population):
        for command in (TAN, TANI):
            sec = section(f"`{command}` to where, {population}", columns)
            for program in [programs.ours[0], *programs.theirs]:
                row = {"program": program.name}
                for name, run in measure.OUTPUTS.items():
                    with measure.priority(args.realtime):
                        runs = [run(program.argv(command), args.patience) for _ in range(min(3, args.rounds))]
                    row[name] = min((r.wall for r in runs if r), default=f"> {args.patience}")
                sec["rows"].append(row)
            yield sec


def filtered(args, programs):
    """What it costs to decide about every row in the program itself; nearly all rows pass."""
    population = of_size("tcp", args.sockets, args.processes)
    columns = [("program", "program", "s"), ("plain", "plain, s", ".3f"), ("filtered", "filtered, s", ".3f")]
    columns += [("overhead", "overhead", "+.1%"), ("aim", "aim", "+.0%"), ("met", "", "s")]
    sec = section(f"`{FILTERED}` against `{TANI}`, {population}", columns)
    with made(args, population), measure.priority(args.realtime):
        for program, argv in programs.doing(FILTERED):
            if program.kind != "ours":
                continue
            row = {"program": program.name, "aim": FILTER_AIM}
            sec["rows"].append(row)
            if not argv:
                continue
            jobs = [(program.argv(TANI), (0,)), (argv, (0,))]
            plain, less = measure.in_turns(jobs, args.rounds + 4, args.patience)
            if plain and less:
                row.update(plain=plain.wall, filtered=less.wall, overhead=less.wall / plain.wall - 1)
                row["met"] = verdict(row["overhead"], FILTER_AIM)
    yield sec


def held(args, programs):
    """What only the sockets tell, or the descriptors that have one: against who has them, in turns."""
    population = of_size("tcp", HELD_SOCKETS, HELD_PROCESSES)
    columns = [("program", "program", "s"), ("owners", f"{TANP}, ms", ".1f"), ("wall", "wall, ms", ".1f")]
    columns += [("ratio", "ratio", ".2f"), ("aim", "aim", ".1f"), ("met", "", "s")]
    with made(args, population):
        for command, aim in HELD:
            sec = section(f"`{command}` against `{TANP}`, {population}", columns)
            for program, argv in programs.doing(command):
                if program.kind != "ours" or not argv:
                    continue
                jobs = [(program.argv(TANP), (0,)), (argv, WHOLE_OR_NOT)]
                with measure.priority(args.realtime):
                    owners, run = measure.in_turns(jobs, 3 * args.rounds, args.patience)
                row = {"program": program.name, "owners": owners.wall * 1e3, "wall": run.wall * 1e3}
                row.update(ratio=run.wall / owners.wall, aim=float(aim))
                row["met"] = verdict(row["ratio"], row["aim"])
                sec["rows"].append(row)
            yield sec


def starts(args, programs):
    population = of_size("tcp", 10, 1)
    columns = [("program", "program", "s"), ("wall", "wall, ms", ".3f"), ("cpu", "user+sys, ms", ".3f")]
    columns += [("ours", "ours / this", ".2f"), ("aim", "aim", ".2f"), ("met", "", "s")]
    with made(args, population):
        for command in (TAN, TANP, PLAIN):
            sec = section(f"`{command}`, {population}", columns)
            who = [*programs.ours[:1], *programs.theirs]
            jobs = [(p.argv(command), p.good) for p in who]
            with measure.priority(args.realtime):
                runs = measure.in_turns(jobs, args.start_rounds, args.patience)
            for program, run in zip(who, runs):
                row = {"program": program.name, "wall": run.wall * 1e3, "cpu": run.cpu * 1e3}
                if program.kind == "ss":
                    row.update(ours=runs[0].wall / run.wall, aim=1.0)
                    row["met"] = verdict(row["ours"], 1.0)
                sec["rows"].append(row)
            yield sec


PARTS = {
    "lists": lists,
    "outputs": outputs,
    "filter": filtered,
    "held": held,
    "starts": starts,
    "populations": populations,
}
