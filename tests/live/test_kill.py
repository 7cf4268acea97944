# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""-K destroys what it lists and nothing else, counts the rest by its kind, and asks before it takes all."""

import json
import os
import pty
import select
import subprocess
import time

import pytest

DEADLINE_S = 20

CONNECTIONS = """
server = socket.create_server(("127.0.0.1", 7101), backlog=100)
for i in range({n}):
    keep += [socket.create_connection(("127.0.0.1", 7101)), server.accept()[0]]
"""


SERVERS = ["-tn", "sport = 7101"]


def peers(net, ss):
    """The ports at the other end of the connections that there are."""
    result = net.run([ss, "-Htn", "state", "established", "sport = 7101"])
    assert result.status == 0
    return {line.split()[3].rpartition(":")[2] for line in result.lines}


def shown(result, how):
    """The same of the connections that an answer shows."""
    if how == "--format=json":
        return {str(s["peer"]["port"]) for s in json.loads(result.out)["sockets"]}
    if how == "--format=ndjson":
        made = [json.loads(line) for line in result.lines]
        return {str(s["peer"]["port"]) for s in made if "note" not in s}
    if how == "--format=csv":
        return {line.split(",")[-1] for line in result.lines[1:]}
    return {line.split()[-1] for line in result.lines[1:]}


FORMATS = ["--format=table", "--format=json", "--format=ndjson", "--format=csv"]


@pytest.mark.plain
@pytest.mark.parametrize("how", FORMATS)
@pytest.mark.parametrize("limit", [0, 1, 5, 200])
def test_limit(ss, script, how, limit):
    """What is shown is what is destroyed, and what a dry run showed."""
    net = script(CONNECTIONS.format(n=20))
    args = [*SERVERS, f"--limit={limit}", "--columns=peer.port", how]
    before = peers(net, ss)
    dry = net.run([ss, "-K", "--dry-run", *args])
    assert peers(net, ss) == before and len(before) == 20
    result = net.run([ss, "-K", *args])
    assert (dry.status, result.status) == (0, 0)
    assert shown(result, how) == shown(dry, how) == before - peers(net, ss)
    assert len(shown(result, how)) == min(limit, 20)


def test_limit_of_many(ss, script):
    """What is destroyed hides others from the list: that does not change which ones are meant."""
    net = script(CONNECTIONS.format(n=3000).replace("backlog=100", "backlog=4000"))
    args = [*SERVERS, "--limit=2000", "--columns=peer.port", "--format=csv"]
    before = peers(net, ss)
    dry, result = net.run([ss, "-K", "--dry-run", *args]), net.run([ss, "-K", *args])
    assert len(shown(dry, "--format=csv")) == 2000
    assert shown(dry, "--format=csv") == shown(result, "--format=csv") == before - peers(net, ss)


def test_limit_of_a_shared_port(ss, script):
    """The kernel finds one of these at a time, and not the first one."""
    net = script(
        "for i in range(16):\n"
        "    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
        "    s.bind(('127.0.0.1', 7301)); s.listen(); keep.append(s)"
    )
    args = ["-tln", "--limit=3", "--columns=inode", "--format=csv"]
    inodes = [ss, "-tln", "--columns=inode", "--format=csv"]
    before = set(net.run(inodes).lines)
    dry = net.run([ss, "-K", "--dry-run", *args])
    result = net.run([ss, "-K", *args])
    gone = before - set(net.run(inodes).lines)
    assert set(result.lines[1:]) == gone and gone <= set(dry.lines[1:]) and len(dry.lines) == 4
    assert result.status == (0 if len(gone) == 3 else 3)


@pytest.mark.parametrize("args", [["--sort=recvq"], ["--by=state"], ["--sort=recvq", "-j"], ["--by=state", "-j"]])
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_limit_of_what_is_not_the_list(ss, script, args, more):
    net = script(CONNECTIONS.format(n=3))
    result = net.run([ss, "-K", *SERVERS, *args, "--limit=1", *more])
    assert (result.status, result.out) == (2, b"") and b"--limit" in result.err
    assert len(peers(net, ss)) == 3


def test_sorted(ss, script):
    """All that is destroyed is shown, in order."""
    net = script(CONNECTIONS.format(n=20))
    before = peers(net, ss)
    result = net.run([ss, "-K", *SERVERS, "--sort=peer.port", "--columns=peer.port"])
    assert (result.status, [line.strip() for line in result.lines[1:]]) == (0, sorted(before, key=int)) and peers(net, ss) == set()


@pytest.mark.parametrize("more", [[], ["-j"]])
def test_groups(ss, script, more):
    """They do not name the sockets: how many it were is said in a pipe as well."""
    net = script(CONNECTIONS.format(n=4))
    result = net.run([ss, "-K", *SERVERS, "--by=state", *more])
    assert result.status == 0 and result.err.endswith(b": 4 sockets destroyed\n") and result.err.count(b"\n") == 1
    if more:
        assert {"level": "warning", "text": "4 sockets destroyed"} in json.loads(result.out)["notes"]
    assert peers(net, ss) == set()


