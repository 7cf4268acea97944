# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Asks hosts in namespaces (place.py) over what carries answers, and compares with what is known of them."""

import argparse
import csv
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import place

ROOT = Path(__file__).resolve().parents[2]
ASKED = "ss -tn --by=peer.addr --partial 'dport = :7000'"
TOP = 7


def rows(text):
    return {r[0]: int(r[1]) for r in list(csv.reader(io.StringIO(text)))[1:] if r[0] != "\\other"}


def top(truth, n):
    """The first ones, as groups are in order: the largest, then by address."""
    def key(peer):
        return -truth[peer], bytes(int(b) for b in peer.split("."))

    return {p: truth[p] for p in sorted(truth, key=key)[:n]}


class Failure(Exception):
    pass


class Asker:
    def __init__(self, p):
        self.place, self.ss = p, str(p.ss)

    def shell(self, command):
        return subprocess.run(["sh", "-c", command], env=self.place.env, capture_output=True, text=True, timeout=120, check=False)

    def check(self, what, command, want, status=0, said=()):
        done = self.shell(command)
        if done.returncode != status or rows(done.stdout) != want or not all(s in done.stderr for s in said):
            raise Failure(f"{what}: {command}\nstatus {done.returncode}\n{done.stdout}\n{done.stderr}\nwanted {want} {said}")

    def carriers(self):
        merge = f"{self.ss} --merge --csv"
        names = self.place.names()
        quoted = '"' + ASKED + '"'
        yield "clush -L", None, f"clush -w @web -L {quoted} | {merge}"
        yield "clush", None, f"clush -w @web {quoted} | {merge}"
        yield "pdsh", "pdsh", f"pdsh -R ssh -w {','.join(names)} {quoted} | {merge}"
        config = self.place.path / "ssh_config"
        yield "parallel --tag", "parallel", f"parallel --tag ssh -n -F {config} {{}} {quoted} ::: {' '.join(names)} | {merge}"
        loop = " ".join(f"ssh -n -F {config} {n} {quoted} > {self.place.path}/{n}.part;" for n in names)
        yield "files", None, f"{loop} {merge} {self.place.path}/*.part"

    def all(self):
        """Yields what was tried."""
        p = self.place
        for what, program, command in self.carriers():
            if program and not shutil.which(program):
                yield f"{what}: not there"
                continue
            self.check(what, command, p.truth())
            yield what
        words = "-tn --by=peer.addr 'dport = :7000'"
        self.check("--hosts", f"{self.ss} --hosts=@web --csv {words}", p.truth(), said=["clush -w @web"])
        yield "--hosts"
        self.check("--hosts in rounds", f"{self.ss} --hosts=@web --csv --limit={TOP} {words}", top(p.truth(), TOP), said=["--partial=rounds"])
        yield "--hosts in rounds"
        done = self.shell(f"{self.ss} --hosts=web1,web2 --csv -tn --columns=host,peer.addr 'dport = :7000'")
        if done.returncode or done.stdout.count("\nweb1,") != sum(p.peers[0].values()):
            raise Failure(f"--hosts, a list: {done}")
        yield "--hosts, a list"
        for bad in ("-oProxyCommand=x", "web1,-x"):
            done = self.shell(f"{self.ss} --hosts={bad} {words}")
            if done.returncode != 2 or "begins with -" not in done.stderr:
                raise Failure(f"--hosts={bad}: {done}")
        yield "no options for names"
        p.take_away(p.n - 1)
        rest = range(p.n - 1)
        for limit, want in (("", p.truth(rest)), (f"--limit={TOP}", top(p.truth(rest), TOP))):
            self.check("one is gone", f"{self.ss} --hosts=@web --csv {limit} {words}", want, 3, [f"of {p.n} hosts: no answer, but something else, of web{p.n}"])
        self.check("one is missing", f"clush -w @web -L \"{ASKED}\" 2>/dev/null | {self.ss} --merge --csv --hosts=@web", p.truth(rest), 3, [f"1 of {p.n} hosts: no answer of web{p.n}"])
        yield "one that is gone"


def work(ss, n, has_sshd):
    """Inside of the namespaces."""
    with tempfile.TemporaryDirectory(prefix="fleet") as path:
        p = place.Place(path, ss, n, has_sshd)
        try:
            p.start()
            began = time.monotonic()
            for what in Asker(p).all():
                print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)
                began = time.monotonic()
        except Failure as e:
            print(f"FAILED {e}", flush=True)
            return 1
        finally:
            p.stop()
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ss", default=str(ROOT / "build/ss"))
    parser.add_argument("--hosts", type=int, default=12, metavar="N")
    parser.add_argument("--stand-in", action="store_true", help="no sshd, but a script that goes into the namespaces")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    lacks = place.missing(not args.stand_in)
    if lacks:
        print(f"skipped: {lacks}")
        sys.exit(77)
    if args.inside:
        sys.exit(work(args.ss, args.hosts, not args.stand_in))
    run = str(Path(__file__).resolve().parent / "run")
    argv = ["unshare", "-n", "-m", "-u", "-p", "--fork", "--mount-proc", "--kill-child", "--", sys.executable, "-B", run, "--inside",
            f"--ss={os.path.abspath(args.ss)}", f"--hosts={args.hosts}", *(["--stand-in"] if args.stand_in else [])]  # fmt: skip
    sys.exit(subprocess.run(argv, check=False).returncode)
