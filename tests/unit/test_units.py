# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Runs each C unit test of each build as one item; exit status 77 is a skip that says why."""

import subprocess

import pytest

from lib import builds

PROGRAMS = [p for b in builds.all_builds() for p in b.unit_tests]


def name_of(path):
    return f"{path.parents[2].name}-{path.name}"


def test_builds_have_unit_tests():
    for build in builds.all_builds():
        assert build.unit_tests, f"{build.dir} holds no unit tests: build first"


def pytest_generate_tests(metafunc):
    if "program" in metafunc.fixturenames:
        metafunc.parametrize("program", PROGRAMS, ids=map(name_of, PROGRAMS))


def test_unit(program, tmp_path):
    done = subprocess.run(
        [program], capture_output=True, text=True, errors="replace", cwd=tmp_path, timeout=300, env=builds.environment()
    )
    if done.returncode == 77:
        said = done.stderr.strip().splitlines()
        pytest.skip(said[-1] if said else "the test did not say why")
    assert done.returncode == 0, done.stderr
