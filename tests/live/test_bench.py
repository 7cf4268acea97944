# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What measures can be relied on: a population grows, what takes too long is skipped, two drains get what one gets."""

import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from lib import builds, netns

BENCH = builds.ROOT / "tests/bench/run"
SIZES = ["1000", "3000", "4000"]


@pytest.fixture(scope="module")
def measure(build, tmp_path_factory):
    """Runs a part of it on few sockets; returns the sections and the folder with the picture."""
    netns.namespace_flags()

    def run(*options):
        folder = tmp_path_factory.mktemp("bench")
        argv = [sys.executable, BENCH, "--only-ours", "--ours", build.ss, "--tools", build.dir / "tests/bench"]
        argv += ["--rounds", 1, "--json", folder / "found.json", "--plot", folder / "plot.svg", *options]
        subprocess.run([str(a) for a in argv], check=True, timeout=300, env=builds.environment(),
                       stdout=subprocess.DEVNULL)
        return json.loads((folder / "found.json").read_text())["sections"], folder

    return run


@pytest.mark.plain
def test_curve(measure):
    sections, folder = measure("--curve", "--sockets", SIZES[-1], "--skip-above", 0)
    assert len(sections) == 3
    for section in sections:
        rows = {row["program"]: row for row in section["rows"]}
        assert all(rows["drain"][n] > 0 for n in SIZES)
        measured = [row for name, row in rows.items() if name.startswith("ours") and "memory" not in name]
        # How it grows is known from two numbers of sockets on.
        done = [row for row in measured if row[SIZES[0]]]
        assert done and all(row[SIZES[1]] > 0 and row[SIZES[2]] == "skipped" for row in done)
        assert any("skipped" in note for note in section["notes"])
        assert f"--sockets {SIZES[-1]}" in section["repeat"]
    assert ElementTree.parse(folder / "plot.svg").getroot().tag.endswith("svg")


@pytest.mark.plain
def test_two_drains_get_what_one_gets(measure):
    sections, _ = measure("--split", "--sockets", 3000)
    assert len(sections) == 4
    for section in sections:
        one, two = section["rows"]
        assert one["sockets"] == two["sockets"] > 2900
