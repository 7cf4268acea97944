# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The terminal of the live view, by a program that shows on it what is done there."""

import base64
import os
import signal
import subprocess

import pytest

from lib import builds
from lib.terminal import SIGNALS, Terminal

pytest.importorskip("pyte")


@pytest.fixture
def show(build):
    """Begins the program on a terminal; it has shown its first screen."""

    def begin(*argv, ready="[0-9]+x[0-9]+", **kwargs):
        t = Terminal([build.dir / "tests/live/terminal", *argv], **kwargs)
        t.await_text(ready)
        return t

    return begin


def ends(t, *keys):
    t.type(*(keys or ("q",)))
    assert t.wait() == 0
    assert t.was_left_clean() and t.text().rstrip().endswith("the end: 0")
    assert t.controls() == []


def test_keys_mouse_and_paste(show):
    with show() as t:
        for sent, told in [("j", "key 0 106 0"), ("\033[A", "key 7 0 0"), ("\033OA", "key 7 0 0"), ("\033[6;5~", "key 14 0 4"), ("ä", "key 0 228 0"), ("\033", "key 3 0 0"),
                           ("\033[<0;7;5M", "mouse 0 6,4"), ("\033[200~a\nb\033[31m\033[201~", r"paste a b\[31m")]:  # fmt: skip
            t.type(sent)
            t.await_text(rf"\A.*\n.*\n{told}$")
        t.type("w")
        t.await_text(r"^woken 1$")
        ends(t)


def test_resize(show):
    with show() as t:
        for columns, rows in [(40, 10), (200, 60), (1, 1), (80, 24)]:
            t.resize(columns, rows)
            t.await_text(rf"\A{columns}x{rows}"[: columns + 2])
        t.await_text(r"^resize$")
        ends(t)


@pytest.mark.parametrize("number", SIGNALS)
def test_ends_by_signals(show, number):
    with show() as t:
        t.signal(number)
        assert t.wait() == 0 and t.was_left_clean()


def test_ends_by_the_keys_of_signals(show):
    with show() as t:
        ends(t, "\x03")


@pytest.mark.plain
@pytest.mark.parametrize("key, number", [("a", signal.SIGABRT), ("s", signal.SIGSEGV), ("\x1c", signal.SIGQUIT)])
def test_crashes(show, key, number):
    """In a thread, too."""
    with show(prefix=["prlimit", "--core=0"]) as t:
        t.type(key)
        assert t.wait() == -number and t.was_left_clean()


def test_stopped_by_key(show):
    """A shell has the terminal meanwhile, as it was."""
    with show(prefix=["bash", "-mc", '"$@"; printf "shell:"; read x; fg', "bash"]) as t:
        t.type("\x1a")
        t.await_text("shell:")
        assert t.was_left_clean()
        t.type("\r")
        t.await_text(r"^resize$")
        t.await_text(r"\A80x24")
        t.type("k", "q")
        assert t.wait() == 0 and t.was_left_clean()


def test_stopped_from_outside(show):
    with show() as t:
        t.signal(signal.SIGSTOP)
        t.await_that(lambda: t.state() == "T", "stopped")
        t.screen.reset()
        t.signal(signal.SIGCONT)
        t.await_text(r"^resize$")
        t.await_text(r"\A80x24")
        ends(t, "k", "q")


def test_the_window_is_closed(show):
    with show() as t:
        t.hang_up()
        assert t.process.wait(30) == 0


def test_colours(show):
    with show() as t:
        assert t.look(1, 0) == ("c", "ffffff", "af0000", {"bold"}) and t.look(0, 0)[3] == {"bold"}
        assert t.look(2, 0)[3] == {"reverse"}
        ends(t)
    for env, want in [({"NO_COLOR": "1"}, ("c", "default", "default", {"bold", "reverse"})), ({"TERM": "vt220"}, ("c", "default", "default", {"bold", "reverse"})),
                      ({"TERM": "xterm"}, ("c", "brightwhite", "red", {"bold"})), ({"TERM": "linux"}, ("c", "white", "red", {"bold"}))]:  # fmt: skip
        with show(**env) as t:
            data, fg, bg, attributes = t.look(1, 0)
            assert (data, bg, attributes) == (want[0], want[2], want[3]) and fg in (want[1], "white"), env
            ends(t)
    with show("always", NO_COLOR="1", COLORTERM="truecolor") as t:
        assert b"48;2;175;0;0m" in t.seen
        ends(t)