@pytest.mark.parametrize("more", [[], ["-j"], ["--sort=recvq"], ["--by=state"]])
def test_closed_pipe(ss, script, more):
    """Nobody sees the list. All is destroyed, and one line says how many it were."""
    net = script(CONNECTIONS.format(n=4))
    ends = os.pipe()
    os.close(ends[0])
    result = net.run([ss, "-K", *SERVERS, *more], stdout=ends[1])
    os.close(ends[1])
    assert result.status == (4 if more else 1)
    assert result.err.endswith(b": 4 sockets destroyed\n") and result.err.count(b"\n") == 1
    assert peers(net, ss) == set()


def test_full_disk(ss, script):
    net = script(CONNECTIONS.format(n=4))
    with open("/dev/full", "wb") as full:
        result = net.run([ss, "-K", *SERVERS], stdout=full)
    assert result.status == 1 and b"No space left" in result.err and b": 4 sockets destroyed\n" in result.err


def test_bound_only(ss, script):
    """The kernel looks for connections and listeners: it does not find these."""
    net = script("keep.append(socket.socket()); keep[0].bind(('127.0.0.1', 7103))")
    if not net.run([ss, "-HtBn"]).lines:
        pytest.skip("this kernel does not list bound sockets")
    for more in ([], ["--dry-run"]):
        result = net.run([ss, "-K", "-HtBn", *more])
        assert (result.status, result.out) == (1, b"")
        assert b"1 that is bound only, which the kernel cannot destroy" in result.err


KINDS = """
kinds = [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_SEQPACKET]
for i, kind in enumerate(kinds + [socket.SOCK_SEQPACKET]):
    keep.append(socket.socket(socket.AF_UNIX, kind)); keep[-1].bind("\\0kind%d" % i)
for kind in socket.SOCK_RAW, socket.SOCK_RAW, socket.SOCK_DGRAM:
    keep.append(socket.socket(socket.AF_PACKET, kind))
"""


def test_kinds(ss, script):
    """Tables that share a question are told apart."""
    net = script(KINDS)
    result = net.run([ss, "-K", "-xa", "src @kind*"])
    assert result.status == 1
    assert b"(unix_stream: 1, unix_dgram: 2, unix_seqpacket: 3)" in result.err
    result = net.run([ss, "-K", "-0a"])
    assert result.status == 1 and b"(packet_dgram: 1, packet_raw: 2)" in result.err
    result = net.run([ss, "-K", "-A", "unix_seqpacket", "-a", "src unix:@kind*"])
    assert result.status == 1 and b"(unix_seqpacket: 3)" in result.err


MPTCP = """
one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
one.bind(("127.0.0.1", 7102)); one.listen()
two = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
two.connect(("127.0.0.1", 7102)); three = one.accept()[0]
two.send(b"x"); three.recv(1)
"""


def test_mptcp(ss, script):
    """The connection outlives its subflow; its listener is left alone."""
    try:
        net = script(MPTCP)
    except RuntimeError as e:
        pytest.skip(f"no MPTCP: {e}")
    before = net.run([ss, "-HMan", "sport = 7102"]).lines
    if len(before) != 2:
        pytest.skip("this kernel does not list MPTCP sockets")
    listener = net.run([ss, "-K", "-Htln", "sport = 7102"])
    assert (listener.status, listener.out) == (1, b"") and b"(mptcp: 1)" in listener.err
    dry = net.run([ss, "-K", "--dry-run", "-Htn", "sport = 7102"])
    result = net.run([ss, "-K", "-Htn", "sport = 7102"])
    for it, begin in ((dry, b"nothing was destroyed; 1 socket would be"), (result, b"1 socket destroyed")):
        assert (it.status, len(it.lines)) == (0, 1)
        assert begin + b", among them 1 subflow of an MPTCP connection, which lives on" in it.err
    assert net.run([ss, "-HMan", "sport = 7102"]).lines == before
    assert net.run([ss, "-Htn", "sport = 7102"]).out == b""


def test_source_proc(ss, script):
    net = script(CONNECTIONS.format(n=2))
    result = net.run([ss, "-K", *SERVERS, "--source=proc"])
    assert (result.status, result.out) == (2, b"") and len(peers(net, ss)) == 2
    assert b"-K and --source=proc do not go together" in result.err


@pytest.mark.parametrize("words", [["\\"], [""], ["", " "], ["state", "all", ""], ["sport = \\"]])
@pytest.mark.parametrize("more", [[], ["--dry-run"], ["--yes"]])
def test_filter_without_a_term(ss, script, words, more):
    """A variable that is empty, as a rule, and not the wish to lose all connections."""
    net = script(CONNECTIONS.format(n=2))
    result = net.run([ss, "-K", "-ta", *more, *words])
    assert (result.status, result.out) == (255, b"") and result.err.strip()
    assert len(peers(net, ss)) == 2


