# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--summary=full on made-up replies: what stands out, in which order, and what does not."""

import json

from lib import corpus
from lib.fixtures import attr, dump, inet, message, pack, u8, u32

TCP, UDP, MPTCP, UNIX, LISTEN, CLOSED = 6, 17, 262, 1, 10, 7


def listener(port, queue, limit, *attrs, inode=None):
    return inet(*attrs, state=LISTEN, sport=port, dport=0, dst="0.0.0.0", rqueue=queue, wqueue=limit, inode=inode or port)


def memory(**members):
    names = ("rmem", "rcvbuf", "tmem", "sndbuf", "fwd", "wmem", "opt", "backlog", "drops")
    return attr(7, b"".join(u32(members.get(name, 0)) for name in names))


def udp(port, queue, drops):
    return inet(memory(rmem=queue, rcvbuf=4096, drops=drops), state=CLOSED, sport=port, dport=0, dst="0.0.0.0", rqueue=queue,
                inode=port)  # fmt: skip


def unix(inode, name, queue, limit, state=LISTEN):
    head = pack("BBBBIII", UNIX, 1, state, 0, inode, inode, 0)
    return message(head + attr(0, name) + attr(4, pack("II", queue, limit)) + attr(6, u8(0)))


BUSY = [listener(port, 20, 4096) for port in range(1, 6)]
SMALL = listener(7002, 5, 4)


def run(build, tmp_path, *options, tcp=(), udp=(), mptcp=(), unix=()):
    answers = {(2, TCP): tcp, (2, UDP): udp, (2, MPTCP): mptcp, (UNIX, 0): unix}
    answers |= {(10, protocol): () for protocol in (TCP, UDP, MPTCP)}
    recording, script, text, lines = tmp_path / "recording", tmp_path / "script", b"", ["owner 7002 99 7 slow"]
    for (family, protocol), rows in answers.items():
        answer = dump(*rows)
        lines.append(f"reply {family} {protocol} {len(text)} {len(answer)}")
        text += answer
    recording.write_bytes(text)
    script.write_text("\n".join(lines) + "\n")
    done = corpus.replay(build, script, recording, ["--summary=full", "-A", "tcp,udp,mptcp,unix", *options])
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def found(build, tmp_path, *options, **answers):
    return json.loads(run(build, tmp_path, "--json", *options, **answers))


def accept(queue, limit, fill):
    return {"queue": queue, "limit": limit, "fill": fill}


def test_a_small_queue_that_is_full_is_not_hidden(build, tmp_path):
    got = found(build, tmp_path, tcp=[*BUSY, SMALL])
    assert got["accept_queues"] == [
        {"netid": "tcp", "local": {"addr": "127.0.0.1", "port": 7002}, "accept": accept(5, 4, 1.25),
         "process": [{"name": "slow", "pid": 99, "fd": 7}]}
    ]  # fmt: skip


def test_fullest_first_of_every_kind(build, tmp_path):
    """A queue of which the limit is 0 holds one. An MPTCP listener is told once, not by its subflow."""
    rows = [listener(1, 4, 5), listener(2, 799, 1000), listener(3, 1, 0), listener(4, 0, 0), listener(5, 9, 8), SMALL]
    got = found(
        build, tmp_path, tcp=[*rows, listener(6, 4, 3, inode=60)], mptcp=[listener(6, 4, 3, inode=60)],
        unix=[unix(70, b"\0bus", 15, 10), unix(71, b"/run/idle\0", 0, 10), unix(72, b"", 400, 100, state=1)],
    )["accept_queues"]  # fmt: skip
    assert [(q["netid"], q["accept"]["fill"]) for q in got] == [
        ("tcp", 2), ("u_str", 1.5), ("mptcp", 4 / 3), ("tcp", 1.25), ("tcp", 1.125), ("tcp", 0.8)
    ]  # fmt: skip
    assert [q.get("local", {}).get("port") for q in got] == [3, None, 6, 7002, 5, 1]
    got = found(build, tmp_path, tcp=rows[:2])["accept_queues"]
    assert [q["local"]["port"] for q in got] == [1]


def test_a_subflow_alone_is_told(build, tmp_path):
    got = found(build, tmp_path, tcp=[listener(6, 4, 3, inode=60)])["accept_queues"]
    assert [(q["netid"], q["local"]["port"]) for q in got] == [("tcp", 6)]


def test_drops_of_a_listener_are_no_alarm(build, tmp_path):
    got = found(build, tmp_path, tcp=[listener(8, 0, 128, memory(drops=20))])
    assert got["accept_queues"] == got["udp_drops"] == []


def test_drops_of_udp(build, tmp_path):
    got = found(build, tmp_path, udp=[udp(53, 768, 0), udp(54, 3328, 16), udp(55, 0, 900)])["udp_drops"]
    assert [(s["local"]["port"], s["mem"]["drops"], s["recvq"]) for s in got] == [(55, 900, 0), (54, 16, 3328)]
    assert got[1]["mem"] == {"drops": 16, "rcvbuf": 4096}


def test_connections_are_not_added_to_bytes(build, tmp_path):
    rows = [listener(1, 20, 4096), listener(2, 3, 4), inet(rqueue=100, wqueue=7)]
    got = found(build, tmp_path, tcp=rows)["kinds"]
    by_state = {k["state"]: {name: k[name] for name in k if "(" in name} for k in got}
    assert by_state == {
        "listening": {"sum(accept.queue)": 23},
        "established": {"sum(recvq)": 100, "sum(sendq)": 7},
    }


def test_as_a_table(build, tmp_path):
    text = run(build, tmp_path, tcp=[*BUSY, SMALL], unix=[unix(70, b"\0bus", 15, 10)], udp=[udp(54, 3328, 16)])
    blocks = {b.split(b"\n")[0]: b.split(b"\n")[1:] for b in text.split(b"\n\n")}
    full = blocks[b"Listeners that do not keep up, fullest queue first"]
    assert [line.split() for line in full] == [
        b"NETID LOCAL.ADDR LOCAL.PORT NAME QUEUE LIMIT FILL PROCESS".split(),
        b"u_str - - @bus 15! 10 150.0% -".split(),
        b"tcp 127.0.0.1 7002 - 5! 4 125.0% slow(99)".split(),
    ]
    drops = blocks[b"UDP sockets that dropped packets since they were made, most first"]
    assert drops[1].split() == b"127.0.0.1 54 16 3.2KiB 4.0KiB -".split()
