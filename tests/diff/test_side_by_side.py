# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Ours and the reference on the same sockets: the same bytes on stdout, the same exit status."""

import pytest

import cases
import differences
from lib import compare, older
from lib.builds import ROOT

CASES = cases.all_cases()


def run_one(net, program, case, argv):
    return net.run([program, *argv], env=case.env, own_pids=True)


def run_three(net, ss, ref, case, argv):
    """Reference, ours, reference."""
    return [run_one(net, program, case, words) for program, words in ((ref.path, argv), (ss, case.argv), (ref.path, argv))]


def matches(case, ref, outs, is_last):
    """Whether the middle one of three outputs equals the first or the last."""
    out, outs = outs[1], [outs[0], outs[2]]
    if not ref.is_exact:
        return older.rows(out, case.tokens) in [older.rows(t, case.tokens) for t in outs]
    if compare.is_same(outs, out, case.tokens):
        return True
    return is_last and compare.is_same_loosely(outs, out, case.tokens)


def without_repeats(out):
    """
    With more netlink sockets on the machine than one answer of the kernel's has room for it tells some of them twice, to whom it
    gives the answer in smaller parts.
    """
    return b"".join(dict.fromkeys(out.splitlines(keepends=True)))


def one_try(net, ss, ref, case, is_last):
    """None when all is as it should be, else the three results."""
    first, ours = (run_one(net, program, case, case.argv) for program in (ref.path, ss))
    if ours.status == first.status and matches(case, ref, [first.out, ours.out, first.out], is_last=False):
        return None  # whatever the reference prints afterwards
    second = run_one(net, ref.path, case, case.argv)
    known = differences.for_case(case)
    statuses = {first.status} | {d.status for d in known if d.status is not None}
    if ours.status not in statuses:
        return first, ours, second
    outs = [first.out, ours.out, second.out]
    if matches(case, ref, outs, is_last):
        return None
    if "netlink" in str(case) and matches(case, ref, [without_repeats(out) for out in outs], is_last):
        return None
    for some in [*([d] for d in known), known]:
        left = differences.without(some, outs)
        if left and matches(case, ref, left, is_last):
            return None
    for d in known:
        if d.instead:
            others = run_three(net, ss, ref, case, d.instead(case.argv))
            if matches(case, ref, [r.out for r in others], is_last):
                return None
    return first, ours, second


def explain(case, results):
    first, ours, second = results
    text = [f"$ {case}", compare.difference(first.out, ours.out)]
    if ours.status != first.status:
        text.append(f"exit status: reference {first.status}, ours {ours.status}")
    text.append(f"stderr of ours: {compare.visible(ours.err)[-3000:]}")
    text.append(f"stderr of the reference: {compare.visible(first.err)[:500]}")
    return "\n".join(text)


@pytest.fixture
def net(request, case):
    return request.getfixturevalue(case.net)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_same_bytes(ss, ref, net, case):
    if not ref.is_exact and (why := older.why_not(case)):
        pytest.skip(why)
    for i in range(compare.TRIES):
        results = one_try(net, ss, ref, case, is_last=i == compare.TRIES - 1)
        if results is None:
            break
    else:
        pytest.fail(explain(case, results), pytrace=False)


def test_differences_are_documented():
    """Users must be able to read of everything that is accepted here."""
    text = (ROOT / "docs/compatibility.md").read_text()
    missing = [d.name for d in differences.DIFFERENCES if f"`{d.name}`" not in text]
    assert not missing, f"docs/compatibility.md does not name {missing}"


@pytest.mark.parametrize("line", cases.REFUSED)
def test_refusal_says_why(ss, ref, steady, line):
    case = cases.Case(line)
    if not ref.is_exact and (why := older.why_not(case)):
        pytest.skip(why)
    theirs = steady.run([ref.path, *case.argv])
    ours = steady.run([ss, *case.argv])
    known = differences.for_case(case)
    assert ours.status in {theirs.status} | {d.status for d in known if d.status is not None}
    if theirs.err and ours.status:
        assert ours.err, f"ss {line}: status {ours.status}, but nothing on stderr"
