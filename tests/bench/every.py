# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What a sample costs with --every, against the bare drain of the same messages, and what it remembers of each socket.

A sample is the difference between many samples and one, shared out among those that are more.
"""

import sys

from . import measure
from .commands import INFO
from .populations import made, of_size
from .tables import ratio, section

SIZES = [10_000, 200_000]
SAMPLES = 4
SOON_S, LATER_S, MANY = 0.1, 1, 50_000  # between samples, of fewer sockets than so many or of more
SOURCES = ["netlink", "bpf"]
CPU_AIM, MEMORY_AIM = 1.5, 64

RATE = "tcp.bytes_sent_rate"
# Words of ss, what the drain is asked for, how many counters are remembered, and the same without them.
LINES = [
    (["-tan"], "tcp", 0, None),
    (["-tan", "--by=peer.addr"], "tcp", 0, None),
    (["-tan", "--columns=local,peer," + RATE], f"tcp:{INFO}", 1, ["-tan", "--columns=local,peer,tcp.bytes_sent"]),
    (["-tan", f"--by=peer.addr,sum({RATE})"], f"tcp:{INFO}", 1, ["-tan", "--by=peer.addr,sum(tcp.bytes_sent)"]),
]

COLUMNS = [
    ("what", "`ss`", "s"),
    ("sockets", "sockets", ",d"),
    ("source", "source", "s"),
    ("drain", "drain, user+sys, s", ".4f"),
    ("cpu", "a sample, user+sys, s", ".4f"),
    ("cpu_ratio", "/ drain's", ".2f"),
    ("aim", "aimed at", ".1f"),
    ("bytes", "bytes a socket and counter", ".0f"),
    ("bytes_aim", "aimed at", "d"),
]


def between(sockets):
    return SOON_S if sockets < MANY else LATER_S


def command(program, words, source, n, every):
    return [program, f"--source={source}", *words, f"--every={every}", f"--count={n}"]


def sample(args, program, words, source, every):
    """Seconds of processor time that one more sample takes."""
    jobs = [(command(program, words, source, n, every), (0,)) for n in (1, 1 + SAMPLES)]
    one, many = measure.in_turns(jobs, args.rounds, args.patience)
    return (many.cpu - one.cpu) / SAMPLES


def remembered(args, program, words, without, source, sockets, counters):
    """Bytes of memory that each socket and counter takes when rates are wanted."""
    counter = args.tools / "bench-count.so"
    peaks = [measure.counted(command(program, w, source, 3, between(sockets)), counter) for w in (words, without)]
    return None if None in peaks else (peaks[0].peak - peaks[1].peak) * 2**20 / sockets / counters


def sections(args, programs):
    ours = programs.ours[0].path
    for sockets in [args.sockets] if args.sockets_given else SIZES:
        population = of_size("tcp", sockets, args.processes)
        with made(args, population), measure.priority(args.realtime):
            sec = section(f"`--every`, {population}", COLUMNS)
            for words, asked, counters, without in LINES:
                drain = measure.in_turns([([programs.drain.path, asked], (0,))], args.rounds, args.patience)[0]
                for source in SOURCES:
                    print(f"bench: {' '.join(words)}, {source}", file=sys.stderr)
                    row = {"what": " ".join(words), "sockets": sockets, "source": source, "drain": drain.cpu, "aim": CPU_AIM}
                    row["cpu"] = sample(args, ours, words, source, between(sockets))
                    row["cpu_ratio"] = ratio(row["cpu"], drain.cpu)
                    if counters:
                        row["bytes"] = remembered(args, ours, words, without, source, sockets, counters)
                        row["bytes_aim"] = MEMORY_AIM
                    sec["rows"].append(row)
            yield sec
