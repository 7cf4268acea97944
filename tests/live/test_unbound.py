# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Descriptors of sockets that are in no table: of a program that leaks them, and of none else."""

import csv
import json
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from lib import kernel, netns, seccomp

NOBODY = 65534

# What is in no table, then what is in one, and a process of a user with one of each.
TEXT = """
import ctypes, json, os, struct
l = socket.create_server(("127.0.0.1", 7401))
keep += [socket.socket() for _ in range(5)]
keep += [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(3)]
keep.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
for _ in range(4):
    c = socket.create_connection(("127.0.0.1", 7401))
    a = l.accept()[0]
    a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    a.close()
    keep.append(c)
keep.append(keep[0].dup())

keep.append(l)
bound = socket.socket()
bound.bind(("127.0.0.1", 7402))
keep.append(bound)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 7403))
keep.append(udp)
keep += [*socket.socketpair(), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_PACKET, socket.SOCK_RAW)]
keep.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, 253))
ready, tell = os.pipe()
child = os.fork()
if child == 0:
    for s in keep:
        s.close()
    keep = [socket.socket()]
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1)  # what changed its user is root's otherwise
    os.write(tell, b"x")
    sys.stdin.read()
    os._exit(0)
os.read(ready, 1)
print(json.dumps({"kind": "pids", "parent": os.getpid(), "child": child}))
"""

LOOSE = {
    ("inet", "tcp", "never-bound"): 5,
    ("inet6", "udp", "never-bound"): 3,
    ("netlink", "nl", "never-bound"): 1,
    ("inet", "tcp", "closed"): 4,
}


@pytest.fixture(scope="module")
def net():
    with netns.script_of_root(TEXT, "another user needs root") as net:
        yield net


def of(net, who):
    return f"process.pid = {net.find('pids')[0].data[who]}"


def listed(net, argv, uid=None):
    """Whoever may not look into all processes, be it root, is told that this is not the whole answer."""
    out = net.run([*argv, "--csv"], uid=uid)
    is_part = b"may not be looked into" in out.err or b"(redacted)" in out.err or b"may be in a table or in none" in out.err
    assert out.status == (3 if is_part else 0), out.err
    return [(r["family"], r["netid"], r["unbound.why"]) for r in csv.DictReader(out.lines)]


@pytest.mark.parametrize("source", ["auto", "bpf"])
def test_each_once(net, ss, source, request):
    if source == "bpf":
        request.getfixturevalue("walks")
    assert Counter(listed(net, [ss, "--unbound", f"--source={source}", of(net, "parent")])) == LOOSE


def test_without_the_right_to_trace(net, ss):
    """The protocol tells as much; that a connection was reset is not to be seen. Where bound sockets of TCP are in no
    list, they cannot be told from what has no port; nor can the sockets of other namespaces anywhere."""
    words = [*seccomp.without("getfd"), ss, "--unbound", "--source=netlink", of(net, "parent")]
    others = {("inet6", "udp"): 3, ("netlink", "nl"): 1}
    found = Counter((family, netid) for family, netid, _ in listed(net, words))
    assert found == ({("inet", "tcp"): 9, **others} if kernel.LISTS_BOUND else others)
    words = [*kernel.older(), *words]
    assert Counter((family, netid) for family, netid, _ in listed(net, words)) == others
    out = net.run(words)
    assert out.status == 3 and b"may be in a table or in none" in out.err


def test_groups(net, ss):
    out = net.run([ss, "--unbound", of(net, "parent"), "unbound.why = closed"])
    assert [line.split()[2:6] for line in out.lines] == [["FAMILY", "NETID", "WHY", "COUNT"], ["inet", "tcp", "closed", "4"]]
    out = net.run([ss, "--unbound", of(net, "parent"), "--by=process.name", "--json"])
    assert [g["count"] for g in json.loads(out.out)["groups"]] == [13]


def test_beside_what_is_in_a_table(net, ss):
    """As a key, an aggregate and a column of sockets that are in one, and of who may not be traced as what is hidden."""
    words = [ss, "-ta", "--json", of(net, "parent")]
    out = json.loads(net.run([*words, "--by=process.name,process.unbound"]).out)
    assert [(g["process"]["unbound"], g["count"]) for g in out["groups"]] == [("13", 2)]
    for term, n in (("!= 0", 1), ("= 0", 0)):
        out = net.run([*words, "--by=process.pid,any(process.unbound)", f"--having=any(process.unbound) {term}"])
        assert len(json.loads(out.out)["groups"]) == n
        out = net.run([*words, f"process.unbound {term}"])
        assert len(json.loads(out.out)["sockets"]) == 2 * n
    out = net.run([*seccomp.without("getfd"), *words, "--columns=process.unbound"])
    rows = json.loads(out.out)["sockets"]
    assert rows and not any("unbound" in p for r in rows for p in r.get("process", [])), out
    assert b"of 2 sockets could not be seen" in out.err
    out = net.run([*seccomp.without("getfd"), *words, "process.unbound != 0"])
    assert out.status == 3 and json.loads(out.out)["complete"] is False


