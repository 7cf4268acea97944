# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Random command lines on random sockets: ours and the reference print the same bytes.

SOCKEYE_SEED=N makes the lines of a run again, SOCKEYE_CASES=N makes more of them.
"""

import os
import random
import re
import shlex
import subprocess
from dataclasses import dataclass, field

import pytest

import differences
from lib import builds, compare, netns
from randomly import Lines

SEED = int(os.environ.get("SOCKEYE_SEED") or 1)
CASES = int(os.environ.get("SOCKEYE_CASES") or 240)
PER_ROUND = 80
ODD = ("odd-names", "unix-odd")
KNOWN = ("unix-device", "summary-namespaces")
OF_NETLINK = ("netlink-doubles", "own-sockets")
MAX_TOLD = 5
BOTH = re.compile(compare.SUMMARY.pattern + rb"|" + compare.STEADY.pattern, re.M)


@dataclass
class Run:
    """One line for both programs."""

    net: netns.Net
    ss: object
    ref: object
    argv: list
    env: dict
    file: bytes
    has_netlink: bool
    is_mutated: bool
    kept: list  # words that choose the tables
    known: list = field(default_factory=list)

    def results(self, programs):
        stdin = {"stdin": subprocess.DEVNULL} if self.file is None else {"stdin": None, "input": self.file}
        return [self.net.run([p, *self.argv], env=self.env, own_pids=self.has_netlink, **stdin) for p in programs]

    @property
    def tokens(self):
        return BOTH if "--summary" in self.argv else compare.STEADY

    def is_same(self, outs, is_last=False):
        ours, theirs = outs[0], outs[1:]
        return compare.is_same(theirs, ours, self.tokens) or (is_last and compare.is_same_loosely(theirs, ours, self.tokens))

    def agrees(self, ours, theirs, is_last):
        if self.is_mutated and theirs[0].status:
            return ours.status != 0
        if ours.status != theirs[0].status:
            return False
        outs = [r.out for r in (ours, *theirs)]
        if self.is_same(outs, is_last):
            return True
        left = differences.without(self.known, outs)
        return left is not None and self.is_same(left, is_last)

    def difference(self):
        """None, or what differs: sockets may change between two runs, so it is looked at more than once."""
        names = KNOWN + (OF_NETLINK if self.has_netlink else ())
        self.known = [d for d in differences.DIFFERENCES if d.name in names]
        for i in range(compare.TRIES):
            first, ours = self.results([self.ref.path, self.ss])
            if self.agrees(ours, [first], False):
                return None
            (second,) = self.results([self.ref.path])
            if self.agrees(ours, [second, first], i == compare.TRIES - 1):
                return None
        text = compare.difference(first.out, ours.out)
        if ours.status != first.status:
            text += f"\nexit status: reference {first.status}, ours {ours.status}"
        errs = "\n".join(f"stderr of {who}: {compare.visible(r.err)[:400]}" for who, r in (("the reference", first), ("ours", ours)))
        return text + "\n" + errs

    def shortened(self, text):
        """The shortest line found that still differs, by leaving out words, but not those that choose tables."""
        at = 0
        while at < len(self.argv):
            if self.argv[at] in self.kept:
                at += 1
                continue
            word = self.argv.pop(at)
            less = self.difference()
            if less is None or "exit status" in less and "exit status" not in text:
                self.argv.insert(at, word)
                at += 1
            else:
                text = less
        return text

    def __str__(self):
        env = "".join(f"{k}={shlex.quote(v)} " for k, v in sorted(self.env.items()))
        tail = "" if self.file is None else f"   (filter file: {self.file!r})"
        return f"$ {env}ss {shlex.join(self.argv)}{tail}"


def start(rng, folder, ref):
    """A namespace with some of the steady scenarios."""
    mksock = builds.find_mksock()
    listed = subprocess.run([mksock, "-l"], capture_output=True, text=True, check=True).stdout.splitlines()
    names = [n for n, group in map(str.split, listed) if group == "steady" and n not in ODD]
    net = netns.Net(mksock, folder, [n for n in names if rng.random() < 0.6] or names).start()
    net.wait_quiet(ref.path)
    return net


def runs(rng, net, ss, ref, n):
    lines = Lines(rng, net.made, net.dir)
    for _ in range(n):
        made = lines.line()
        argv = lines.argv(made)
        if made.file is not None:
            (net.dir / "filter").write_text(made.file)
        data = None if made.file is None else made.file.encode("latin-1")
        yield Run(net, ss, ref, argv, made.env, data, made.has_netlink, made.is_mutated, made.tables)


@pytest.mark.parametrize("round_", range(-(-CASES // PER_ROUND)))
def test_random(build, ref, tmp_path, round_):
    if not ref.is_exact:
        pytest.skip("the reference is older than 7.0")
    rng = random.Random(SEED * 1000003 + round_)
    n = min(PER_ROUND, CASES - round_ * PER_ROUND)
    net = start(rng, tmp_path, ref)
    told, count = [], 0
    try:
        for run in runs(rng, net, build.ss, ref, n):
            text = run.difference()
            if text is None:
                continue
            count += 1
            if len(told) < MAX_TOLD:
                line = str(run)
                told.append(f"{line}\nshortened: {{}}\n{run.shortened(text)}".replace("{}", str(run), 1))
    finally:
        net.stop()
    if count:
        head = f"SOCKEYE_SEED={SEED} round {round_}: {count} of {n} lines differ. Sockets: {' '.join(net.scenarios)}"
        pytest.fail("\n\n".join([head, *told]), pytrace=False)
