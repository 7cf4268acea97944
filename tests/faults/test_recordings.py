# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A sample of what `make kit-recordings` does, other places in each build."""

import pytest

from faults import recordings
from lib import builds


def test_sample(build):
    program, less = build.dir / "tests/faults/recorder", 3 if build.is_sanitized else 1
    totals = recordings.run(program, n_kills=8 // less, share=2500 * less, seed=len(build.dir.name), fault_share=400 * less)
    print(totals)
    assert totals["kills"] and totals["damages"] > 10 and totals["failed calls"] > 5, totals


def test_nothing_passes_for_right(tmp_path):
    """The kit sees what is wrong."""
    recorder = recordings.Recorder(builds.all_builds()[0].dir / "tests/faults/recorder", {})
    path = tmp_path / "recording"
    recorder.record(path, 0, 20)
    whole = path.read_bytes()
    with pytest.raises(recordings.Wrong, match="whole, and not read"):
        recordings.damaged(recorder, path, whole, list(recordings.blocks(whole)), whole[:200], range(len(whole), len(whole)))
    with pytest.raises(recordings.Wrong, match="no block|body at|times at"):
        list(recordings.blocks(whole[:150] + bytes([whole[150] ^ 1]) + whole[151:]))
