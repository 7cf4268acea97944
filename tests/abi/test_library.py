# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""libsockeye as somebody else's program sees it: the installed header, the shared object, pkg-config, nothing else."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib import builds, netns

ROOT = builds.ROOT
HEADER = ROOT / "include/sockeye.h"
EXAMPLES = sorted((ROOT / "examples").glob("*.c"))
RECORDING = ROOT / "tests/golden/corpus/6.18/tcp.bin"

# Sockets of which the examples must tell; told with the numbers that the kernel chose.
SOCKETS = r"""
import json

def listen(family, addr, port):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    s.listen(9)
    keep.append(s)

def connect(to, source):
    c = socket.create_connection(to, source_address=(source, 0))
    keep.append(c)
    return c.getsockname()[1]

listen(socket.AF_INET, "127.0.0.1", 7101)
listen(socket.AF_INET6, "::1", 7102)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 7103))
keep.append(udp)
ports = [connect(("127.0.0.1", 7101), f"127.{n}.0.1") for n in (1, 1, 1, 2)]
ports6 = [connect(("::1", 7102), "::1")]
open(sys.argv[1], "w").write(json.dumps({"v4": ports, "v6": ports6}))
"""


def run(*argv, **kw):
    done = subprocess.run([str(a) for a in argv], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **kw)
    assert done.returncode == 0, done.stdout
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """What is there after an installation, and how to compile with it."""

    root: Path
    build: builds.Build

    def find(self, name):
        found = sorted(self.root.rglob(name))
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    def pkg_config(self, *what):
        env = builds.environment(PKG_CONFIG_LIBDIR=self.find("sockeye.pc").parent, PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1,
                                 PKG_CONFIG_SYSROOT_DIR=self.root, PKG_CONFIG_ALLOW_SYSTEM_LIBS=1)
        return run("pkg-config", *what, "sockeye", env=env).split()

    def compile(self, source, to):
        flags = ["-fsanitize=address,undefined"] if self.build.is_sanitized else []
        run(os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-pedantic", "-Werror",
            "-pthread", *flags, *self.pkg_config("--cflags"), source, "-o", to, *self.pkg_config("--libs"))
        return to

    @property
    def environment(self):
        return {"LD_LIBRARY_PATH": str(self.find("libsockeye.so.1").parent)}


@pytest.fixture(scope="session")
def installed(build, tmp_path_factory):
    for tool in ("meson", "pkg-config"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    if not (build.dir / "src/lib/libsockeye.so").exists():
        pytest.skip(f"{build.name} has no library")
    root = tmp_path_factory.mktemp(f"installed-{build.name}")
    env = {k: v for k, v in os.environ.items() if k != "DESTDIR"}
    run("meson", "install", "-C", build.dir, "--no-rebuild", "--destdir", root, env=env)
    return Installed(root, build)


@pytest.fixture(scope="session")
def net(tmp_path_factory):
    told = tmp_path_factory.mktemp("library") / "ports"
    made = netns.Script(SOCKETS.replace("sys.argv[1]", repr(str(told)))).start()
    made.ports = json.loads(told.read_text())
    yield made
    made.stop()


def declared():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    return set(re.findall(r"\b(sockeye_\w+)\(", text))


def mapped():
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "src/lib/libsockeye.map").read_text(), flags=re.S)
    assert re.search(r"local:\s*\*;", text)
    return {name: version for version, names in re.findall(r"(\w+) \{\s*global:(.*?)local:", text, re.S)
            for name in re.findall(r"\w+", names)}


def test_exported_is_what_the_map_lists(installed):
    if not shutil.which("nm"):
        pytest.skip("nm is not installed")
    out = run("nm", "--dynamic", "--defined-only", installed.find("libsockeye.so"))
    found = dict(re.findall(r" [A-Z] (\w+)@@(\w+)$", out, re.M))
    assert found == mapped()
    assert len(re.findall(r" [B-Z] ", out)) == len(found), "something without a version is exported"


def test_the_map_lists_what_is_declared():
    assert len(declared()) > 15
    assert declared() == set(mapped())


def test_the_manual_has_what_is_declared():
    text = (ROOT / "man/sockeye.3").read_text()
    assert set(re.findall(r"^\.Fn (sockeye_\w+)", text.split(".Sh DESCRIPTION")[0], re.M)) == declared()


def test_the_manual_says_it_as_the_header(tmp_path):
    """The prototypes are the same, word for word."""
    header = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    there = {" ".join(d.split()) for d in re.findall(r"^[\w ]+ \*?sockeye_\w+\([^;]*\);", header, re.M)}
    assert len(there) == len(declared())
    for kind, name, rest in re.findall(r"^\.Ft (.*)\n\.Fn (\w+) (.*)$", (ROOT / "man/sockeye.3").read_text(), re.M):
        arguments = ", ".join(a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', rest))
        assert f"{kind} {name}({arguments});".replace("* ", "*") in there


def test_soname(installed):
    if not shutil.which("readelf"):
        pytest.skip("readelf is not installed")
    assert "[libsockeye.so.1]" in re.search(r"SONAME.*", run("readelf", "-dW", installed.find("libsockeye.so")))[0]


@pytest.mark.parametrize("compiler, language, std", [("gcc", "c", "c11"), ("clang", "c", "c11"),
                                                     ("g++", "c++", "c++17"), ("clang++", "c++", "c++17")])
def test_header_stands_alone(compiler, language, std, tmp_path):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    source = tmp_path / "alone"
    source.write_text("#include <sockeye.h>\n#include <sockeye.h>\n"
                      "const char *use(sockeye *s);\nconst char *use(sockeye *s) { return sockeye_errmsg(s); }\n")
    run(compiler, "-x", language, f"-std={std}", "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wshadow",
        "-I", HEADER.parent, "-c", source, "-o", tmp_path / "alone.o")
    assert "sockeye_errmsg" in (tmp_path / "alone.o").read_bytes().decode("latin-1")


def test_nothing_else_is_needed(installed):
    """The installed files name no other package, so that a program is built where only these are."""
    assert [p.name for p in installed.root.rglob("*.h")] == ["sockeye.h"]
    assert not re.search(r"^Requires", installed.find("sockeye.pc").read_text(), re.M)
    assert installed.pkg_config("--modversion") == [re.search(r"version : '([^']+)'",
                                                              (ROOT / "meson.build").read_text())[1]]


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda p: p.stem)
def test_example_is_short(source):
    assert len(source.read_text().splitlines()) < 60