def test_filter_file_without_a_term(ss, script, tmp_path):
    net = script(CONNECTIONS.format(n=2))
    for text in ("", "# nothing\n", " \n"):
        (tmp_path / "filter").write_text(text)
        result = net.run([ss, "-K", "-ta", "-F", tmp_path / "filter"])
        assert (result.status, result.out) == (255, b"") and b"the filter is empty" in result.err
        assert net.run([ss, "-ta", "-F", tmp_path / "filter"]).status == 0
    for text in ("\\", "\\\n", "\n\\\n\n"):
        (tmp_path / "filter").write_text(text)
        for more in ([], ["-K"]):
            result = net.run([ss, *more, "-ta", "-F", tmp_path / "filter"])
            assert (result.status, result.out) == (255, b"") and result.err.strip()
    assert len(peers(net, ss)) == 2


def test_without_a_filter_in_a_pipe(ss, script):
    net = script(CONNECTIONS.format(n=2))
    result = net.run([ss, "-K", "-Htn"])
    assert result.status == 0 and len(result.lines) == 2 and net.run([ss, "-Htn"]).out == b""


class Terminal:
    """A program whose standard input and error are a terminal."""

    def __init__(self, net, argv):
        self.screen, tty = pty.openpty()
        self.proc = net.popen(argv, stdin=tty, stdout=subprocess.PIPE, stderr=tty, start_new_session=True)
        os.close(tty)
        self.seen = b""

    def read_until(self, words):
        end_s = time.monotonic() + DEADLINE_S
        while words not in self.seen and self._read(end_s - time.monotonic()):
            pass
        return words in self.seen

    def _read(self, timeout_s):
        if timeout_s <= 0 or not select.select([self.screen], [], [], timeout_s)[0]:
            raise AssertionError(f"nothing more came: {self.seen}")
        try:
            got = os.read(self.screen, 4096)
        except OSError:  # the other end is closed
            return False
        self.seen += got
        return bool(got)

    def end(self):
        out = self.proc.communicate(timeout=DEADLINE_S)[0]
        while self._read(DEADLINE_S):
            pass
        os.close(self.screen)
        return self.proc.returncode, out


@pytest.mark.plain
@pytest.mark.parametrize("args, answer", [
    *((["-t"], answer) for answer in ("y", "yes", "Y", "n", "", "no", "yesss", "ye", " y", "\x04")),
    *((args, answer) for args in ([], ["-ta"], ["-t", "--sort=recvq"]) for answer in ("y", "n", "\x04")),
])  # fmt: skip
def test_asks(ss, script, answer, args):
    net = script(CONNECTIONS.format(n=2))
    term = Terminal(net, [ss, "-K", "-Hn", *args])
    assert term.read_until(b"[y/N] ") and len(peers(net, ss)) == 2
    os.write(term.screen, answer.encode() + (b"" if answer == "\x04" else b"\n"))
    status, out = term.end()
    if answer.strip(" ") == answer and answer.lower() in ("y", "yes"):
        assert peers(net, ss) == set() and out.count(b"7101") >= 2 and status in (0, 1, 3)
    else:
        assert (status, out) == (2, b"") and len(peers(net, ss)) == 2
        assert b"nothing was destroyed" in term.seen


@pytest.mark.parametrize(
    "args, left",
    [
        (["-tn", "--yes"], 0),
        (["-tn", "--dry-run"], 2),
        (["-tn", "state", "established"], 0),
        (["-tln"], 2),
        (["-tn", "sport = 7101"], 0),
    ],
)
def test_does_not_ask(ss, script, args, left):
    net = script(CONNECTIONS.format(n=2))
    term = Terminal(net, [ss, "-K", *args])
    status, _ = term.end()
    assert status == 0 and b"y/N" not in term.seen and len(peers(net, ss)) == left


def test_does_not_ask_without_a_terminal(ss, script):
    """Its input is one, and nobody would see the question; or the other way round."""
    for name in ("stdin", "stderr"):
        net = script(CONNECTIONS.format(n=2))
        screen, tty = pty.openpty()
        result = net.run([ss, "-K", "-Htn"], **{name: tty})
        os.close(tty)
        os.close(screen)
        assert result.status == 0 and len(result.lines) == 2 and peers(net, ss) == set()


def test_yes_alone(ss, script):
    result = script("").run([ss, "--yes", "-t"])
    assert (result.status, result.out) == (2, b"") and b"--yes is for -K" in result.err


def test_explain(ss, script):
    """It destroys nothing, asks nothing, and tells of questions that are asked one by one."""
    net = script(CONNECTIONS.format(n=2))
    term = Terminal(net, [ss, "-K", "-t", "--explain"])
    status, out = term.end()
    assert status == 0 and b"sockets are destroyed while they are listed" in out and b"together" not in out
    assert term.seen == b"" and len(peers(net, ss)) == 2
