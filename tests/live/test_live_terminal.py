# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""ss --live on a terminal: real keys, and what is to be seen then; how it ends, and what must never get there."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from lib import builds, netns
from lib.terminal import SIGNALS, Terminal

pytest.importorskip("pyte")

# Listeners, more of them by a signal, and fewer by another, of a process whose name would act upon a terminal.
PLACE = r"""
import ctypes, signal
ctypes.CDLL(None).prctl(15, b"\033]0;x\007\033[2J\x9b", 0, 0, 0)
def listen(port):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen()
    return s
keep = [listen(port) for port in range(7001, 7041)]
early = []
def more(*_):
    early.append(listen(6001 + len(early)))
def fewer(*_):
    early.pop(0).close()
signal.signal(signal.SIGUSR1, more)
signal.signal(signal.SIGUSR2, fewer)
"""
WORDS = ["-tln", "--sort=local.port", "--columns=local.port,state,process"]
PORT = re.compile(r"^[>\s]*(?:listening\s+\S*:)?([67]0\d\d)\b")


@pytest.fixture(scope="module")
def place():
    net = netns.Script(PLACE, has_small_tables=True).start()
    yield net
    net.stop()


@pytest.fixture
def look(place, ss):
    """Begins it in the place; it has shown its first sample."""

    def begin(*words, ready=r"\b7001\b", **kwargs):
        t = Terminal(place.inside([ss, "--live", *(words or WORDS)]), **kwargs)
        t.await_text(ready)
        return t

    return begin


def selected(t):
    """The port of the row that is marked, by its looks."""
    for y, line in enumerate(t.lines()):
        found = PORT.search(line)
        if found and "reverse" in t.look(y, found.start(1))[3]:
            return int(found[1])
    return None


def ports(t):
    return [int(p) for line in t.lines() for p in PORT.findall(line)]


def ends(t, *keys):
    t.type(*(keys or ("q",)))
    assert t.wait() == 0 and t.was_left_clean(), t.text()
    assert t.controls() == []


def test_keys(look):
    with look() as t:
        t.type("j", "j")
        t.await_that(lambda: selected(t) == 7002, "the second row")
        t.type("\033[B", "\033OB")
        t.await_that(lambda: selected(t) == 7004, "the fourth")
        t.type("\033[<0;5;%dM" % (next(y for y, line in enumerate(t.lines()) if "7006" in line) + 1))
        t.await_that(lambda: selected(t) == 7006, "the row that was pointed at")
        t.type("G")
        t.await_that(lambda: 7040 in ports(t), "the last")
        t.type("g")
        t.await_that(lambda: ports(t)[0] == 7001, "the first")
        t.type("?")
        t.await_text("^Keys now")
        t.type("\033")
        t.await_text(r"\b7001\b")
        ends(t)
        assert "--sort=local.port" in t.text()  # the command that lists it


def test_filter(look):
    """As the command line has it, while it is typed; an error is told, and what was there stays."""
    with look() as t:
        t.type("/")
        t.type("sport = 7031")
        t.await_that(lambda: ports(t) == [7031], "what fits")
        t.type(" and (")
        t.await_that(lambda: ports(t) == [7031] and "7031 and (" in t.text(), "an unfinished filter")
        t.type("\x7f" * 6, "\r")
        t.await_that(lambda: ports(t) == [7031], "what fits")
        t.type("\033")
        t.await_that(lambda: len(ports(t)) > 5, "all")
        ends(t)


def test_past_of_another_filter(look):
    """What that left out has not ended."""
    with look() as t:
        t.type("/", "sport = 7031", "\r")
        t.await_text(r"^sockets 1 ")
        t.type("\033")
        t.await_text(r"^sockets 40 ")
        for _ in range(20):
            t.type("\033[D")
            t.settle(0.2)
            if re.search(r"^sockets 1 ", t.text(), re.M):
                break
        assert ports(t) == [7031] and "-0" in t.lines()[1]
        ends(t)


def test_pasted_filter(look):
    """Line ends in it do nothing."""
    with look() as t:
        t.type("/", "\033[200~sport =\r\n 7032\033[201~")
        t.await_that(lambda: ports(t) == [7032], "what fits")
        t.type("\r")
        ends(t)


def test_group(look):
    with look() as t:
        t.type("b", "state", "\r")
        t.await_text(r"\bcount\b|COUNT|\b40\b")
        t.type("\r")
        t.await_text(r"\b7001\b")
        ends(t)


