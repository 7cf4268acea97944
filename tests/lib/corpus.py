# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Recorded replies of kernels, tests/golden/corpus: what each scenario holds, and our ss run on it."""

import json
import struct
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lib import builds

DIR = builds.ROOT / "tests/golden/corpus"

MPTCP = 262
SMC = 43


@dataclass(frozen=True)
class Reply:
    """The answer to one dump; family and protocol of the question."""

    family: int
    protocol: int
    offset: int
    length: int


def _reply(request):
    body = bytes.fromhex(request["request_hex"])[16:]
    protocol = 0 if body[0] == SMC else body[1]
    # An attribute behind struct inet_diag_req_v2 names a protocol that does not fit.
    at = 56 if body[0] in (2, 10) else len(body)
    while at + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, at)
        if kind == 3:
            (protocol,) = struct.unpack_from("=I", body, at + 4)
        at += (length + 3) & ~3
    # Netlink's 255 means all protocols.
    return Reply(body[0], 0 if body[0] == 16 else protocol, request["offset"], request["length"])


@dataclass(frozen=True)
class Run:
    """One ss that was run there: its words, and what it printed."""

    scenario: "Scenario"
    number: int

    @property
    def meta(self):
        return self.scenario.meta["ss"][self.number]

    @property
    def argv(self):
        return self.meta["command"].split()[1:]

    @property
    def is_newest(self):
        return self.meta["iproute2"].startswith("7.")

    @property
    def replies(self):
        return [_reply(r) for r in self.meta["requests"]]

    @property
    def text(self):
        at = self.meta["stdout_offset"]
        return self.scenario.path(".txt").read_bytes()[at : at + self.meta["stdout_length"]]

    def __str__(self):
        return f"{self.scenario}-{self.meta['iproute2']}-{' '.join(self.argv)}".replace(" ", "_")


@dataclass(frozen=True)
class Scenario:
    kernel: str
    name: str

    def path(self, suffix):
        return DIR / self.kernel / (self.name + suffix)

    def __str__(self):
        return f"{self.kernel}-{self.name}"

    @cached_property
    def meta(self):
        return json.loads(self.path(".meta.json").read_text())

    @property
    def runs(self):
        return [Run(self, i) for i in range(len(self.meta.get("ss", [])))]

    @property
    def dumps(self):
        return [_reply(r) for r in self.meta.get("dump", {}).get("requests", [])]

    def script(self, replies):
        """What tests/golden/replay wants to know of this scenario."""
        lines = [f"reply {r.family} {r.protocol} {r.offset} {r.length}" for r in replies]
        lines += [f"iface {i} {name}" for i, name in self.meta["interfaces"].items()]
        lines += [f"cgroup {i} {path}" for i, path in self.meta["cgroups"].items()]
        for p in self.meta["processes"]:
            lines.append(f"process {p['pid']} {p['comm']}")
            by_fd = sorted(p["sockets"].items(), key=lambda kv: int(kv[0]))
            lines += [f"owner {inode} {p['pid']} {fd} {p['comm']}" for fd, inode in by_fd]
        return "\n".join(lines) + "\n"


def scenarios():
    found = sorted(DIR.glob("*/*.meta.json"))
    return [Scenario(p.parent.name, p.name.removesuffix(".meta.json")) for p in found]


def replay(build, script, recording, argv, before=(), **env):
    """Runs ss on a recording; returns what it printed and its exit status. @before: words in front."""
    done = subprocess.run(
        [*before, build.dir / "tests/golden/replay", script, recording, *argv],
        capture_output=True,
        timeout=60,
        env=builds.environment(**env),
    )
    assert done.returncode != 99, done.stderr.decode(errors="replace")
    return done
