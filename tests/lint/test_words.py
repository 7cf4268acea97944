# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""The manual page and --help list the options that there are, and the manual every word of the output."""

import re
import shutil
import subprocess

import pytest

from lib import builds
from test_lint import ROOT

MAN = ROOT / "man/ss.8"


def options():
    """Letter and long name of every option; a second name is one more."""
    text = (ROOT / "src/cli/options.def").read_text()
    return set(re.findall(r"^(?:OPTION|ALIAS|OURS)\(\w+,\s*(?:0|'(.)'),\s*\"([a-z0-9-]+)\"", text, re.M))


def test_the_manual_has_the_options_that_there_are():
    """No fewer, and no more, each with its letter."""
    assert len(options()) > 40
    described = set()
    for line in re.findall(r"^\.It (Fl .*)$", MAN.read_text(), re.M):
        names = [n.rstrip(" ,") for n in re.split(r"\s*,\s*", re.sub(r"\bFl | (Ns|Ar)\b.*", "", line))]
        described |= set(names)
    letters = {letter for letter, _ in options() if letter}
    assert described == {f"-{name}" for _, name in options()} | letters


def test_help_has_the_options_that_there_are():
    program = builds.all_builds()[0].ss
    said = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
    listed = set(re.findall(r"^ +(?:-(.), |)--([a-z0-9-]+)", said, re.M))
    # a second letter is not told
    assert listed == options() - {("v", "version")}


def test_every_word_of_the_output_is_described():
    tokens = re.findall(r'^TOK\(\w+,\s*\w+,\s*" ([a-z][\w-]*)', (ROOT / "src/sink/classic/classic.def").read_text(), re.M)
    assert len(tokens) > 80
    words = set(re.findall(r"[a-z_0-9-]+", MAN.read_text()))
    missing = [t for t in tokens if t not in words and not (t.endswith("_max") and t[:-4] in words)]
    assert not missing, "not in man/ss.8"


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
@pytest.mark.parametrize("page", sorted((ROOT / "man").glob("*.[1-9]")), ids=lambda p: p.name)
def test_manual_is_clean(page):
    # -W style: what is wrong with the page; whether other pages are installed does not count
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True, text=True)
    elsewhere = re.compile("mandoc.db|referenced manual not found")
    said = [line for line in done.stdout.splitlines() + done.stderr.splitlines() if not elsewhere.search(line)]
    assert not said
