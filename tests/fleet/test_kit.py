# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A sample of what `make kit-fleet` does: three hosts, without an sshd."""

import subprocess
import sys

import pytest

from lib import builds


@pytest.mark.plain
@pytest.mark.heavy
def test_three_hosts(ss):
    argv = [sys.executable, "-B", str(builds.ROOT / "tests/fleet/run"), "--stand-in", "--hosts=3", f"--ss={ss}"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=240)
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--hosts in rounds" in done.stdout and "one that is gone" in done.stdout
