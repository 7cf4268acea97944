# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--ports: who listens at which port, as whom, and who has a port at which nobody does."""

import csv
import json
import os
import re
import sys

import pytest

from lib import kernel, netns

PROGRAM = os.path.basename(os.path.realpath(sys.executable))  # of all of them, whatever they call themselves

# A server with two workers, one of another user, ports shared in several ways, and all that is no listener.
SERVERS = r"""
import ctypes, os, signal
name = lambda text: ctypes.CDLL(None).prctl(15, text.encode())
def server(comm, make, workers=0, uid=None):
    "A process called @comm that makes its sockets; they are its and its workers' until the end of this one."
    r, w = os.pipe()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        name(comm)
        made = make()
        for _ in range(workers):
            if os.fork() == 0:
                ctypes.CDLL(None).prctl(1, signal.SIGKILL)
                signal.pause()
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            ctypes.CDLL(None).prctl(4, 1)  # it may be looked into by its own user
        os.write(w, b"x")
        signal.pause()
    os.read(r, 1)
def tcp(address, port, *options):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    for option in options:
        s.setsockopt(*option)
    s.bind((address, port))
    s.listen(100)
    return s
def udp(address, port):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    if ":" in address:
        s.setsockopt(*ONLY)
    s.bind((address, port))
    return s
ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
SHARED = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
def as_user(*uids_and_makes):
    made = []
    for uid, make in uids_and_makes:
        os.setresuid(-1, uid, -1)
        made.append(make())
        os.setresuid(-1, 0, -1)
    return made
server("web", lambda: [tcp("0.0.0.0", 80), tcp("::", 80, ONLY), tcp("::", 443)], workers=2)
server("db", lambda: [tcp("127.0.0.1", 5432), tcp("::1", 5432, ONLY)])
server("names", lambda: [udp("127.0.0.53", 53), udp("127.0.0.54", 53), udp("::1", 53), tcp("127.0.0.53", 53)])
server("fork-one", lambda: [tcp("0.0.0.0", 8000, SHARED)])
server("fork-two", lambda: [tcp("0.0.0.0", 8000, SHARED)])
server("left", lambda: [tcp("127.0.0.1", 9000)])
server("right", lambda: [tcp("127.0.0.2", 9000)])
server("six", lambda: [tcp("::", 9001, ONLY)])
server("app", lambda: as_user((1000, lambda: tcp("127.0.0.1", 8080))) if os.getuid() == 0 and %(is_root)d else [tcp("127.0.0.1", 8080)], uid=1000 if %(is_root)d else None)
bound = socket.socket()
bound.bind(("127.0.0.1", 9998))
client = socket.create_connection(("127.0.0.1", 80), source_address=("127.0.0.1", 9997))
there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
there.bind(("127.0.0.1", 9996))
there.connect(("127.0.0.1", 53))
s = tcp("127.0.0.1", 9995)
c = socket.create_connection(("127.0.0.1", 9995))
d = s.accept()[0]
for one in (d, c, s):
    one.close()
keep += [bound, client, there]
"""



@pytest.fixture(scope="module")
def servers():
    net = netns.Script(SERVERS % {"is_root": "-U" not in netns.namespace_flags()}).start()
    yield net
    net.stop()


def run(ss, servers, *words, status=0, **how):
    result = servers.run([ss, "--ports", *words], **how)
    assert result.status == status, result
    return result


def records(ss, servers, *words, **how):
    return json.loads(run(ss, servers, *words, "--json", **how).out)["ports"]


def names(port):
    return sorted({p["name"] for p in port["process"]})


def test_the_table(ss, servers):
    """One line for each listener, which fits 80 columns; process numbers differ from run to run."""
    words = ["80", "443", "5432", "53", "8000", "9000", "9001"]
    out = run(ss, servers, *words).out.decode()
    lines = [re.sub(r"\(\d+\)", "(#)", line).split() for line in out.splitlines()]
    user = "root"
    assert [line[:5] for line in lines] == [
        ["PORT", "PROTO", "ADDRESS", "PROCESS", "USER"],
        ["53", "tcp", "127.0.0.53", "names(#)", user],
        ["53", "udp", "127.0.0.53,127.0.0.54", "+1", "names(#)"],
        ["80", "tcp", "*", "web(#)+2", user],
        ["443", "tcp", "*", "web(#)+2", user],
        ["5432", "tcp", "127.0.0.1,[::1]", "db(#)", user],
        ["8000", "tcp", "0.0.0.0", "fork-one(#)+1", user],
        ["9000", "tcp", "127.0.0.1", "left(#)", user],
        ["9000", "tcp", "127.0.0.2", "right(#)", user],
        ["9001", "tcp", "[::]", "six(#)", user],
    ]
    fitted = run(ss, servers, *words, env={"COLUMNS": "80"}).out.decode()
    assert max(map(len, fitted.splitlines())) <= 80 and fitted.startswith("PORT  PROTO  ADDRESS  ")


