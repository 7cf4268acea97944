# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What BPF counts in the kernel is what counting the rows of sock_diag gives, and is counted so when it pays."""

import itertools
import re
import subprocess
import sys

import pytest

from lib import builds
from lib.churn import CHURN

pytestmark = pytest.mark.usefixtures("walks")
TRIES = 10
FIELDS = ["local.addr", "peer.addr", "local.port", "peer.port", "state", "family"]
SUBSETS = [list(s) for n in range(1, len(FIELDS) + 1) for s in itertools.combinations(FIELDS, n)]
PREFIXES = ["0", "8", "24", "31", "32", "33", "64", "127", "128", "0/0", "8/64", "24/128", "17/97"]
SELECTIONS = ["-t", "-ta", "-t4a", "-t6a", "-t state connected", "-t state time-wait", "-t state syn-recv", "-tB",
              "-t state fin-wait-2 state established", "-ta state listening"]


def count(net, ss, source, by, words="-ta"):
    flags, _, selection = words.partition(" ")
    result = net.run([ss, f"--source={source}", flags, f"--by={by}", "--format=csv", *selection.split()])
    err = result.err.decode()
    assert result.status == 0 and err == "", err  # a count that became one of rows would say so
    return result.out.decode()


def check(net, ss, by, words="-ta"):
    for _ in range(TRIES):  # a socket may change between two listings
        rows = count(net, ss, "netlink", by, words)
        counted = count(net, ss, "bpf", by, words)
        if counted == rows:
            return rows
    assert counted == rows, (by, words)


@pytest.mark.plain
@pytest.mark.heavy
@pytest.mark.parametrize("n", range(1, len(FIELDS) + 1))
def test_every_subset(ss, steady, n):
    for subset in SUBSETS:
        if len(subset) == n:
            check(steady, ss, ",".join(subset))


@pytest.mark.parametrize("by", [*FIELDS, ",".join(FIELDS)])
def test_moving(ss, moving, by):
    check(moving, ss, by)


@pytest.mark.plain
@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefixes(ss, steady, prefix):
    check(steady, ss, f"peer.addr/{prefix}")
    check(steady, ss, f"local.addr/{prefix},peer.addr/{prefix},family")
    check(steady, ss, f"peer.addr/{prefix},peer.addr/16,state")


@pytest.mark.plain
@pytest.mark.parametrize("words", SELECTIONS)
@pytest.mark.parametrize("kind", ["steady", "moving"])
def test_selections(ss, kind, words, request):
    check(request.getfixturevalue(kind), ss, "peer.addr,state,local.port", words)


def test_has_what_is_hard(ss, steady, moving):
    """The namespaces have what the other tests are about: else they would prove little."""
    states = {line.split(",")[0] for net in (steady, moving) for line in check(net, ss, "state").splitlines()[1:]}
    assert {"established", "time-wait", "syn-recv", "listening", "closed", "fin-wait-2"} <= states
    mapped = [line.split(",") for line in check(steady, ss, "family,peer.addr", "-t6 state established").splitlines()]
    assert any("." in line[1] for line in mapped[1:])


def test_explained(ss, steady):
    def sources(*words):
        out = steady.run([ss, "--explain", "--source=bpf", *words]).out.decode()
        return re.findall(r"^  source: (.*) \(", out, re.MULTILINE)

    assert sources("-t4", "--by=peer.addr", "state", "connected") == ["bpf counts", "bpf counts"]
    assert sources("-t4a", "--by=peer.addr") == ["bpf", "bpf counts", "bpf counts"]
    for words in (["--by=peer.addr,sum(tcp.rtt)"], ["--by=uid"], ["--by=peer.addr", "sport", "=", ":1"],
                  ["--columns=peer.addr"], ["-n"]):
        assert "bpf counts" not in sources("-t4a", *words), words


@pytest.mark.parametrize("n,expected", [(250000, "bpf counts"), (25, "netlink")])
def test_chosen(ss, tmp_path, n, expected):
    (tmp_path / "sockstat").write_text(f"sockets: used 9\nTCP: inuse {n} orphan 0 tw 0 alloc {n} mem 1\n")
    (tmp_path / "none").write_text("")
    env = builds.environment() | {"PROC_NET_SOCKSTAT": str(tmp_path / "sockstat"),
                                  "PROC_NET_SOCKSTAT6": str(tmp_path / "none"),
                                  "PROC_NET_SNMP": str(tmp_path / "none")}  # fmt: skip
    out = subprocess.run([ss, "--explain", "-t4", "--by=peer.addr", "state", "established"], env=env,
                         capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert f"source: {expected} (" in out


@pytest.mark.plain
def test_churn(ss, steady):
    by = "local.addr,local.port,peer.addr,peer.port,state"
    stable = set(check(steady, ss, by, "-ta").splitlines()[1:])
    # Without the share; and what waits for its end may meet it.
    stable = {line.rsplit(",", 1)[0] for line in stable if ",time-wait," not in line}
    assert len(stable) >= 40
    maker = steady.popen([sys.executable, "-B", "-c", CHURN], stdout=subprocess.PIPE, text=True)
    try:
        assert maker.stdout.readline() == "on\n"
        for _ in range(40):
            found = {line.rsplit(",", 1)[0] for line in count(steady, ss, "bpf", by).splitlines()}
            assert stable <= found
        assert maker.poll() is None
    finally:
        maker.kill()
        maker.wait()