def test_of_a_user(net, ss_of_all):
    assert listed(net, [ss_of_all, "--unbound"], uid=NOBODY) == [("inet", "tcp", "never-bound")]
    out = net.run([ss_of_all, "--unbound", "--json"], uid=NOBODY)
    assert out.status == 3 and json.loads(out.out)["complete"] is False


def missing(answer):
    """Notes of what is not there, but for processes of tests beside this one."""
    return [n for n in answer["notes"] if n["level"] != "hint" and "may not be looked into" not in n["text"]]


def test_in_the_overview(net, ss):
    out = net.run([ss, "--summary=full", "--json"])
    found = json.loads(out.out)
    pid = net.find("pids")[0].parent
    mine = {(g["family"], g["netid"], g["unbound"]["why"]): g["count"] for g in found["unbound"] if g["process"]["pid"] == pid}
    assert mine == LOOSE
    assert not missing(found) and all("state" in k or k["netid"] in ("nl", "p_raw") for k in found["kinds"])


@pytest.fixture(scope="module")
def recorded(net, ss):
    """Two samples of what is in no table, and a recording without."""
    with tempfile.TemporaryDirectory(prefix="sockeye-unbound-") as name:
        path = Path(name)
        path.chmod(0o777)
        for file, more in (("all", ["--unbound", "--every=0.05", "--count=2"]), ("less", [])):
            made = net.run([ss, f"--record={path / file}", *more])
            is_part = b"may not be looked into" in made.err
            assert made.out == b"" and made.status == (3 if is_part else 0), made
        yield path


def test_recorded(net, ss, recorded):
    for words in ([], ["--at=first"]):
        assert Counter(listed(net, [ss, f"--from={recorded / 'all'}", "--unbound", *words, of(net, "parent")])) == LOOSE
    words = ["--unbound", "--csv", "--columns=process.pid,inode,type,protocol,unbound.why", of(net, "parent")]
    now, then = (net.run([ss, *w, *words]) for w in ([], [f"--from={recorded / 'all'}"]))
    assert sorted(now.lines) == sorted(then.lines) and len(then.lines) == 14
    idle = net.run([ss, f"--from={recorded / 'all'}", "--unbound", "--csv", "--columns=unbound.idle", "unbound.why = closed", of(net, "parent")])
    assert len(idle.lines) == 5 and all(0 <= float(value) < 600_000 for value in idle.lines[1:])
    then = json.loads(net.run([ss, f"--from={recorded / 'all'}", "-ta", "--json", "--by=process.pid,process.unbound", of(net, "parent")]).out)
    assert [g["process"]["unbound"] for g in then["groups"]] == ["13"]
    # what else was asked of it has none of them
    assert b"never-bound" not in net.run([ss, f"--from={recorded / 'all'}", "-a", "--ndjson"]).out
    found = json.loads(net.run([ss, f"--from={recorded / 'all'}", "--summary=full", "--json"]).out)
    mine = {(g["family"], g["netid"], g["unbound"]["why"]): g["count"] for g in found["unbound"] if g["process"]["pid"] == net.find("pids")[0].parent}
    assert mine == LOOSE


def test_not_recorded(net, ss, recorded):
    out = net.run([ss, f"--from={recorded / 'less'}", "--unbound", "--json"])
    assert out.status == 3 and json.loads(out.out)["complete"] is False and b"was made without --unbound" in out.err


def test_given_away(net, ss, recorded):
    assert net.run([ss, f"--from={recorded / 'all'}", f"--record={recorded / 'copy'}", "--redact"]).status == 0
    assert Counter(listed(net, [ss, f"--from={recorded / 'copy'}", "--unbound", of(net, "parent")])) == LOOSE


def test_recorded_by_a_user(net, ss_of_all, recorded):
    """Of others he knows as little later."""
    made = net.run([ss_of_all, f"--record={recorded / 'user'}", "--unbound"], uid=NOBODY)
    assert made.status == 3 and b"not all sockets that are in no table are recorded" in made.err, made
    out = net.run([ss_of_all, f"--from={recorded / 'user'}", "--unbound", "--json"])
    assert out.status == 3 and json.loads(out.out)["complete"] is False and b"when it was recorded" in out.err
    assert [s["unbound"]["why"] for s in json.loads(out.out)["sockets"]] == ["never-bound"]
