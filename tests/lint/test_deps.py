# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""scripts/install-deps installs what a test would otherwise skip for."""

import re

import pytest

from test_lint import ROOT

PARTS = ("unit", "live", "diff", "golden", "abi", "lint", "lib", "faults", "guard")


def sources():
    return [p for part in PARTS for p in sorted((ROOT / "tests" / part).glob("*.py"))]


def probes():
    """What install-deps looks for before tests are run."""
    table = re.search(r"<<'END'\n(.*?)\nEND\n", (ROOT / "scripts/install-deps").read_text(), re.S)[1]
    lines = [line.split() for line in table.splitlines() if not line.startswith("#")]
    assert all(len(line) == 7 for line in lines), [line for line in lines if len(line) != 7]
    return {line[1] for line in lines if line[0] not in ("vm", "bench")}


def sought():
    """The tools and modules without which some test is skipped, and where."""
    for path in sources():
        text = path.read_text()
        for tool in re.findall(r"""(?:which|need|shell_environment)\((?:ss, )?"([\w+-]+)\"""", text):
            yield "cmd:" + tool, path
        for tools in re.findall(r"for tool in \(([^)]*)\)", text):
            yield from (("cmd:" + tool, path) for tool in re.findall(r'"([^"]+)"', tools))
        for module in re.findall(r'importorskip\("(\w+)"', text):
            yield "python:" + module, path
        for file in re.findall(r'Path\("([^"]+)"\)\.exists\(\)', text):
            yield "file:" + file, path


@pytest.mark.parametrize("probe", sorted({probe for probe, _ in sought()}))
def test_what_is_sought_is_installed(probe):
    told = sorted({str(path.relative_to(ROOT)) for p, path in sought() if p == probe})
    assert probe in probes(), f"{', '.join(told)}: no line of scripts/install-deps installs it"


def test_it_finds_what_tests_seek():
    """So that the test above cannot pass by seeing nothing."""
    found = {probe for probe, _ in sought()}
    assert {"cmd:jq", "cmd:readelf", "cmd:zsh", "cmd:fish", "cmd:shellcheck", "python:jsonschema", "file:/etc/rpc"} <= found
