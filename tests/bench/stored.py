# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What samples take as a recording, next to the same samples as NDJSON through zstd, and how fast they are read again."""

import random
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from .populations import enter_new
from .tables import section, verdict

SMALLER_AIM = 5  # times smaller than NDJSON through zstd -3
FAST_AIM = 5e6  # socket-samples counted a second and core
SAMPLES = 30
TALK = 0.1  # of the connections, in each second
ALL = ["-tanemio", "--ndjson"]

COLUMNS = [
    ("what", "", "s"),
    ("bytes", "bytes", ",d"),
    ("each", "a socket and sample", ".2f"),
    ("times", "of the recording", ".1f"),
    ("rate", "socket-samples/s", ",.0f"),
    ("aim", "aim", ",.0f"),
    ("met", "", "s"),
]


def connections(n):
    server = socket.create_server(("127.0.0.1", 0), backlog=1000)
    made = []
    for _ in range(n):
        c = socket.create_connection(server.getsockname())
        made.append((c, server.accept()[0]))
    return made


def talk(made, over):
    """A tenth of them each second: a request of up to 3,000 bytes, an answer of up to 20,000."""
    chance = random.Random(1)
    while not over.wait(0.1):
        for c, d in chance.sample(made, max(1, int(len(made) * TALK / 10))):
            c.sendall(bytes(chance.randrange(50, 3000)))
            d.recv(1 << 16)
            d.sendall(bytes(chance.randrange(100, 20000)))
            c.recv(1 << 16)


def cpu_of(argv):
    """What @argv takes of processor time in seconds, at least of three times."""
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took)


def sections(args, programs):
    n = args.sockets
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    enter_new(args.table)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-stored-", dir="/dev/shm"))
    file = folder / "r.ss"
    over = threading.Event()
    try:
        made = connections(n // 2)
        talker = threading.Thread(target=talk, args=(made, over))
        talker.start()
        subprocess.run([args.ours, f"--record={file}", "--every=1", f"--count={SAMPLES}", "-ta"], check=True, stderr=subprocess.DEVNULL)
        over.set()
        talker.join()
        for c, d in made:
            c.close()
            d.close()
        yield measure(args, file, n)
    finally:
        over.set()
        shutil.rmtree(folder)


def measure(args, file, n):
    sec = section(f"{n:,} TCP sockets, of which a tenth talk each second, {SAMPLES} samples a second apart", COLUMNS)
    words = [args.ours, f"--from={file}", "--since=first"]
    with subprocess.Popen([*words, *ALL], stdout=subprocess.PIPE) as told, subprocess.Popen(
        ["zstd", "-3", "-c"], stdin=told.stdout, stdout=subprocess.PIPE
    ) as packed:
        told.stdout.close()
        packed_bytes = sum(len(piece) for piece in iter(lambda: packed.stdout.read(1 << 20), b""))
    counted = subprocess.run([*words, "-ta", "--by=netid", "--csv"], capture_output=True, text=True, check=True).stdout
    total = sum(int(line.split(",")[-2]) for line in counted.splitlines()[1:] if ",tcp," in f",{line},")
    size = file.stat().st_size
    sec["rows"].append({"what": "the recording, processes and counters included", "bytes": size, "each": size / total})
    sec["rows"].append({"what": f"`{' '.join(ALL)}` through zstd -3", "bytes": packed_bytes, "each": packed_bytes / total,
                        "times": packed_bytes / size, "aim": SMALLER_AIM, "met": verdict(SMALLER_AIM, packed_bytes / size)})  # fmt: skip
    start = cpu_of([args.ours, f"--from={file}", "--at=first", "-ta", "--by=state", "--ndjson"])
    took = cpu_of([*words, "-ta", "--by=state", "--ndjson"]) - start
    rate = total * (SAMPLES - 1) / SAMPLES / took
    sec["rows"].append({"what": "counted by `--by=state`", "rate": rate, "aim": FAST_AIM, "met": verdict(FAST_AIM, rate)})
    return sec