@pytest.mark.parametrize("how", ["answer", "variable"])
def test_light_background(show, how):
    light = b"\033]11;rgb:ffff/ffff/dddd\007"
    env = {"COLORFGBG": "0;15"} if how == "variable" else {}
    with show(answers={Terminal.BACKGROUND: light, Terminal.STATUS: b"\033[0n"} if how == "answer" else {}, **env) as t:
        t.type("f")
        t.await_that(lambda: "005f00" in {c.fg for row in t.screen.buffer.values() for c in row.values()}, "the green for light")
        assert "87d787" not in {c.fg for row in t.screen.buffer.values() for c in row.values()}
        ends(t)


def test_ascii(show):
    with show(LANG="C") as t:
        assert t.lines()[0] == "80x24 ASCII ." and t.seen.isascii()
        ends(t)
    with show() as t:
        assert t.lines()[0] == "80x24 UTF-8 ▄"
        ends(t)


def test_copy(show):
    with show() as t:
        t.type("c")
        t.await_text(r"^copied 0$")
        assert b"\033]52;c;" + base64.b64encode("ä copy\n".encode()) + b"\033\\" in t.seen
        ends(t)
    with show(TERM="vt220") as t:
        t.type("c")
        t.await_text(r"^copied -95$")
        ends(t)


def test_slow(show):
    """A key is answered by the newest screen, and none of those between is written that the line has no time for."""
    with show(speed=8000) as t:
        written = len(t.seen)
        t.type("f" * 40)
        t.settle(1)
        one = len(t.seen) - written
        assert one < 40 * 2000 and t.asked == t.seen.rindex(Terminal.STATUS) + len(Terminal.STATUS)
        assert t.seen.count(b"\033[?2026h") < 25
        last = t.text()
        t.type("\014")
        t.settle(1)
        assert t.text() == last
        ends(t)


def test_nobody_answers(show):
    """Nor is an answer waited for: screens follow each other all the same."""
    with show(answers={}) as t:
        for n in range(3):
            t.type("j")
            t.await_that(lambda n=n: t.text().count("key 0 106 0") == n + 1, "the key")
        ends(t)


def test_an_answer_comes_late(show):
    with show(answers={}) as t:
        t.type(b"\033]11;rgb:ffff/ffff/ffff\007\033[0n")
        t.await_text(r"^resize$")
        ends(t)


def test_nobody_reads(show):
    """A terminal that takes nothing does not keep it from ending."""
    with show(answers={}, prefix=["sh", "-c", 'exec "$@" 2>/dev/null', "sh"]) as t:
        t.fill("f")
        t.signal(signal.SIGTERM)
        assert t.process.wait(30) == 0


@pytest.mark.parametrize("env, told", [({"TERM": "dumb"}, "--live=plain"), ({"TERM": ""}, "--live=plain"), ({"TERM": "no-such"}, "no such terminal")])
def test_refused(build, env, told):
    with Terminal([build.dir / "tests/live/terminal"], **env) as t:
        assert t.wait() == 2 and told in t.text().replace("\n", "") and t.was_left_clean() and b"\033" not in t.seen


def test_refused_without_a_terminal(build):
    done = subprocess.run([build.dir / "tests/live/terminal"], capture_output=True, text=True, timeout=60, env=builds.environment(TERM="xterm"))
    assert (done.returncode, done.stdout) == (2, "") and "--live=plain" in done.stderr


def test_own_file(build, tmp_path):
    """Keys come from the terminal where standard input is something else."""
    with Terminal(["sh", "-c", f"{os.fspath(build.dir / 'tests/live/terminal')} </dev/null"]) as t:
        t.await_text("80x24")
        t.type("j")
        t.await_text("^key 0 106 0$")
        ends(t)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a mount namespace without the library")
def test_without_the_library(build):
    hide = 'for f in /lib/*/libncursesw.so.6 /usr/lib/libncursesw.so.6; do [ ! -e "$f" ] || mount --bind /dev/null "$f" || exit 9; done; exec "$@"'
    with Terminal([build.dir / "tests/live/terminal"], prefix=["unshare", "-m", "sh", "-c", hide, "sh"]) as t:
        assert t.wait() == 4 and "libncursesw6" in t.text() and b"\033" not in t.seen