def test_selection_is_a_socket(place, look):
    """Whatever comes and goes before it."""
    with look() as t:
        t.type("jjj")
        t.await_that(lambda: selected(t) == 7003, "the third row")
        for port in (6001, 6002, 6003):
            os.kill(place.proc.pid, signal.SIGUSR1)
            t.await_that(lambda port=port: port in ports(t), "a socket in front")
            assert selected(t) == 7003
        for _ in range(3):
            os.kill(place.proc.pid, signal.SIGUSR2)
            t.settle(0.1)
        t.await_that(lambda: not set(ports(t)) & {6001, 6002, 6003}, "that they are gone")
        assert selected(t) == 7003
        ends(t)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 60)])
def test_sizes(look, size):
    with look(columns=size[0], rows=size[1]) as t:
        assert all(len(line) <= size[0] for line in t.lines()) and len(ports(t)) >= 2
        t.resize(100, 30)
        t.await_that(lambda: len(ports(t)) > 15, "more rows")
        ends(t)


@pytest.mark.parametrize("number", SIGNALS)
def test_ends_by_signals(look, number):
    with look() as t:
        t.signal(number)
        assert t.wait() == 0 and t.was_left_clean()


def test_stopped_by_key(look):
    with look(prefix=["bash", "-mc", '"$@"; printf "shell:"; read x; fg', "bash"]) as t:
        t.type("\x1a")
        t.await_text("shell:")
        assert t.was_left_clean()
        t.screen.reset()
        t.type("\r")
        t.await_text(r"\b7001\b")
        t.type("q")
        assert t.wait() == 0 and t.was_left_clean()


@pytest.mark.plain
def test_crash(look):
    with look(prefix=["prlimit", "--core=0"]) as t:
        t.signal(signal.SIGSEGV)
        assert t.wait() == -signal.SIGSEGV and t.was_left_clean()


def test_hostile_names(look, place):
    """Nothing of what others chose acts upon the terminal, on no page, nor in the filter."""
    with look("-tlnp", "--sort=local.port", columns=160) as t:
        if place.has_real_root:
            t.await_text(r"\.\]0;x\.\.\[2J")
        t.type("\r")
        t.settle()
        t.type("\033", "c")
        t.settle()
        t.type("\033", "/", b"\033[200~\033]0;y\007\033[2J\x9b\033[201~")
        t.await_text(r"\]0;y\[2J")
        t.type("\033", "\033", "b", "process\r")
        t.settle()
        ends(t, "\033", "\033", "q")
        assert b"\033]0" not in t.seen


def test_everything_is_told_without_colour(look):
    with look(NO_COLOR="1") as t, look() as u:
        t.settle()
        u.settle()
        assert not {c.fg for row in t.screen.buffer.values() for c in row.values()} - {"default"}
        assert ports(t) == ports(u) and t.lines()[-1] == u.lines()[-1]
        ends(t)
        ends(u)


def test_ascii(look):
    with look(LANG="C") as t:
        t.settle()
        ends(t)
        assert t.seen.isascii()


def test_slow_line(look):
    """64 kbit a second: what is shown is the newest, and no more is written than a line takes."""
    with look(speed=8000) as t:
        start = len(t.seen)
        t.type(*["jk"] * 30, "jj")
        t.await_that(lambda: selected(t) == 7003, "the last key")
        t.settle(0.5)
        assert selected(t) == 7003 and len(t.seen) - start < 60 * 1500
        ends(t)


@pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux")
def test_tmux(place, ss, tmp_path):
    """Another's terminal, with keys by name, a paste, and a window of another size."""
    env = builds.environment(LANG="C.UTF-8", TERM="xterm-256color")

    def tmux(*words):
        argv = ["tmux", "-S", tmp_path / "s", "-f", os.devnull, *words]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def until(pattern):
        end = time.monotonic() + 60
        while not re.search(pattern, tmux("capture-pane", "-p"), re.M):
            assert time.monotonic() < end, tmux("capture-pane", "-p")
            time.sleep(0.05)

    shell = ["sh", "-c", '"$@"; printf "status:%s " $?; stty -a | grep -q " icanon" && echo clean; read x', "sh"]
    tmux("new-session", "-d", "-x", "80", "-y", "24", *shell, *map(str, place.inside([ss, "--live", *WORDS])))
    try:
        until(r"\b7001\b")
        tmux("send-keys", "Down", "PageDown", "Home", "/")
        tmux("set-buffer", "sport = 7033")
        tmux("paste-buffer", "-p")
        until(r"\b7033\b.*\n(?!.*\b70)")
        tmux("send-keys", "Enter", "Escape")
        until(r"\b7002\b")
        tmux("resize-window", "-x", "50", "-y", "12")
        until(r"\b7001\b")
        tmux("send-keys", "q")
        until(r"status:0 clean")
    finally:
        tmux("kill-server")


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": ""}])
def test_refused(place, ss, env):
    with Terminal(place.inside([ss, "--live"]), **env) as t:
        assert t.wait() == 2 and "--live=plain" in t.text().replace("\n", "") and b"\033" not in t.seen
