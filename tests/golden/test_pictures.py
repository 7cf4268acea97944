# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The pictures in docs/tables.md are what ss shows, on a terminal of 80 columns and 24 lines, of a recorded machine.

SOCKEYE_UPDATE_PICTURES=1 takes them anew; tests/golden/pictures/record makes another machine.
"""

import os
import re
import shlex

import pytest

from lib import builds, screen

HERE = builds.ROOT / "tests/golden/pictures"
PAGE = builds.ROOT / "docs/tables.md"
PICTURE = re.compile(r"^```\n\$ ss (.*)\n((?:.*\n)*?)```$", re.M)
COLUMNS, ROWS = 80, 24


def take(build, words):
    argv = [build.dir / "tests/golden/replay", HERE / "machine.script", HERE / "machine.bin", *shlex.split(words)]
    return screen.show(argv, COLUMNS, ROWS, NO_COLOR="1")


def pictures():
    return PICTURE.findall(PAGE.read_text())


def test_there_are_ten():
    assert len(pictures()) >= 10 and len({words for words, _ in pictures()}) == len(pictures())
    assert PAGE.read_text().count("```\n$ ss") == len(pictures())


@pytest.mark.skipif("SOCKEYE_UPDATE_PICTURES" not in os.environ, reason="SOCKEYE_UPDATE_PICTURES takes them anew")
def test_take_anew():
    build = builds.all_builds()[0]
    PAGE.write_text(PICTURE.sub(lambda m: f"```\n$ ss {m[1]}\n{take(build, m[1])}```", PAGE.read_text()))


def test_pictures(build):
    for words, shown in pictures():
        assert take(build, words) == shown, words
        assert max(screen.widths(shown)) <= COLUMNS and shown.count("\n") + 2 <= ROWS, words
