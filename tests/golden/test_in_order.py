# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--sort and --limit alone: the classic text of those rows, byte for byte."""

import json

import pytest

from lib import corpus

SCENARIOS = ["6.1-tcp", "6.1-mptcp", "6.1-unix", "6.1-udp"]


@pytest.fixture(params=SCENARIOS)
def answer(request, build, tmp_path):
    """What ss answers to words of ours, of a machine that was recorded."""
    run = next(s for s in corpus.scenarios() if str(s) == request.param).runs[0]
    script = tmp_path / "script"
    script.write_text(run.scenario.script(run.replies))
    own = [w for w in run.argv if w.startswith("-") and not w.startswith("-a")]

    def ask(*words):
        done = corpus.replay(build, script, run.scenario.path(".ss.bin"), [*own, "-an", *words])
        assert done.returncode in (0, 3), done.stderr
        return done.stdout.decode()

    return ask


def cookies(answer, *words):
    """By which a row is known: of all, or of those that some options choose, in order."""
    return [s["cookie"] for s in json.loads(answer("--json", "--columns=cookie", *words))["sockets"]]


def only(these):
    return " or ".join(f"cookie = 0x{c}" for c in these)


@pytest.mark.plain
@pytest.mark.parametrize("shown", ["-e", "-Hi", "-eimO", ""])
def test_the_first(answer, shown):
    """As a filter that fits them and no others: what the columns are as wide as is those rows."""
    words = [shown] if shown else []
    every = cookies(answer)
    n = len(every) // 2
    assert n > 1 and len(set(every)) == len(every)
    assert answer(*words, f"--limit={n}") == answer(*words, only(every[:n])) != answer(*words)
    assert answer(*words, f"--limit={len(every)}") == answer(*words)


def test_in_order(answer):
    every = cookies(answer)
    in_order = cookies(answer, "--sort=cookie:desc", "--limit=9")
    assert in_order == sorted(every, key=lambda c: int(c, 16), reverse=True)[:9] != every[:9]
    text, same = answer("--sort=cookie:desc", "--limit=9").splitlines(), answer(only(in_order)).splitlines()
    assert len(text) == 1 + min(9, len(every)) and text[0] == same[0] and sorted(text) == sorted(same)
    for cookie, line in zip(in_order, text[1:], strict=True):
        assert line.split() == answer("-H", only([cookie])).split()


def test_none(answer):
    assert answer("--limit=0") == answer(only(["deadbeef"]))
    assert answer("-H", "--limit=0") == answer("-H", only(["deadbeef"]))
