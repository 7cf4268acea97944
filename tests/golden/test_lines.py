# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Some 390 command lines as people type them, tests/lines/*.t: each works, or is refused with what would.

All of a file is run by one process, on what a kernel said of its sockets.
"""

import pytest

from lib import builds, corpus

FILES = sorted((builds.ROOT / "tests/lines").glob("*.t"))
COUNTERS = {
    "PROC_NET_SOCKSTAT": "sockets: used 290\nTCP: inuse 12 orphan 3 tw 2 alloc 17 mem 19\nUDP: inuse 6 mem 2\nRAW: inuse 1\nFRAG: inuse 2 memory 7\n",
    "PROC_NET_SOCKSTAT6": "TCP6: inuse 3\nUDP6: inuse 5\nRAW6: inuse 4\nFRAG6: inuse 7 memory 3\n",
    "PROC_NET_SNMP": "Tcp: MaxConn CurrEstab\nTcp: -1 9\n",
}


def scenario_of(tables, tmp_path):
    """The answers of several recordings in one, as one machine."""
    script, recording, at = tmp_path / "script", tmp_path / "recording", 0
    lines, parts = [], []
    for name in tables:
        scenario = corpus.Scenario("6.18", name)
        part = scenario.path(".bin").read_bytes()
        replies = [corpus.Reply(r.family, r.protocol, r.offset + at, r.length) for r in scenario.dumps]
        lines.append(scenario.script(replies))
        parts.append(part)
        at += len(part)
    script.write_text("".join(lines))
    recording.write_bytes(b"".join(parts))
    return script, recording


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_lines(build, path, tmp_path):
    script, recording = scenario_of(["tcp", "udp", "unix"], tmp_path)
    for name, text in COUNTERS.items():
        (tmp_path / name).write_text(text)
    done = corpus.replay(build, script, recording, ["--lines", str(path)], **{name: tmp_path / name for name in COUNTERS})
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert done.stdout.endswith(b" 0 wrong\n")


def test_there_are_many():
    lines = [line for path in FILES for line in path.read_text().splitlines() if " => " in line and line[0] != "#"]
    assert len(lines) >= 300 and len(lines) == len(set(lines))
