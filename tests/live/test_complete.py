# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Completion: what ss --complete answers, and what the shells make of it."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from lib import builds, netns

ROOT = builds.ROOT
DEADLINE_S = 30
DEF = (ROOT / "src/cli/options.def").read_text()


def ask(ss, *words):
    """The lines for the last of the words, as word to help; what is for the shell has an empty word."""
    done = subprocess.run([ss, "--complete", *words], env=builds.environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.partition("\t") for line in done.stdout.splitlines()]
    assert all(word.startswith(words[-1] if words else "") or not word for word, _, _ in lines)
    return [(word, help) for word, _, help in lines]


def words_for(ss, *words):
    return [word for word, _ in ask(ss, *words)]


def registry(kind, path="src/plan/select.c"):
    """The names in a table of the source."""
    body = re.search(rf"\}} {kind}\[\] = \{{(.*?)\n\}};", (ROOT / path).read_text(), re.S)[1]
    names = re.findall(r'\{ "([^"]+)"', body)
    assert len(names) >= 5
    return names


def field_names():
    text = "".join(p.read_text() for p in (ROOT / "src/model/defs").glob("*.def"))
    names = re.findall(r'^\s*FIELD\(\w+,\s*"([^"]+)"', text, re.M)
    assert len(names) > 100
    return names


def options():
    """Letter, long name, argument and help of every option that is no second name."""
    found = re.findall(r"^(?:OPTION|ALIAS|OURS)\(\w+,\s*(0|'.'),\s*\"([^\"]+)\",\s*(NULL|\"[^\"]*\"),\s*\w+\([^()]*\),\s*\"(.*)\"\)$", DEF, re.M)
    assert len(found) > 45
    return [(letter.strip("'0") if letter != "'0'" else "0", name, arg.strip('"'), help) for letter, name, arg, help in found]


def test_every_option_is_offered(ss):
    want = [(f"--{name}" + ("=" if arg != "NULL" else ""), help) for _, name, arg, help in options()]
    assert ask(ss, "--") == want
    assert dict(ask(ss, "-")).items() >= dict(want).items()
    assert {f"-{letter}" for letter, *_ in options() if letter} == {w for w in words_for(ss, "-") if len(w) == 2}


def test_arguments_have_a_kind():
    """An option with an argument of a name that nobody knows would be completed with nothing."""
    known = set(re.findall(r'\{ "([][A-Za-z]+)", offer_', (ROOT / "src/cli/complete.c").read_text()))
    used = {arg for _, _, arg, _ in options() if arg != "NULL" and "|" not in arg}
    assert used <= known


