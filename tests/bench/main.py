# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Measures what ss costs, next to a bare netlink dump and to other programs.

The sockets lie in network namespaces of their own, which end with this program. What is timed goes
round and round, and the least of each counts, so that a busy moment hits all alike. The results come
as Markdown, with what is aimed at.
"""

import argparse
import json
import shlex
import shutil
import sys
from pathlib import Path

from . import churn, curve, doctor, events, every, fleet, harm, lists, live, namespaces, owners, split, stored, tables
from .commands import Programs, newest_ss

ROOT = Path(__file__).resolve().parents[2]

# Each yields sections.
PARTS = {
    **lists.PARTS,
    "namespaces": namespaces.sections,
    "curve": curve.sections,
    "harm": harm.sections,
    "churn": churn.sections,
    "split": split.sections,
    "events": events.sections,
    "every": every.sections,
    "live": live.sections,
    "stored": stored.sections,
    "doctor": doctor.sections,
    "owners": owners.sections,
    "fleet": fleet.sections,
}
SOCKETS = {"curve": 1_000_000, "doctor": 500_000}  # where nobody says how many
USUAL = ["lists", "outputs", "filter", "starts"]
ABOUT = {
    "lists": "what each list takes, with its memory",
    "outputs": "to /dev/null, a pipe, a file, a terminal",
    "filter": "what a filter costs that the kernel does not know",
    "held": "what only the sockets tell, against -tanp",
    "starts": "ten sockets",
    "populations": "few ports, TIME_WAIT, UDP on many ports and on one, Unix, mixed, 100 namespaces",
    "namespaces": "a run in each of 100, against one for all",
    "curve": "from 1,000 sockets to --sockets, with a picture",
    "harm": "how long connect() takes while others list",
    "churn": "what is missed or doubled while connections come and go",
    "events": "what following connections costs those who connect",
    "split": "two netlink dumps at once, each of half of the ports, against one",
    "every": "a sample of --every, and its memory",
    "live": "what --live costs on a terminal, beside htop and watch, and how still it stands",
    "doctor": "what --doctor costs at 500,000 sockets, against one list",
    "owners": "what unit, container and process cost beside a list, with 100 containers; for root",
    "fleet": "putting together the answers of 500 hosts, against jq",
    "stored": "what samples take as a recording, and reading them",
}


def read_args(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_argument_group("what is measured", f"By default: {', '.join(USUAL)}.")
    for name in PARTS:
        parts.add_argument(f"--{name}", action="append_const", const=name, dest="parts", help=ABOUT[name])
    parts.add_argument("--all", action="store_const", const=list(PARTS), dest="parts", help="all of these")
    who = parser.add_argument_group("programs")
    who.add_argument("--ours", default=str(ROOT / "build/ss"), help="the program measured (build/ss)")
    who.add_argument("--installed", default=shutil.which("ss"), metavar="SS", help="the ss it is compared with")
    who.add_argument(
        "--newest",
        default=newest_ss(),
        metavar="SS",
        help="and a newer one ($SOCKEYE_REFERENCE_SS, or what scripts/fetch-reference-ss got)",
    )
    who.add_argument("--only-ours", action="store_true", help="compare with nothing but the drain")
    tools = ROOT / "build/tests/bench"
    who.add_argument("--tools", type=Path, default=tools, metavar="DIR", help="folder of the bench-* programs")
    size = parser.add_argument_group("sizes")
    sockets = "200000; for --harm two a connection, for --curve 1000000"
    size.add_argument("--sockets", type=int, metavar="N", help=sockets)
    size.add_argument("--processes", type=int, metavar="N", help="as many as their descriptors need, about 20")
    own = "a TCP hash table of their own of so many buckets, where others on the machine have many sockets"
    size.add_argument("--table", type=int, default=0, metavar="N", help=own)
    size.add_argument("--rounds", type=int, default=7, metavar="N", help="how often each long command runs (7)")
    starts = "how often each short command runs (300)"
    size.add_argument("--start-rounds", type=int, default=300, metavar="N", help=starts)
    size.add_argument("--seconds", type=int, default=10, metavar="S", help="each program, for --harm, --churn and --events (10)")
    size.add_argument("--churners", type=int, default=2, metavar="N", help="processes that connect, for --churn and --events (2)")
    size.add_argument("--patience", type=int, default=60, metavar="S", help="what takes longer is stopped (60)")
    skip = "what is expected to take longer is skipped, for --curve (10)"
    size.add_argument("--skip-above", type=int, default=10, metavar="S", help=skip)
    parser.add_argument("--realtime", action="store_true", help="go before all else on a busy machine; for root")
    out = parser.add_argument_group("results")
    out.add_argument("--json", type=Path, metavar="FILE", help="write them here too")
    picture = ROOT / "docs/performance.svg"
    out.add_argument("--plot", type=Path, default=picture, metavar="FILE", help="of --curve (docs/performance.svg)")
    args = parser.parse_args(argv)
    if not args.installed and not args.newest and not args.only_ours:
        parser.error("there is no ss to compare with; --only-ours does without")
    args.parts = list(dict.fromkeys(args.parts or USUAL))
    args.sockets_given = args.sockets is not None
    return args


def repeat(argv, args, part):
    """The command that measures this part alone again."""
    words = [word for word in argv if word.removeprefix("--") not in (*PARTS, "all")]
    sizes = [] if args.sockets_given else ["--sockets", str(args.sockets)]
    return shlex.join(["tests/bench/run", f"--{part}", *words, *sizes])


def main():
    args = read_args(sys.argv[1:])
    given = args.sockets
    programs = Programs(args)
    command = shlex.join(["tests/bench/run", *sys.argv[1:]])
    results = {"machine": tables.machine(programs, command), "notes": programs.notes, "sections": []}
    tables.print_machine(results["machine"])
    print("".join(f"- {note}\n" for note in programs.notes), flush=True)
    for part in args.parts:
        args.sockets = given or SOCKETS.get(part, 200_000)
        for sec in PARTS[part](args, programs):
            sec["part"] = part
            sec["repeat"] = repeat(sys.argv[1:], args, part)
            results["sections"].append(sec)
            tables.print_section(sec)
            if args.json:
                args.json.write_text(json.dumps(results, indent=1) + "\n")
        print(f"Repeat with `{repeat(sys.argv[1:], args, part)}`\n", flush=True)
