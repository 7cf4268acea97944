# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Each allocation fails in turn: then the answer is whole, or the status and a message say it is not."""

import re

import pytest

ALLOCATIONS_MAX = 2000

ASKED = [
    ["-tanoemp"],
    ["-tanp", "-T", "--cgroup"],
    ["-tua"],
    ["-0anp"],
    ["-xan"],
    ["-s"],
    ["-tan", "--limit=3"],
    ["-tan", "--csv", "--columns=local.port,process.start,process.user"],
    ["-tan", "sport = :ssh or dst 10.0.0.0/8 and not dev lo"],
    ["-tn", "-K", "--dry-run", "--no-header", "dst 127.0.0.0/8"],
    ["-tan", "-F", "-"],
    ["-tlnp", "--all-netns", "netns_id = {netns}"],
    ["-tln", "--format=table", "--columns=netns,local.port"],
    ["--help"],
    ["-V"],
]


def comparable(out):
    """What does not change from run to run: other numbers give other widths, and another order of netlink.

    An ss that another test runs for all namespaces with --sockopts has a descriptor of the sockets for a moment.
    """
    text = re.sub(rb" +", b" ", re.sub(rb"[0-9.]+", b"N", out))
    return sorted(re.sub(rb'\("ss",pid=N,fd=N\),|,\("ss",pid=N,fd=N\)', b"", text).splitlines())


@pytest.fixture
def failalloc(build):
    found = list((build.dir / "tests/live").glob("libfailalloc.so"))
    if not found:
        pytest.skip("this build has an allocator of its own")
    return found[0]


@pytest.mark.heavy
@pytest.mark.parametrize("args", ASKED, ids=" ".join)
def test_each_allocation(ss, steady, failalloc, tmp_path, args):
    unreached = tmp_path / "unreached"
    netns = steady.run(["stat", "-L", "-c", "%i", "/proc/self/ns/net"]).out.decode().strip()
    asked, args = args, [arg.replace("{netns}", netns) for arg in args]
    whole = steady.run([ss, *args])
    assert whole.status == 0
    # Each third: all of them fail in `make kit-faults`, too.
    for n in range(1 + ASKED.index(asked) % 3, ALLOCATIONS_MAX, 3):
        env = {"LD_PRELOAD": failalloc, "FAIL_ALLOC": n, "FAIL_UNREACHED": unreached}
        result = steady.run([ss, *args], env=env)
        if result.status == 0:
            assert comparable(result.out) == comparable(whole.out), f"allocation {n} fails in silence"
        else:
            assert result.status in (1, 3, 4, 255) and result.err.strip(), f"allocation {n}: {result.status}"
        if unreached.exists():
            break
    else:
        pytest.fail("the end of the allocations was not reached")
    assert n > 3