@pytest.fixture(scope="session")
def example(installed, net, tmp_path_factory):
    """Runs an example inside the namespace."""
    assert {p.stem for p in EXAMPLES} == {"listeners", "peers", "slow"}
    to = tmp_path_factory.mktemp("examples")
    programs = {p.stem: installed.compile(p, to / p.stem) for p in EXAMPLES}

    def run_it(name, *argv):
        return net.run([programs[name], *argv], env=installed.environment)

    return run_it


def test_listeners(example, net):
    result = example("listeners")
    assert result.status == 0
    found = {tuple(line.split(" ")[:3]): line.split(" ")[3:] for line in result.lines}
    assert set(found) == {("tcp", "127.0.0.1", "7101"), ("tcp", "::1", "7102"), ("udp", "127.0.0.1", "7103")}
    for name, *pids in found.values():
        assert name.startswith("python") and pids == [str(net.proc.pid)]


def test_peers(example):
    result = example("peers")
    # both ends of each connection are here
    assert (result.status, result.lines) == (0, ["4 127.0.0.0/24", "3 127.1.0.0/24", "2 ::/64", "1 127.2.0.0/24"])


def test_peers_by_something_else(example):
    result = example("peers", "state,peer.addr/8/0")
    assert (result.status, result.lines) == (0, ["8 established 127.0.0.0/8", "2 established ::/0"])


def test_peers_by_nonsense(example):
    result = example("peers", "state,nope")
    assert result.status == 1 and result.out == b""
    assert b'there is no field "nope"' in result.err


def test_slow(example, net):
    result = example("slow", "0us")
    assert result.status == 0 and result.err == b""
    rows = [json.loads(line) for line in result.lines]
    assert all(row["tcp"]["rtt"] > 0 for row in rows)
    ports = {row["peer"]["port"] for row in rows}
    assert ports == {7101, 7102, *net.ports["v4"], *net.ports["v6"]}
    assert example("slow", "4000s").lines == []


def test_slow_by_nonsense(example):
    result = example("slow", "20mz")
    assert result.status == 1 and result.out == b""
    assert b"20mz" in result.err


def test_slow_of_a_recording(example):
    result = example("slow", "0us", RECORDING)
    assert result.status == 0 and result.err == b""
    assert result.lines and all(json.loads(line)["tcp"]["rtt"] > 0 for line in result.lines)


@pytest.fixture
def run_alone(installed, tmp_path):
    """Runs a test program where no other sockets are. It prints nothing but what is wrong, nor does the library."""
    own = netns.Script("").start()
    # Nor other processes: hundreds of times it looks at all that there are.
    first = ["unshare", "--pid", "--fork", "--mount-proc"] if own.has_real_root else []

    def run_it(name, *argv):
        program = installed.compile(ROOT / f"tests/abi/{name}.c", tmp_path / name)
        result = own.run([*first, program, *argv], env=installed.environment, timeout=300)
        assert (result.out, result.err, result.status) == (b"", b"", 0)

    yield run_it
    own.stop()


def test_what_the_header_says(run_alone, tmp_path):
    cut = tmp_path / "cut"
    data = RECORDING.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    run_alone("library", RECORDING, cut)


def test_without_memory(build, run_alone):
    if build.is_sanitized:
        pytest.skip("a sanitizer has an allocator of its own")
    run_alone("starve", RECORDING)


@pytest.mark.parametrize("word", ["allowed", "not"])
def test_programs(build, installed, tmp_path, word):
    """None is loaded that was not allowed, and one that is where it pays."""
    program = installed.compile(ROOT / "tests/abi/programs.c", tmp_path / "programs")
    with open(tmp_path / "calls", "w+") as report:
        fd = report.fileno()
        done = subprocess.run([builds.find_tool("../faults/inject"), "-r", str(fd), program, word], pass_fds=[fd], timeout=120,
                              env={**builds.environment(), **installed.environment}, stdin=subprocess.DEVNULL, capture_output=True)
        report.seek(0)
        told = report.read().split("\n")
    assert (done.stdout, done.stderr, told[-2]) == (b"", b"", "status 0")
    has_bpf = "bpf" in re.split(r"[(), ]+", subprocess.run([build.ss, "--version"], text=True, capture_output=True).stdout)
    if word == "allowed" and not has_bpf:
        pytest.skip(f"{build.name} has no BPF")
    assert any(line.startswith("call bpf ") for line in told) == (word == "allowed")
