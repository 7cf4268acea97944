# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""
What becomes of a recording when its recorder is killed, the file is damaged or the medium is full: what was
acknowledged is read, whatever block is whole is read, nothing is ever read wrong, what is lost is told, and a
recorder that comes back goes on. Blocks are found here by what src/history/block.h says, and by nothing else.

usage: recordings.py RECORDER [--kills N] [--share N] [--fault-share N] [--seed N]
"""

import argparse
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = 64
LATER = 1_000_000  # the number of the first sample of a recorder that comes back
CALLS = ("pwrite", "fdatasync", "ftruncate", "pread")
FAULTS = ("EIO", "ENOSPC", "EINTR", "short")


def crc_table():
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        yield i


TABLE = list(crc_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Wrong(AssertionError):
    pass


def must(condition, *why):
    if not condition:
        raise Wrong(" ".join(map(str, why)))


def blocks(data):
    """Offset, end of what matters, first number and count of each block of samples."""
    must(data[:8] == b"\x89ssrec\r\n" and struct.unpack_from("<H", data, 8) == (1,), "no recording")
    at = HEAD
    while at < len(data):
        magic, kind, _, _, length, first, _, _, n, body, body_crc, times, times_crc, crc = struct.unpack_from(
            "<4sBBHQQQQIIIIII", data, at)
        must(magic == b"SSb1" and crc == crc32c(data[at:at + 60]), "no block at", at)
        if kind == 1:
            must(times_crc == crc32c(data[at + HEAD:at + HEAD + times]), "times at", at)
            must(body_crc == crc32c(data[at + HEAD + times:at + HEAD + times + body]), "body at", at)
            yield at, at + HEAD + times + body, first, n
        at += length


class Recorder:
    def __init__(self, program, totals):
        self.program, self.totals = str(program), totals

    def run(self, *words):
        done = subprocess.run([self.program, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        must(done.returncode in (0, 3) and not done.stderr, *words, "ended with", done.returncode, done.stdout[-300:], done.stderr)
        return done.stdout.splitlines()

    def record(self, *words, before=()):
        """The numbers that were written, and those of which that was said to have failed, and how often a call failed."""
        told = self.run(*before, "record", *words)
        good = {int(line) for line in told if line.isdigit()}
        bad = [line for line in told if line.startswith(("error", "refused"))]
        return good, bad, int(told[-1].removeprefix("done "))

    def check(self, path):
        told = self.run("check", path)
        self.totals["readings"] = self.totals.get("readings", 0) + 1
        must(not any(line.startswith("wrong") for line in told), path, "read wrong")
        read = [int(line.split()[1]) for line in told if line.startswith("sample")]
        must(len(set(read)) == len(read), "a sample twice")
        damages = [tuple(map(int, line.split()[1:5])) for line in told if line.startswith("damage")]
        refused = [line for line in told if line.startswith("unreadable")]
        self.totals["samples read"] = self.totals.get("samples read", 0) + len(read)
        return set(read), damages, refused


def numbers(recorder, path):
    return recorder.check(path)[0]


def kill_once(recorder, path, first, rng, keep):
    """Records until it is killed at some moment. Returns what it had acknowledged."""
    words = [recorder.program, "record", path, str(first), "1000", "10000", *([str(keep)] if keep else [])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        for _ in range(rng.randrange(12)):
            run.stdout.readline()
        time.sleep(rng.random() * 0.004)
        run.send_signal(signal.SIGKILL)
        said = run.stdout.read()
    return {int(line) for line in said.split("\n")[:-1] if line.isdigit()}


def kills(recorder, folder, rng, count):
    path, first, good, keep = folder / "killed", 0, set(), 0
    for i in range(count):
        if i % 40 == 0:
            path.unlink(missing_ok=True)
            first, good, keep = 0, set(), rng.choice((0, 0, 16384))
        before = numbers(recorder, path) if path.exists() and path.stat().st_size else set()
        kill_once(recorder, path, first, rng, keep)
        if not path.exists() or not path.stat().st_size:
            continue
        read, damages, refused = recorder.check(path)
        must(not refused or path.stat().st_size < HEAD, refused)
        must(not damages, "damage by being killed:", damages)
        if not keep:
            must(before <= read, "lost by being killed:", sorted(before - read))
        else:
            must(path.stat().st_size <= keep, "more than is kept")
        must(read == set(range(min(read), max(read) + 1)) if read else True, "a hole")
        first = max(read) + 1 if read else 0
        recorder.totals["kills"] = recorder.totals.get("kills", 0) + 1


def acknowledged(recorder, folder, rng, count):
    """Each line that was read before the end is of a sample that is there."""
    path = folder / "acknowledged"
    for _ in range(count):
        path.unlink(missing_ok=True)
        with subprocess.Popen([recorder.program, "record", path, "0", "100000"], stdout=subprocess.PIPE, text=True) as run:
            said = [int(run.stdout.readline()) for _ in range(1 + rng.randrange(90))]
            time.sleep(rng.random() * 0.003)
            run.kill()
        must(set(said) <= numbers(recorder, path), "acknowledged, and not there")
        recorder.totals["kills"] = recorder.totals.get("kills", 0) + 1


def damaged(recorder, path, whole, found, data, hit):
    """Checks @data, which is @whole, with the blocks @found, but for the bytes in the range @hit, and that a recorder goes on."""
    path.write_bytes(data)
    expected, present = set(), set()
    for at, end, first, n in found:
        present |= set(range(first, first + n))
        if end <= hit.start or at >= hit.stop:
            expected |= set(range(first, first + n))
    read, damages, refused = recorder.check(path)
    must(expected <= read, hit, "whole, and not read:", sorted(expected - read)[:5], refused)
    if refused:
        must(not expected, refused)
    elif read != present and len(data) == len(whole):
        must(damages, hit, "nothing told of what is lost:", sorted(present - read)[:5])
    if rng_share(hit.start) or refused:
        recorder.totals["damages"] = recorder.totals.get("damages", 0) + 1
        return
    good, bad, _ = recorder.record(path, LATER, 3)
    must(not bad and len(good) == 3, "it does not go on:", bad)
    after, _, _ = recorder.check(path)
    must(expected | good <= after, hit, "lost by going on:", sorted((expected | good) - after)[:5])
    recorder.totals["damages"] = recorder.totals.get("damages", 0) + 1


def rng_share(start):
    """A recorder comes back in a third of the cases."""
    return start % 3


def damages(recorder, folder, rng, share):
    path = folder / "damaged"
    for kind, words in (("ended", (0, 90)), ("kept", (0, 200, 10000, 12288)), ("killed", (0, 30))):
        path.unlink(missing_ok=True)
        if kind == "killed":
            with subprocess.Popen([recorder.program, "record", path, "0", "100000"], stdout=subprocess.PIPE, text=True) as run:
                for _ in range(30):
                    run.stdout.readline()
                run.kill()
        else:
            recorder.record(path, *words)
        whole = path.read_bytes()
        found = list(blocks(whole))
        for at in range(0, len(whole), share):
            at = min(at + rng.randrange(share), len(whole) - 1)
            damaged(recorder, path, whole, found, whole[:at], range(at, len(whole)))
            flipped = bytearray(whole)
            flipped[at] ^= 1 << rng.randrange(8)
            damaged(recorder, path, whole, found, bytes(flipped), range(at, at + 1))
            n = min(1 + rng.randrange(200), len(whole) - at)
            damaged(recorder, path, whole, found, whole[:at] + rng.randbytes(n) + whole[at + n:], range(at, at + n))
        n = min(4096, len(whole))
        damaged(recorder, path, whole, found, whole[:-n] + bytes(n), range(len(whole) - n, len(whole)))


def faults(recorder, folder, share):
    """Each call fails, once or from then on: what is acknowledged is there, and in the end all, where it failed once."""
    path = folder / "faulty"
    for call in CALLS:
        for fault in FAULTS:
            for for_ever in ([], ["-a"]):
                if for_ever and fault in ("EINTR", "short"):
                    continue
                for n in range(1, 10000, share):
                    path.unlink(missing_ok=True)
                    recorder.record(path, 0, 5)
                    good, bad, done = recorder.record(path, 5, 80, 10000, 65536, before=("-f", f"{call}:{n}:{fault}", *for_ever))
                    if not done:
                        break
                    read, lost, refused = recorder.check(path)
                    must(not refused and not lost, call, n, fault, refused, lost)
                    must(set(range(5)) | good <= read, call, n, fault, "acknowledged, and not there", sorted(good - read))
                    if fault in ("EINTR", "short"):
                        must(not bad, call, n, fault, bad)
                    if not for_ever and not any(line.startswith(("refused", "error close")) for line in bad):
                        must(read == set(range(85)), call, n, fault, "lost", sorted(set(range(85)) - read)[:5])
                    again, bad, _ = recorder.record(path, LATER, 2)
                    must(not bad and again <= numbers(recorder, path), "it does not go on:", bad)
                    recorder.totals["failed calls"] = recorder.totals.get("failed calls", 0) + 1


def full(recorder, folder):
    """A file system that fills up, and is emptied: nothing is lost, what was taken meanwhile included."""
    place = folder / "full"
    place.mkdir()
    script = f"""mount -t tmpfs -o size=256k none {place} || exit 9
        head -c 250000 /dev/zero >{place}/ballast 2>/dev/null
        {recorder.program} record {place}/r 0 400 >{folder}/said &
        while ! grep -q error {folder}/said; do :; done
        {recorder.program} check {place}/r >{folder}/while-full
        grep '^[0-9]' {folder}/said >{folder}/before
        rm {place}/ballast
        wait
        cp {place}/r {folder}/filled"""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, timeout=120)
    if done.returncode == 9 or "Operation not permitted" in done.stderr:
        return "not tried: " + done.stderr.strip()
    must(not done.returncode, done.stderr)
    said = (folder / "said").read_text().splitlines()
    errors = [line for line in said if line.startswith("error")]
    must(errors and "No space left on device" in errors[0], errors[:1])
    meanwhile = {int(line.split()[1]) for line in (folder / "while-full").read_text().splitlines() if line.startswith("sample")}
    must(meanwhile, "nothing is read while it is full")
    read = numbers(recorder, folder / "filled")
    good = {int(line) for line in said if line.isdigit()}
    must(meanwhile <= good, "read while it is full, and not written")
    must(read == set(range(400)), "lost while it was full:", sorted(set(range(400)) - read)[:5])
    recorder.totals["samples while full"] = len(errors)
    return None


def run(program, n_kills, share, seed, fault_share=1):
    rng, totals = random.Random(seed), {}
    recorder = Recorder(program, totals)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # where it costs nothing to wait for the medium
    with tempfile.TemporaryDirectory(prefix="sockeye-recordings-", dir=memory) as name:
        folder = Path(name)
        kills(recorder, folder, rng, n_kills * 3 // 4)
        acknowledged(recorder, folder, rng, n_kills - n_kills * 3 // 4)
        damages(recorder, folder, rng, share)
        faults(recorder, folder, fault_share)
        if os.geteuid() == 0 and shutil.which("unshare"):
            full(recorder, folder)
    return totals


def main():
    p = argparse.ArgumentParser()
    p.add_argument("recorder")
    p.add_argument("--kills", type=int, default=1000)
    p.add_argument("--share", type=int, default=7, help="one byte in so many is where a file is cut, or damaged")
    p.add_argument("--fault-share", type=int, default=1, help="one call in so many is one that fails")
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    try:
        totals = run(o.recorder, o.kills, o.share, o.seed, o.fault_share)
    except Wrong as e:
        sys.exit(f"wrong: {e}")
    print(", ".join(f"{n:,} {what}" for what, n in totals.items()) + ": nothing was wrong")


if __name__ == "__main__":
    main()
