# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The program that is loaded once and run often (lib/loaded.py) does what one does that is started."""

import os
import subprocess

import pytest

from lib import compare, loaded
from lib.builds import environment

LINES = [["-tanpe"], ["-xlp"], ["-s"], ["-V"], ["--nosuch"], ["-tan", "sport", "="], ["-tanj"], ["-tan", "-F", "-"]]


def at_rest(out):
    return compare.SUMMARY.sub(b"N", compare.STEADY.sub(b"N", out))


def started(net, argv, data=None, **how):
    done = subprocess.run(net.inside(argv, **how), input=data, stdin=subprocess.DEVNULL if data is None else None,
                          capture_output=True, env=environment(), timeout=60)  # fmt: skip
    return done.returncode, at_rest(done.stdout), done.stderr


def ran(result):
    return result.status, at_rest(result.out), result.err


@pytest.fixture(autouse=True)
def program(ss):
    found = loaded.find(ss)
    if not found:
        pytest.skip("there is none in this build")
    return found


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_as_if_started(ss, steady, words):
    data = b"sport > 100\n" if "-F" in words else None
    for _ in range(compare.TRIES):  # others' sockets come and go
        one = ran(steady.run([ss, *words], **({} if data is None else {"stdin": None, "input": data})))
        if one == started(steady, [ss, *words], data):
            return
    assert one == started(steady, [ss, *words], data)


def test_another_user_sees_as_little(ss, steady):
    if not steady.has_real_root:
        pytest.skip("another user needs root")
    one = ran(steady.run([ss, "-tanp"], uid=0))
    other = ran(steady.run([ss, "-tanp"], uid=65534))
    assert b"users:" in one[1] and b"users:" not in other[1] and other[0] == 0


def test_nothing_is_left_of_a_run(ss, steady, program):
    """Neither variables nor descriptors."""
    whole = steady.run([ss, "--ports"]).out
    assert steady.run([ss, "--ports"], env={"COLUMNS": "60"}).out != whole == steady.run([ss, "--ports"]).out
    here = len(os.listdir(f"/proc/{program.proc.pid}/fd"))
    for _ in range(3):
        steady.run([ss, "-tan"], own_pids=True)
    assert len(os.listdir(f"/proc/{program.proc.pid}/fd")) == here


def test_what_does_not_end_is_ended(ss, steady, program):
    with pytest.raises(subprocess.TimeoutExpired):
        steady.run([ss, "-E"], timeout=1)
    assert program.proc.returncode == 0  # it has waited for it
    assert steady.run([ss, "-V"]).status == 0
