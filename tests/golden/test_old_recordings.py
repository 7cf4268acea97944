# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A recording of each version of the format, made by recordings/make when that was new, is read for ever.

What it must give is recordings/NUMBER.txt: commands, and what they print. The texts are written anew with
SOCKEYE_UPDATE_GOLDEN=1, where the output is meant to be another one; the recordings never are.
"""

import hashlib
import os
import subprocess

import pytest

from lib import builds

FOLDER = builds.ROOT / "tests/golden/recordings"

MADE = {"1": "8f645b3e1ee44084929f9385c9dc6a61968cb24977e6838ae8cec9554dbb48f7"}

LINES = [
    "-anpe",
    "-tinmo --at=first",
    "-s",
    "--ports -n",
    "-ta --by=state,process.name --since=first",
    "-a --format=csv --columns=netid,state,local,peer,process,process.exe,user,cgroup,host,netns --at=2026-12-01T14:04:46Z",
    "-tan --diff=@first --columns=state,local.port,tcp.bytes_received",
    "--events=all --ndjson",
    "--events=close --columns=time,peer.port,duration,handshake,closed.by,closed.how,process,tcp.bytes_sent port = 7004 or port = 7005",
    "--events=all --by=event",
]


def ask(ss, file, line):
    env = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
    done = subprocess.run([ss, f"--from={file}", *line.split()], cwd=FOLDER, env=env, capture_output=True, timeout=60, check=False)
    return f"$ ss --from={file} {line}\n".encode() + done.stdout + done.stderr + (f"[{done.returncode}]\n".encode() if done.returncode else b"")


@pytest.mark.parametrize("version", MADE)
def test_is_read_as_it_was(ss, version):
    raw = (FOLDER / f"{version}.ss").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == MADE[version]
    got = b"\n".join(ask(ss, f"{version}.ss", line) for line in LINES).replace(str(ss).encode(), b"ss")
    golden = FOLDER / f"{version}.txt"
    if os.environ.get("SOCKEYE_UPDATE_GOLDEN"):
        golden.write_bytes(got)
    assert got == golden.read_bytes()


def test_each_is_named():
    assert {p.stem for p in FOLDER.glob("*.ss")} == {p.stem for p in FOLDER.glob("*.txt")} == set(MADE)