def test_records(ss, servers):
    found = {(p["port"], p["protocol"], p["address"][0]): p for p in records(ss, servers, "sport < 10000")}
    assert len(found) == 10
    web = found[80, "tcp", "0.0.0.0"]
    assert web["address"] == ["0.0.0.0", "::"] and web["wildcard"] == "all" and names(web) == ["web"]
    assert len({p["pid"] for p in web["process"]}) == 3 and (web["workers"], web["sockets"]) == (2, 2)
    assert (web["accept"], web["user"]) == ({"queue": 1, "limit": 200}, "root")
    assert found[443, "tcp", "::"]["wildcard"] == "all"
    assert found[9001, "tcp", "::"]["wildcard"] == "ipv6"
    shared = found[8000, "tcp", "0.0.0.0"]
    assert names(shared) == ["fork-one", "fork-two"] and (shared["workers"], shared["wildcard"]) == (1, "ipv4")
    dns = found[53, "udp", "127.0.0.53"]
    assert dns["address"] == ["127.0.0.53", "127.0.0.54", "::1"] and not {"accept", "wildcard"} & set(dns)
    assert [names(found[9000, "tcp", a]) for a in ("127.0.0.1", "127.0.0.2")] == [["left"], ["right"]]


@pytest.mark.parametrize(
    "words, want",
    [
        (["80"], {80}),
        (["80", "443"], {80, 443}),
        (["80,5432"], {80, 5432}),
        (["8000-9000"], {8000, 8080, 9000}),
        (["http"], {80}),
        (["db"], {5432}),
        (["web", "9001"], {80, 443, 9001}),
        (["fork-*"], {8000}),
        ([PROGRAM], {53, 80, 443, 5432, 8000, 8080, 9000, 9001}),
        (["sport < 80"], {53}),
        (["process.name", "=", "six"], {9001}),
        (["-t", "names"], {53}),
        (["-6", "sport < 10000"], {53, 80, 443, 5432, 9001}),
        (["-l", "-n", "-p", "443"], {443}),
    ],
)
def test_words(ss, servers, words, want):
    assert {p["port"] for p in records(ss, servers, *words)} == want


@pytest.mark.parametrize(
    "words, said",
    [
        (["99999"], "is no port"),
        (["80", "sport = 443"], "begins an expression"),
        (["-x"], "what has ports"),
        (["-a"], "leave other states out"),
        (["sport", "="], "sport ="),
        (["--by=uid"], "--ports and --by do not go together"),
    ],
)
def test_refused(ss, servers, words, said):
    result = run(ss, servers, *words, status=2)
    assert result.out == b"" and said in result.err.decode()


def test_every_format(ss, servers):
    """The same keys, in each."""
    head, *lines = csv.reader(run(ss, servers, "80", "53", "--format=csv").out.decode().splitlines())
    assert head[:5] == ["port", "protocol", "address", "wildcard", "iface"] and len(lines) == 3
    rows = [dict(zip(head, line)) for line in lines]
    assert (rows[2]["port"], rows[2]["address"], rows[2]["workers"]) == ("80", "0.0.0.0;::", "2")
    lines = [json.loads(line) for line in run(ss, servers, "80", "53", "--format=ndjson").out.splitlines()]
    assert lines == records(ss, servers, "80", "53")
    samples = run(ss, servers, "9001", "--format=openmetrics").out.decode()
    assert re.search(r'^sockeye_sockets\{query="[^"]*",port="9001",protocol="tcp",address="::",.*\} 1$', samples, re.M)
    assert run(ss, servers, "80", "--format=table").out == run(ss, servers, "80").out
    assert run(ss, servers, "80", "-H").out.count(b"\n") == 1


UNLISTED = r"nothing; Linux before 6\.8 does not list sockets that are bound and idle"