@pytest.mark.parametrize(
    "words, want",
    [
        (["--dry"], ["--dry-run"]),
        (["--from=x", "--at=fi"], ["--at=first"]),
        (["--with=c"], ["--with=cmdline"]),
        (["--record=x"], [""]),
        (["-t", "--no-q"], ["--no-queues"]),
        (["--fam=un"], ["--fam=unix"]),
        (["--family=vs"], ["--family=vsock"]),
        (["-funi"], ["-funix"]),
        (["-f", "inet"], ["inet", "inet6"]),
        (["-tf", "netl"], ["netlink"]),
        (["--family", "ti"], ["tipc"]),
        (["-A", "tcp,u_s"], ["", "tcp,u_str", "tcp,u_seq"]),
        (["-A", "all,!xd"], ["", "all,!xdp"]),
        (["--query=tcp,sm"], ["", "--query=tcp,smc"]),
        (["-D", "x"], [""]),
        (["--filter=x"], [""]),
        (["-N", "/proc/s"], [""]),
        (["--bpf-map-id", ""], []),
        (["state", "clos"], ["close", "closed", "close-wait", "closing"]),
        (["-t", "state", "all", "excl"], ["exclude"]),
        (["exclude", "big", "-n", "state", "bu"], ["bucket"]),
        (["sp"], ["sport"]),
        (["sport", "l"], ["lt", "le"]),
        (["src", "l"], ["link:"]),
        (["src", "!=", "un"], ["unix:"]),
        (["sport", "=", "22", "a"], ["and", "autobound", "accept.queue", "accept.limit", "accept.fill", "accept.syn"]),
        (["(", "sport", "22", "or", "dp"], ["dport"]),
        (["(sp"], ["(sport"]),
        (["!(!au"], ["!(!autobound"]),
        (["( sport = 22 or dp"], ["( sport = 22 or dport"]),
        (["sport", "=", ""], []),
        (["sport = 22", "or"], ["or"]),
        (["dst", "!=", "1.2.3.4", "sta"], []),
        (["--nonsense", "-q", "--dry"], ["--dry-run"]),
        (["-q-"], []),
        (["--", "--dry"], []),
        (["--nonsense=a"], []),
        (["rtt", ""], ["=", "!=", "lt", "le", "gt", "ge", "in"]),
        (["tcp.cong", ""], ["=", "!=", "in"]),
        (["tcp.cong "], ["tcp.cong =", "tcp.cong !=", "tcp.cong in", "tcp.cong ~", "tcp.cong !~"]),
        (["peer.addr", ""], ["=", "!=", "in"]),
        (["tcp.md5sig", ""], []),
        (["sport", "=", "22", "port", "l"], ["lt", "le"]),
        (["state", "=", "est"], ["established"]),
        (["state=clo"], ["state=close", "state=closed", "state=close-wait", "state=closing"]),
        (["state != listening,ti"], ["state != listening,time-wait"]),
        (["state", "in", "{ti"], ["{time-wait"]),
        (["state in {listening, ti"], ["state in {listening, time-wait"]),
        (["sport = 22 and state =", "est"], ["established"]),
        (["state", "established,ti"], ["established,time-wait"]),
        (["state", "=", "listening", "or"], ["or"]),
        (["has", "tcp.rtt"], ["tcp.rtt", "tcp.rttvar"]),
        (["has", "tcp.rtt", "or"], ["or"]),
        (["user", "=", "roo"], ["root"]),
        (["dev=l"], ["dev=lo"]),
    ],
    ids=lambda x: " ".join(x) if x and isinstance(x, list) else None,
)
def test_words(ss, words, want):
    assert words_for(ss, *words) == want


def test_letters_go_on(ss):
    assert words_for(ss, "-tl")[0] == "-tl"
    assert {"-tln", "-tlp", "-tlN"} <= set(words_for(ss, "-tl"))
    assert words_for(ss, "-tf") == ["-tf"]


def test_registries(ss):
    assert words_for(ss, "-A", "") == ["", *registry("queries")]
    assert words_for(ss, "-f", "") == registry("families")
    words = re.findall(r'^(?:IS|ALIAS)\(\w+,\s*"([^"]+)"', (ROOT / "src/model/defs/state.def").read_text(), re.M)
    assert len(words) > 12 and words_for(ss, "state", "") == registry("states", "src/model/state.c") + words


def test_fields_as_far_as_filters_take_them(ss):
    """A field is offered when a letter was typed, and a filter may begin with it."""
    assert not [w for w in words_for(ss, "") if "." in w]
    offered = set(words_for(ss, "tcp."))
    for name in [n for n in field_names() if n.startswith("tcp.")][:20]:
        done = subprocess.run([ss, "-t", name, "=", "1"], env=builds.environment(), capture_output=True, text=True)
        assert (name in offered) == (done.returncode != 255), done.stderr


