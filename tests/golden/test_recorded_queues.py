# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Queues of bytes, of connections, of messages: each under its own name, on what kernels recorded."""

import json

import pytest

from lib import corpus

COLUMNS = "netid,state,recvq,sendq,accept.queue,accept.limit,accept.fill,tipc.recvq,tipc.sendq"
BYTES, ACCEPT = {"recvq", "sendq"}, {"queue", "limit", "fill"}


def of(scenario):
    return next(s for s in corpus.scenarios() if str(s) == scenario)


def records(build, tmp_path, scenario, *options):
    """What ss lists of @scenario's first run, with options of our own."""
    run = of(scenario).runs[0]
    script = tmp_path / "script"
    script.write_text(run.scenario.script(run.replies))
    words = [w for w in run.argv if w.startswith("-") and not w.startswith("-a")] + ["-an", "--json", *options]
    done = corpus.replay(build, script, run.scenario.path(".ss.bin"), words)
    return json.loads(done.stdout)["sockets"]


@pytest.mark.parametrize("scenario", ["6.1-tcp", "6.1-mptcp", "6.1-unix", "7.3-mptcp"])
def test_a_listener_has_no_bytes(build, tmp_path, scenario):
    found = records(build, tmp_path, scenario, "--columns=" + COLUMNS)
    listeners = [s for s in found if s["state"] == "listening"]
    assert listeners and len(listeners) < len(found)
    for s in listeners:
        assert not BYTES & set(s) and set(s["accept"]) == ACCEPT
        queue, limit = s["accept"]["queue"], s["accept"]["limit"]
        assert s["accept"]["fill"] == (queue / limit if limit else 2 * queue)
    for s in found:
        assert s["state"] == "listening" or (BYTES <= set(s) and "accept" not in s)


@pytest.mark.parametrize("kernel", ["5.10", "6.1", "6.12", "7.3"])
def test_sctp(build, tmp_path, kernel):
    """The kernel tells of an endpoint, also of one that does not listen, the accept queue; its associations have bytes."""
    found = records(build, tmp_path, kernel + "-sctp", "--columns=sctp.peers," + COLUMNS)
    kinds = {"listener": 0, "endpoint": 0, "association": 0}
    for s in found:
        is_association = "sctp" in s
        kind = "association" if is_association else "listener" if s["state"] == "listening" else "endpoint"
        kinds[kind] += 1
        assert BYTES & set(s) == (BYTES if is_association else set())
        assert set(s.get("accept", {})) == (ACCEPT if kind == "listener" else set())
    assert all(kinds.values())
    limits = {s["accept"]["limit"] for s in found if "accept" in s}
    assert {5, 7} <= limits


def test_dccp_does_not_tell(build, tmp_path):
    found = records(build, tmp_path, "6.1-dccp", "--columns=" + COLUMNS)
    assert {s["state"] for s in found} > {"listening", "established"}
    assert not any(BYTES & set(s) or "accept" in s for s in found)


@pytest.mark.parametrize("kernel", ["5.10", "6.1", "7.3"])
def test_tipc_counts_messages(build, tmp_path, kernel):
    """4 messages wait for one socket, one of 200 bytes for another: that is what TIPC tells."""
    found = records(build, tmp_path, kernel + "-tipc", "--columns=" + COLUMNS)
    assert sorted(s["tipc"]["recvq"] for s in found)[-2:] == [1, 4]
    assert not any(BYTES & set(s) or "accept" in s for s in found)


def test_the_limit_is_not_in_proc(build, tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text(
        "heading\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000014 00:00000000 00000000     0        0 7 1 ff 100 0 0 10 0\n"
        "   1: 0100007F:1F91 0100007F:1F90 01 00000005:00000003 00:00000000 00000000     0        0 8 1 fe 20 4 0 10 -1\n"
    )
    script = tmp_path / "script"
    script.write_text("")
    words = ["-4tan", "--source=proc", "--json", "--columns=" + COLUMNS]
    done = corpus.replay(build, script, "/dev/null", words, PROC_ROOT=tmp_path)
    assert json.loads(done.stdout)["sockets"] == [
        {"netid": "tcp", "state": "listening", "accept": {"queue": 20}},
        {"netid": "tcp", "state": "established", "recvq": 3, "sendq": 5},
    ]
    words = ["-4t", "--source=proc", "--json", "--summary=full"]
    found = json.loads(corpus.replay(build, script, "/dev/null", words, PROC_ROOT=tmp_path).stdout)
    assert found["accept_queues"] == []