@pytest.mark.parametrize(
    "port, said",
    [
        ("9998", r"1 bound and idle, python3\S*\(\d+\)" if kernel.LISTS_BOUND else UNLISTED),
        ("9997", r"1 connection, python3\S*\(\d+\)"),
        ("9996", r"1 connection, python3\S*\(\d+\)"),
        ("9995", r"1 in TIME-WAIT"),
        ("9994", r"nothing"),
        ("-t 9994", r"nothing" if kernel.LISTS_BOUND else UNLISTED),
        ("-u 9994", r"nothing"),
    ],
)
def test_nobody_listens(ss, servers, port, said):
    """Status 1, no record, and one line that says who has the port."""
    words = port.split()
    result = run(ss, servers, *words, status=1)
    assert result.out.count(b"\n") == 1 and result.err.count(b"\n") == 1
    assert re.search(rf"nobody listens there; found in other states or places: {said}(;|$)", result.err.decode(), re.M)
    assert json.loads(run(ss, servers, *words, "--json", status=1).out) == {"ports": [], "notes": [], "complete": True}


def test_nobody_listens_in_a_recording(ss, servers, tmp_path):
    """Who else has the port is told of then, too, and that a recording of listeners does not know."""
    for name, made, said in ("all", ["-ta"], rb"1 connection, python3\S*\(\d+\)$"), ("some", ["-tl"], rb"nothing; the recording does not have all states$"):
        file = tmp_path / name
        assert servers.run([ss, f"--record={file}", *made]).status == 0
        result = servers.run([ss, f"--from={file}", "--ports", "-t", "9997"])
        assert result.status == 1 and re.search(rb"nobody listens there; found in other states or places: " + said, result.err, re.M), result


@pytest.mark.parametrize("words, is_said", [(["9994"], True), (["-t", "9994"], True), (["-u", "9994"], False)])
def test_a_kernel_without_the_list(ss, servers, words, is_said):
    """It has no list of what is bound and idle, so that "nothing" is not all there is to say."""
    result = servers.run([*kernel.older(), ss, "--ports", *words])
    assert result.status == 1 and bool(re.search(f"places: {UNLISTED}$", result.err.decode(), re.M)) == is_said, result


def test_another_namespace(ss, servers):
    """Told where nobody listens, and listed with -N all, each with its own."""
    if not servers.has_real_root:
        pytest.skip("seeing other namespaces needs root")
    empty = netns.Script("").start()
    try:
        result = run(ss, empty, "5432", status=1)
        assert re.search(r"\d+ listeners elsewhere, .*db\(\d+\) in network namespace \S+", result.err.decode())
        found = [p for p in records(ss, empty, "-N", "all", "5432") if names(p) == ["db"]]
        assert found and all((p["port"], p["address"]) == (5432, ["127.0.0.1", "::1"]) and p["netns"] for p in found)
        assert "NETNS" in run(ss, empty, "-N", "all", "5432").out.decode()
    finally:
        empty.stop()


def test_an_ordinary_user(ss, servers):
    """All listeners, with the user of each, and the processes that he may see; what he cannot know is said."""
    if not servers.has_real_root:
        pytest.skip("another user needs root")
    found = {p["port"]: p for p in records(ss, servers, "sport < 10000 and sport != 53", uid=1000)}
    assert set(found) == {80, 443, 5432, 8000, 8080, 9000, 9001}
    assert names(found[8080]) == ["app"] and not found[80]["process"] and "workers" not in found[80]
    assert found[80]["address"] == ["0.0.0.0", "::"] and found[80]["user"] == "root"
    text = run(ss, servers, "80", uid=1000).out.decode().splitlines()
    assert text[1].split()[:5] == ["80", "tcp", "*", "(hidden)", "root"]
    result = run(ss, servers, "web", uid=1000, status=3)
    assert b"web" not in result.out and b"may not be looked into" in result.err
    result = run(ss, servers, "80", "--source=proc", uid=1000)
    assert b"  80  tcp" in result.out


@pytest.mark.plain  # the search for leaks reads /proc
def test_without_proc(ss, servers):
    """A machine whose processes cannot be seen at all still has listeners."""
    if not servers.has_real_root:
        pytest.skip("mounting needs root")
    result = servers.run(["unshare", "-m", "sh", "-c", f"mount -t tmpfs none /proc && exec {ss} --ports 80 443"])
    assert result.status == 0 and [line.split()[:3] for line in result.out.decode().splitlines()[1:]] == [
        ["80", "tcp", "*"],
        ["443", "tcp", "*"],
    ]
    assert b"process" in result.err or os.path.ismount("/proc")