def test_names_of_the_system(ss):
    """Interfaces and namespaces of the moment; names that could be taken for something else stay out."""
    flags = netns.namespace_flags()
    script = """
        ip link add veth-a type veth peer name veth-b || exit 77
        ip link add "$(printf 'od\\033d')" type veth peer name 'a$(b)' || exit 77
        mount -t tmpfs none /run && mkdir /run/netns && touch /run/netns/blue "/run/netns/re d" /run/netns/'$(x)' || exit 77
        "$0" --complete dev '' && "$0" --complete -N ''"""
    done = subprocess.run(["unshare", *flags, "sh", "-c", script, ss], env=builds.environment(), capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip(done.stderr)
    assert done.stderr == ""
    names = [line for line in done.stdout.splitlines() if "\t" not in line]
    assert sorted(names) == ["blue", "lo", "veth-a", "veth-b"]


def test_names_of_processes_and_cgroups(ss):
    """Processes of the moment, each name once, behind the operator; cgroups where there are any."""
    mine = Path("/proc/self/comm").read_text().strip()
    for words in (["process", "=", mine[:3]], ["process.name", "in", mine[:3]]):
        assert words_for(ss, *words).count(mine) == 1
    assert not words_for(ss, "process", mine[:3])
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    root = next((m[1] for m in mounts if m[2] == "cgroup2" and m[1].startswith("/sys/fs/cgroup")), None)
    below = [p.name for p in Path(root).iterdir() if p.is_dir() and re.fullmatch(r"[\w.-]+", p.name)] if root else []
    offered = words_for(ss, "cgroup", "/")
    assert set(offered) >= {f"/{name}" for name in below[:50]} and offered == words_for(ss, "cgroup", "=", "/")


def test_nothing_is_done(ss, tmp_path):
    """The words in front are looked at only."""
    dump = tmp_path / "dump"
    assert words_for(ss, "-N", "nonexistent", "-D", str(dump), "-K", "-h", "--dry") == ["--dry-run"]
    assert not dump.exists()
    closed = subprocess.run([ss, "--complete", "-"], stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, env=builds.environment())
    assert closed.returncode == 1 and b"cannot write" in closed.stderr


def test_classic_abbreviations_come_first(ss):
    done = subprocess.run([ss, "--con"], env=builds.environment(), capture_output=True, text=True)
    assert "--complete" not in done.stderr and "--context" in done.stderr


def shell_environment(ss, shell):
    path = shutil.which(shell)
    if not path:
        pytest.skip(f"{shell} is not installed")
    return builds.environment() | {"PATH": f"{ss.parent}:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}


LINES = [
    ("ss --dry", ["--dry-run"]),
    ("ss --query=tcp,u_s", ["--query=tcp,u_str", "--query=tcp,u_seq"]),
    ("ss -f n", ["netlink"]),
    ("ss -tn state fin", ["fin-wait-1", "fin-wait-2"]),
    ("ss src unix", ["unix:"]),
    ("ss dst vsock:1 au", ["autobound"]),
    ("ss -tl '( sport = 22 or dp", ["( sport = 22 or dport"]),
]

BASH = r"""
source "$1"
shopt -s extglob
COMP_LINE=$2 COMP_POINT=${#2}
eval "COMP_WORDS=($3)"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo "compopt $*"; }
_sockeye_ss ss
printf '%s\n' "${COMPREPLY[@]}"
"""


def bash_words(line):
    """As readline takes a line apart: = and : are words, a quotation is one."""
    words = re.findall(r"'[^']*'?|[=:]+|[^\s=:']+", line)
    return words + [""] if line.endswith(" ") else words


@pytest.mark.parametrize("line, want", LINES + [("ss --query=", ["--query=all"]), ("ss -D ", [])], ids=lambda x: x if isinstance(x, str) else None)
def test_bash(ss, line, want):
    env = shell_environment(ss, "bash")
    words = " ".join("$'" + w.replace("'", "\\'") + "'" for w in bash_words(line))
    done = subprocess.run(["bash", "-c", BASH, "bash", ROOT / "completions/ss.bash", line, words], env=env, capture_output=True, text=True)
    assert done.stderr == ""
    got = [x for x in done.stdout.splitlines() if x and not x.startswith("compopt")]
    # readline puts the word behind the last = or : of the line, or behind the quotation mark
    kept = re.search(r"(?:[^\s=:']*[=:])*(?=[^=:]*$)", line.split()[-1])[0] if "'" not in line else ""
    if line.endswith("="):
        assert kept + got[0] == want[0] and len(got) == len(registry("queries"))
    else:
        assert [kept + x for x in got] == want
    assert ("compopt -o default" in done.stdout) == (line == "ss -D ")
    assert ("compopt -o nospace" in done.stdout) == ("--query" in line or want == ["unix:"])


class Terminal:
    """An interactive program on a terminal of its own."""

    def __init__(self, argv, env, cwd):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(cwd)
            os.execvpe(argv[0], argv, env)
        self.seen = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)  # which hangs it up
        os.waitpid(self.pid, 0)

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern):
        """Reads until it matches what came since the last match."""
        end = time.monotonic() + DEADLINE_S
        while not (m := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{pattern!r} did not come, but {self.seen!r}")
            self.seen += os.read(self.fd, 65536).decode(errors="replace")
        self.seen = self.seen[m.end() :]
        return m


BASHRC = r"""
PS1='ready> '
bind 'set bell-style none' 'set show-all-if-ambiguous on' 'set enable-bracketed-paste off'
show() { printf '\n%s\n' "$READLINE_LINE"; }
bind -x '"\C-x\C-x": show'
source {completions}/ss.bash
"""


@pytest.mark.parametrize("line, want", [*LINES, ("ss -D re", ["recorded"]), ("ss --diag=re", ["--diag=recorded"])], ids=lambda x: x if isinstance(x, str) else None)
def test_bash_on_a_terminal(ss, line, want, tmp_path):
    """Types the line and a TAB: what readline makes of it, which takes words apart in a way of its own."""
    env = shell_environment(ss, "bash") | {"HOME": str(tmp_path), "COLUMNS": "200", "HISTFILE": ""}
    (tmp_path / "rc").write_text(BASHRC.replace("{completions}", str(ROOT / "completions")))
    (tmp_path / "recorded").touch()
    with Terminal(["bash", "--noprofile", "--rcfile", str(tmp_path / "rc"), "-i"], env, tmp_path) as t:
        t.wait_for("ready> ")
        t.type(line + "\t")
        for word in sorted(want) if len(want) > 1 else []:  # as readline lists them
            t.wait_for(rf"{re.escape(re.split('[=]', word)[-1])}\b")
        t.type("\x18\x18")
        got = t.wait_for(r"\n([^\r\n]+)\r*\n.*ready> ")[1] if len(want) == 1 else want[0]
        assert got.rstrip(" '").endswith(want[0]), got


@pytest.mark.parametrize("line, want", LINES, ids=lambda x: x if isinstance(x, str) else None)
def test_fish(ss, line, want, tmp_path):
    env = shell_environment(ss, "fish") | {"HOME": str(tmp_path)}
    script = f'source {ROOT}/completions/ss.fish; complete -C "{line}"'
    done = subprocess.run(["fish", "--no-config", "-c", script], env=env, capture_output=True, text=True)
    assert done.stderr == ""
    assert sorted(x.partition("\t")[0] for x in done.stdout.splitlines()) == sorted(want)


def test_fish_files(ss, tmp_path):
    env = shell_environment(ss, "fish") | {"HOME": str(tmp_path)}
    (tmp_path / "recorded").touch()
    for line, want in (("ss -D re", "recorded"), ("ss --diag=re", "--diag=recorded")):
        script = f'source {ROOT}/completions/ss.fish; complete -C "{line}"'
        done = subprocess.run(["fish", "--no-config", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True)
        assert [x.partition("\t")[0] for x in done.stdout.splitlines()] == [want], done.stderr


ZSH = r"""
PS1='ready> '
unsetopt beep
setopt no_list_ambiguous
fpath=({completions} $fpath)
autoload -U compinit && compinit -u -C -d {dump}
show() {{ BUFFER="print -rl -- ${{(q)BUFFER}}"; zle accept-line }}
zle -N show
bindkey '^X' show
"""


@pytest.fixture(scope="module")
def zsh_dump(tmp_path_factory):
    """Where the first zsh writes what functions for completion there are, which takes it longer than all else."""
    return tmp_path_factory.mktemp("zsh") / "dump"


@pytest.mark.plain
@pytest.mark.parametrize("line, want", LINES + [("ss -D re", ["recorded"]), ("ss --diag=re", ["--diag=recorded"])], ids=lambda x: x if isinstance(x, str) else None)
def test_zsh(ss, line, want, tmp_path, zsh_dump):
    """Types the line and a TAB: a word that is the only one is on the line then, several are listed."""
    env = shell_environment(ss, "zsh") | {"ZDOTDIR": str(tmp_path), "HOME": str(tmp_path), "COLUMNS": "200"}
    (tmp_path / ".zshrc").write_text(ZSH.format(completions=ROOT / "completions", dump=zsh_dump))
    (tmp_path / "recorded").touch()
    with Terminal(["zsh", "-d", "-i"], env, tmp_path) as t:
        t.wait_for("ready> ")
        t.type(line + "\t")
        for word in want:
            t.wait_for(rf"{re.escape(word)}\b" if len(want) > 1 else ".")
        if len(want) == 1:
            t.type("\x18")
            got = t.wait_for(r"\n([^\r\n]+)\r*\n.*ready> ")[1]
            assert got.rstrip(" '").endswith(want[0]), got
