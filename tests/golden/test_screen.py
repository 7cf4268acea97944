# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Terminals: what does not fit them is cut, left out or broken between words, and nothing else happens to it."""

import re
import shutil
import subprocess

import pytest

from lib import builds, screen
from test_pictures import HERE

TABLES = ["-tan --format=table", "-tanpieo --format=table", "-tan --columns=tcp.*", "-tulnp --columns=local.addr,process",
          "-tan --by=peer.addr,peer.port,state,sum(tcp.bytes_sent)", "--fields=tcp"]  # fmt: skip
LISTS = ["-tan", "-tulnp", "-tanieo", "-tanpie", "-tanpieo --sort=tcp.rtt --limit=9"]
CODE = re.compile("\033\\[[0-9;]*m")


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """That of the pictures, with a process that nobody has room for, and a name that nobody asked for."""
    path = tmp_path_factory.mktemp("machine")
    shutil.copy(HERE / "machine.bin", path)
    lines = (HERE / "machine.script").read_text().splitlines()
    inode = next(line.split()[1] for line in lines if line.endswith(" sshd"))
    lines += [f"owner {inode} {9000 + i} {i} worker" for i in range(30)]
    lines.append(f'owner {inode} 1 2 evil"),("\x1b[2J\x9b')
    (path / "machine.script").write_text("\n".join(lines) + "\n")
    return path


def argv(build, machine, words):
    return [build.dir / "tests/golden/replay", machine / "machine.script", machine / "machine.bin", *words.split()]


def pipe(build, machine, words, **env):
    done = subprocess.run(argv(build, machine, words), capture_output=True, timeout=60, env=builds.environment(**env))
    assert done.returncode in (0, 3), done.stderr
    return done.stdout.decode()


def has_no_controls(text):
    return not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", CODE.sub("", text))


@pytest.mark.plain
@pytest.mark.parametrize("words", TABLES)
def test_tables_fit(build, machine, words):
    """A screen, or COLUMNS, of any width; the header counts what is left out. In a pipe nothing is."""
    whole = pipe(build, machine, words).splitlines()
    assert "(+" not in whole[0] and "…" not in "".join(whole)
    for columns in (40, 60, 80, 100, 132, 400, 2000):
        seen = screen.show(argv(build, machine, words), columns)
        told = pipe(build, machine, words, COLUMNS=str(columns), LANG="C.UTF-8")
        assert CODE.sub("", seen) == told and len(told.splitlines()) == len(whole) and has_no_controls(seen)
        assert max(screen.widths(told)) <= columns
        names, _, note = told.splitlines()[0].partition("(+")
        if note:
            assert re.fullmatch(r"\d+\)" if columns < 60 else r"\d+: (--columns|-j)\)", note)
            assert len(whole[0].split()) >= len(names.split()) + int(re.match(r"\d+", note)[0])


def test_all_columns_that_say_something(build, machine):
    wide = pipe(build, machine, "-tan --format=table", COLUMNS="500").splitlines()[0].split()
    assert wide == ["STATE", "RECVQ", "SENDQ", "QUEUE", "LIMIT", "LOCAL", "PEER"]
    assert pipe(build, machine, "-tn --columns=state,iface state established", COLUMNS="500").split()[:2] == ["STATE", "IFACE"]


@pytest.mark.parametrize("words", LISTS)
def test_lists_lose_nothing(build, machine, words):
    """The same words in the same order, but for owners that are only counted; lines end where the screen does."""
    text = pipe(build, machine, words).replace("PortProcess", "Port Process").split()
    for columns in (80, 100, 132):
        seen = screen.show(argv(build, machine, words), columns)
        assert max(screen.widths(seen)) <= columns and has_no_controls(seen.replace("\t", ""))
        if "p" not in words.split()[0]:
            assert seen.split() == text
            continue
        assert sum(w.startswith("users:") for w in seen.split()) == sum(w.startswith("users:") for w in text)
        for told in re.findall(r"users:\((.*)\)(?: |$)", seen, re.M):
            counted = int(re.search(r",\+(\d+)$", told)[1]) if re.search(r",\+\d+$", told) else 0
            owners = len(re.findall(r"pid=", told)) + counted
            assert any(len(re.findall(r"pid=", w)) == owners for w in text)
    assert seen.count("\n") == screen.show([*argv(build, machine, words)], 132, rows=5).count("\n")


def test_owners_are_counted(build, machine):
    seen = screen.show(argv(build, machine, "-tlnp sport = 22"), 80)
    assert re.search(r'^\tusers:\(\("sshd",pid=812,fd=3\),.*,\+\d\d\)$', seen, re.M)
    one = screen.show(argv(build, machine, "-tlnpO sport = 22"), 80)
    assert one.count("pid=") == pipe(build, machine, "-tlnpO sport = 22").count("pid=") > 30


def test_oneline_is_one_line(build, machine):
    seen = screen.show(argv(build, machine, "-tnieO"), 80)
    assert len(seen.splitlines()) == len(pipe(build, machine, "-tnieO").splitlines())


@pytest.mark.parametrize("words", ["-tan --format=table", "-tan --columns=state,tcp.total_retrans,accept.queue,accept.limit"])
def test_color(build, machine, words):
    """It is where somebody looks, if he wants it; without it the text is the same, and says as much."""

    def show(more="", **env):
        return screen.show(argv(build, machine, words + more), 120, **env)

    plain = show(NO_COLOR="1")
    assert "\033" not in plain and "5!" in plain
    assert show(TERM="dumb") == plain
    assert show(" --color=never") == plain
    for seen in (show(), show(" --color=always", NO_COLOR="1")):
        assert CODE.sub("", seen) == plain
        assert "\033[32mestablished\033[0m" in seen and "\033[1;31m5!\033[0m" in seen
    assert "\033" not in pipe(build, machine, words) and "\033" not in pipe(build, machine, words + " --color=auto")
    assert "\033[36mlistening\033[0m" in pipe(build, machine, words + " --color=always")
    assert "\033" not in pipe(build, machine, "-tan --color=always --format=csv")


def test_color_of_what_kind(build, machine):
    done = subprocess.run(argv(build, machine, "--color=red -t"), capture_output=True, timeout=60, env=builds.environment())
    assert (done.returncode, done.stdout) == (2, b"") and b"--color is auto, always or never, not" in done.stderr


def test_help_fits(build):
    text = subprocess.run([build.ss, "--help"], capture_output=True, text=True, timeout=60).stdout
    assert max(screen.widths(text)) <= 80
    assert all(word in text for word in ("ss(8)", "ss-filter(7)", "ss-fields(7)", "tcp.rtt > 100ms", "--color=auto|always|never"))
