# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Which builds are tested: $SOCKEYE_BUILDS, folders separated by colons, by default "build"."""

import os
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Build:
    dir: Path

    @property
    def name(self):
        return self.dir.name

    @property
    def ss(self):
        return self.dir / "ss"

    @cached_property
    def is_sanitized(self):
        return b"__asan_init" in self.ss.read_bytes()

    @property
    def unit_tests(self):
        found = sorted((self.dir / "tests/unit").glob("test-*"))
        return [p for p in found if p.is_file() and os.access(p, os.X_OK)]


@cache  # pytest keeps a fixture as long as its parameter is the same object, not an equal one
def all_builds():
    words = os.environ.get("SOCKEYE_BUILDS", "build").split(":")
    return [Build((ROOT / w).resolve()) for w in words if w]


@cache
def find_tool(name):
    """A program of tests/live, of the first build that has it."""
    for build in all_builds():
        path = build.dir / "tests/live" / name
        if path.exists():
            return path
    raise FileNotFoundError(f"no build has tests/live/{name}: build first, or set SOCKEYE_BUILDS")


def find_mksock():
    """The socket factory."""
    return find_tool("mksock")


LEAKS = 4


def looks_for_leaks():
    """
    Looking for what was never freed takes as long as all else that a sanitized program does to list some sockets. In tests/live
    and tests/golden it is done in a sample of the tests, drawn by name; elsewhere in all.
    """
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
    is_sampled = any(f"tests/{folder}/" in f"tests/{test}" for folder in ("live", "golden"))
    return not is_sampled or zlib.crc32(test.encode()) % LEAKS == 0


def environment(leaks=None, **more):
    """What every tested program gets: nothing of the caller but PATH, and strict sanitizers."""
    leaks = looks_for_leaks() if leaks is None else leaks
    env = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "ASAN_OPTIONS": f"detect_leaks={leaks:d}:detect_stack_use_after_return=1:abort_on_error=0:"
                        "handle_sigill=1:exitcode=99",
    }
    env.update({k: str(v) for k, v in more.items() if v is not None})
    return env
