# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""
What docs/howto/add-a-rule.md promises: a rule of the doctor is one entry, with its data. test_build.py, which compiles a release,
has it in it.
"""

import json
import re
import subprocess

from lib import netns
from test_lint import ROOT

RECIPE = (ROOT / "docs/howto/add-a-rule.md").read_text()
ENTRY, CASE = re.search(r"```c\n(RULE\(.*?)```.*?```c\n(.*?) *```", RECIPE, re.S).groups()
ID, NAME = re.match(r'RULE\((\w+), \w+, "([^"]+)"', ENTRY).groups()

# Somebody with three connections to one port.
SOCKETS = r"""
server = socket.create_server(("127.0.0.1", 8080))
held = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(3)]
held += [server.accept()[0] for _ in range(3)]
"""


def run(*argv):
    done = subprocess.run([str(a) for a in argv], text=True, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def add_to(top):
    rules, cases = top / "src/doctor/rules/listen.def", top / "tests/unit/doctor-cases.h"
    assert ID not in rules.read_text(), "the example has become a rule: choose another"
    rules.write_text(rules.read_text() + "\n" + ENTRY)
    before, end, behind = cases.read_text().rpartition("};")
    cases.write_text(before + CASE + end + behind)


def check_data(top, folder):
    """It is tried with its data, and without them that fails, so that nobody forgets them."""
    cases = top / "tests/unit/doctor-cases.h"
    run("meson", "configure", folder, "-Dtests=true")
    run("ninja", "-C", folder, "tests/unit/test-doctor")
    run(folder / "tests/unit/test-doctor")
    cases.write_text(cases.read_text().replace(CASE, ""))
    run("ninja", "-C", folder, "tests/unit/test-doctor")
    assert subprocess.run([folder / "tests/unit/test-doctor"], capture_output=True).returncode
    run("meson", "configure", folder, "-Dtests=false")


def check_listed(folder):
    assert f"{ID}     {NAME}\n" in run(folder / "ss", "--rules")
    assert f"{ID}.count = 1000" in run(folder / "ss", f"--rules={ID}")
    assert f"**{ID} {NAME}** `count=1000`\n" in RECIPE, "its line in docs/doctor.md"


def check_found(ss, limits):
    limits.write_text(f"{ID}.count = 3\n")
    net = netns.Script(SOCKETS).start()
    try:
        r = net.run([ss, f"--doctor={ID}", "--json", f"--thresholds={limits}"])
        (finding,) = json.loads(r.out)["findings"]
        assert r.status == 0, "it is information"
        assert (finding["id"], finding["severity"]) == (ID, "info")
        assert finding["title"] == "127.0.0.1 has 3 connections to port 8080"
        assert not json.loads(net.run([ss, f"--doctor={ID}", "--json"]).out)["findings"]
    finally:
        net.stop()


def check(top, folder):
    check_listed(folder)
    check_found(folder / "ss", folder / "limits")
    check_data(top, folder)
