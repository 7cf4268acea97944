# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What differs between the two times of changes/two.ss: the same bytes wherever, and by whichever version, it is asked.

Between them a listener ended, another was started anew, a third came, and one of two connections was closed at one end.
SOCKEYE_UPDATE_CHANGES=1 writes the expected bytes anew.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib import builds

FOLDER = Path(__file__).parent / "changes"
LINES = {
    "table": ["-tanp"],
    "csv": ["-tanp", "--csv"],
    "json": ["-tan", "--json", "--columns=local,peer,state,tcp.bytes_received,process.pid"],
    "grew": ["-tan", "--columns=local.port,peer.port,tcp.bytes_received", "--sort=-delta.tcp.bytes_received", "--limit=3"],
    "groups": ["-tan", "--by=state,sum(recvq)", "--ndjson"],
    "back": ["-tlnp", "--csv", "--columns=local.port,process.name"],
    "page": ["-tan", "--by=state", "--format=openmetrics"],
}  # fmt: skip


@pytest.mark.skipif(sys.byteorder != "little", reason="it was recorded by a machine of the other byte order")
@pytest.mark.parametrize("name", LINES)
def test_changes(build, name):
    times = ["--at=first", "--diff=@last"] if name == "back" else ["--diff=@first"]
    argv = [build.ss, "--from=two.ss", *times, *LINES[name]]
    done = subprocess.run(argv, capture_output=True, cwd=FOLDER, env=builds.environment(), timeout=60)
    assert (done.returncode, done.stderr) == (1, b""), done
    if os.environ.get("SOCKEYE_UPDATE_CHANGES"):
        (FOLDER / name).write_bytes(done.stdout)
    assert done.stdout == (FOLDER / name).read_bytes()
