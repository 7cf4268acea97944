# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""No test waits for ever, nor does a program that a test runs: see tests/lib/limits.py."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from test_lint import ROOT

TESTS = """
import subprocess, threading
import pytest

@pytest.fixture
def stuck():
    threading.Event().wait()

@pytest.fixture
def never_done():
    yield
    threading.Event().wait()

def test_lock():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

def test_pipe():
    proc = subprocess.Popen(["sleep", "1000"], stdout=subprocess.PIPE)
    try:
        proc.stdout.read()
    finally:
        proc.kill()

def test_fixture(stuck):
    pass

def test_end(never_done):
    pass

@pytest.mark.parametrize("way", ["run", "check_output", "wait", "communicate"])
def test_program(way):
    if way in ("run", "check_output"):
        getattr(subprocess, way)(["sleep", "1000"])
    proc = subprocess.Popen(["sleep", "1000"])
    try:
        getattr(proc, way)()
    finally:
        proc.kill()

@pytest.mark.limit(1000)
def test_takes_its_time():
    threading.Event().wait(2)
"""


def run(folder, *words):
    """Tests that wait for ever, with this project's conftest.py and a limit of a second."""
    shutil.copytree(ROOT / "tests/lib", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pytest.ini"):
        shutil.copy(ROOT / "tests" / name, folder)
    (folder / "test_stuck.py").write_text(TESTS)
    env = {**os.environ, "SOCKEYE_TEST_LIMIT_S": "1", "SOCKEYE_REFERENCE_FETCH": "0", "COLUMNS": "200"}
    argv = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words, folder]
    done = subprocess.run(argv, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 1, done.stdout
    return done.stdout


def test_everything_has_a_limit(tmp_path):
    said = run(tmp_path)
    for name in ("test_lock", "test_pipe"):
        assert f"FAILED test_stuck.py::{name} - Failed: test_stuck.py::{name} took longer than 1 s" in said, said
    assert re.search(r"child \d+: sleep 1000", said), said
    assert "ERROR test_stuck.py::test_fixture - Failed: preparing" in said, said
    assert "ERROR test_stuck.py::test_end - Failed: tidying up after" in said, said
    assert len(re.findall("FAILED test_stuck.py::test_program.* - subprocess.TimeoutExpired", said)) == 4, said
    assert "6 failed, 2 passed, 2 errors" in said, said
    assert "most recent call first" in said, "no dump of the threads"


def test_in_a_worker(tmp_path):
    pytest.importorskip("xdist")
    assert "test_lock took longer than 1 s" in run(tmp_path, "-p", "xdist", "-n", "1", "-k", "test_lock")
