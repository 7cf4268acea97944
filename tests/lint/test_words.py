# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""The manual page and --help list the options that there are, the manual every word of the output, and docs/doctor.md every rule."""

import json
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


def rules():
    said = subprocess.run([builds.all_builds()[0].ss, "--rules", "--json"], capture_output=True, text=True, timeout=60).stdout
    return json.loads(said)["rules"]


def test_the_book_of_rules_has_the_rules_that_there_are():
    """By id and name, with the limits that they have, in the order of ss --rules."""
    page = (ROOT / "docs/doctor.md").read_text()
    told = re.findall(r"^\*\*([A-Z]{3}\d\d) ([^*]+)\*\*(?: `([^`]+)`)?$", page, re.M)
    # $ports is the machine's, and no number that may be set
    known = [(r["id"], r["name"], " ".join(f"{k}={v}" for k, v in r["limits"].items() if k != "ports")) for r in rules()]
    assert len(known) > 60 and told == known


def test_the_book_of_rules_names_no_others():
    page = (ROOT / "docs/doctor.md").read_text()
    assert set(re.findall(r"\b(?:LSN|CLS|PRT|NET|BUF|MEM|UDP|UNX|NLK|PKT|NAT|HYG)\d\d\b", page)) == {r["id"] for r in rules()}


def test_the_page_of_metrics_has_those_that_there_are():
    """Each by name and kind, with its help, in the order of a page, and with what others call it."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "src/metrics/families.def").read_text(), flags=re.S)
    known = []
    for kind, body in re.findall(r"^(VALUE|HISTOGRAM|READ|OWN)\((.*?)\)$", text, re.M | re.S):
        name, unit, other, words = [m.replace('\\"', '"') for m in re.findall(r'"((?:[^"\\]|\\.)*)"|\bNULL\b', body)][-4:]
        what = "counter" if "COUNTER" in body else "histogram" if kind == "HISTOGRAM" else "gauge"
        full = f"sockeye_{name}{'_' * bool(unit)}{unit}{'_total' * (what == 'counter')}"
        known.append((full, what, words, ", ".join(f"`{o}`" for o in other.split(", ") if o)))
    told = re.findall(r"^\| `(sockeye_\w+)` \| (\w+) \| (.*?) \| .*? ?\| (.*?) ?\|$", (ROOT / "docs/metrics.md").read_text(), re.M)
    assert len(known) > 50 and told == known


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
@pytest.mark.parametrize("page", sorted((ROOT / "man").glob("*.[1-9]")), ids=lambda p: p.name)
def test_manual_is_clean(page):
    # -W style: what is wrong with the page; whether other pages are installed does not count
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True, text=True)
    elsewhere = re.compile("mandoc.db|referenced manual not found")
    said = [line for line in done.stdout.splitlines() + done.stderr.splitlines() if not elsewhere.search(line)]
    assert not said
