# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""TCPDIAG_FILE: a recording is selected from as the kernel's answer is, and says nothing of processes."""

import json
import re

import pytest


@pytest.fixture
def recorded(ss, steady, tmp_path):
    """Runs with a recording of all TCP sockets of the namespace, from which all else is gone."""
    file = tmp_path / "dump"
    assert steady.run([ss, "-tanem", "-D", file]).status == 0 and file.stat().st_size

    def run(*args):
        return steady.run([ss, *args], env={"TCPDIAG_FILE": file})

    return run


@pytest.mark.parametrize(
    "words",
    [
        "-tnl", "-tn state close-wait", "-tn state established", "-tn exclude established", "-tn state all exclude listening",
        "-tna", "-tnB", "-tnl sport = 7190", "-tn state connected", "-4tna", "-6tna", "-6tnl", "-6tn state established",
    ],
)  # fmt: skip
def test_selects_as_the_kernel_does(ss, steady, recorded, words):
    live, again = steady.run([ss, *words.split()]), recorded(*words.split())
    assert (again.status, again.err) == (0, b"")
    assert sorted(again.lines) == sorted(live.lines)


def test_all_states_unless_said(ss, ref, steady, tmp_path):
    """As iproute2 shows a recording, of which it reads the first family."""
    file = tmp_path / "dump4"
    assert steady.run([ss, "-4tane", "-D", file]).status == 0
    for words in (["-tn"], ["-tan"], ["-A", "tcp", "-n"]):
        ours, theirs = (steady.run([path, *words], env={"TCPDIAG_FILE": file}) for path in (ss, ref.path))
        assert ours.out == theirs.out and any("LISTEN" in line for line in ours.lines)


NOTE = "a recording does not tell which processes held them"


def test_no_processes(recorded):
    """Those of this machine hold other sockets, though their numbers may be the same."""
    result = recorded("-tanp")
    assert result.status == 0 and b"users:" not in result.out and len(result.lines) > 10
    assert NOTE.encode() in result.err
    assert recorded("-tan").err == b""


@pytest.mark.parametrize(
    "args, status",
    [
        (["--columns=local.port,process"], 0),
        (["not has process"], 3),
        (["process.name ~ mksock"], 3),
        (["--by=process.name"], 3),
        (["--columns=process.pid,local.port", "--sort=process.pid"], 3),
        (["--by=state"], 0),
    ],
)
def test_records_that_hang_on_processes(recorded, args, status):
    result = recorded("-tan", "-j", *args)
    answer = json.loads(result.out)
    assert (result.status, answer["complete"]) == (status, status == 0)
    assert "mksock" not in result.out.decode()
    texts = [re.sub(r"\d+ sockets", "N sockets", note["text"]) for note in answer["notes"]]
    assert {note["level"] for note in answer["notes"]} <= {"warning"}
    if args == ["--by=state"]:
        assert not texts
    elif status:  # once: the one that says what it means for the answer
        assert texts == ["the processes of N sockets could not be seen, and the answer depends on them: a recording does not tell them"]
    else:
        assert texts == [f"tcp sockets: {NOTE}"]


def test_other_tables_keep_their_processes(recorded):
    answer = json.loads(recorded("-uan", "-j", "not has process").out)
    assert answer["complete"] and not answer["sockets"]
    result = recorded("-tuanp")
    assert any("users:" in line for line in result.lines if line.startswith("udp"))
    assert not any("users:" in line for line in result.lines if line.startswith("tcp"))
