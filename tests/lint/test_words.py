# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""The manual page and the completion know every option, and the manual every word of the output."""

import re
import shutil
import subprocess

import pytest

from test_lint import ROOT

MAN = ROOT / "man/ss.8"


def option_names():
    text = (ROOT / "src/cli/options.def").read_text()
    return set(re.findall(r'^(?:OPTION|OURS)\(\w+,\s*(?:0|\'.\'),\s*"([a-z0-9-]+)"', text, re.M))


def test_every_option_is_described_and_completed():
    assert len(option_names()) > 40
    man = MAN.read_text()
    completion = set(re.findall(r"--([a-z0-9][a-z0-9-]*)", (ROOT / "completions/ss.bash").read_text()))
    assert not [n for n in option_names() if not re.search(rf"Fl -{n}\b", man)], "not in man/ss.8"
    # a second name is left out of the completion
    assert not option_names() - {"socket"} - completion, "not in completions/ss.bash"


def test_every_word_of_the_output_is_described():
    tokens = re.findall(r'^TOK\(\w+,\s*\w+,\s*" ([a-z][\w-]*)', (ROOT / "src/sink/classic.def").read_text(), re.M)
    assert len(tokens) > 80
    words = set(re.findall(r"[a-z_0-9-]+", MAN.read_text()))
    missing = [t for t in tokens if t not in words and not (t.endswith("_max") and t[:-4] in words)]
    assert not missing, "not in man/ss.8"


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
@pytest.mark.parametrize("page", sorted((ROOT / "man").iterdir()), ids=lambda p: p.name)
def test_manual_is_clean(page):
    # -W style: what is wrong with the page; whether other pages are installed does not count
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True, text=True)
    elsewhere = re.compile("mandoc.db|referenced manual not found")
    said = [line for line in done.stdout.splitlines() + done.stderr.splitlines() if not elsewhere.search(line)]
    assert not said
