# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""What is shipped can be built and installed elsewhere."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.register_assert_rewrite("part", "rule")

import part  # noqa: E402
import rule  # noqa: E402
from test_lint import FILES, ROOT  # noqa: E402


def run(*argv, cwd=None, **more):
    env = {k: v for k, v in os.environ.items() if k != "DESTDIR"} | more
    out = subprocess.run([str(a) for a in argv], cwd=cwd, env=env, text=True, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert out.returncode == 0, out.stdout
    return out.stdout


@pytest.fixture(autouse=True)
def tools():
    for tool in ("meson", "ninja"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")


@pytest.fixture
def release(tmp_path):
    """The project's files and nothing else, as a release has them: no git, nothing writable."""
    top = tmp_path / "release"
    for path in FILES:
        to = top / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    for folder in [top, *(p for p in top.rglob("*") if p.is_dir())]:
        folder.chmod(0o555)
    yield top
    for folder in [top, *(p for p in top.rglob("*") if p.is_dir())]:
        folder.chmod(0o755)


def check_version(program):
    if not any(b"SOCKEYE_VERSION" in p.read_bytes() for p in (ROOT / "src/cli").glob("*.c")):
        return
    assert run(program, "-V").startswith("ss utility, ")


def check_links(folder, least):
    """Each link of the installed pages leads to something installed; what has no link is named in plain text."""
    links = [(page.name, target) for page in folder.glob("*.md")
             for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()) if not re.match("[a-z]+:", target)]
    assert len(links) > least
    assert [(page, target) for page, target in links if not (folder / target).exists()] == []
    readme = (folder / "README.md").read_text()
    assert "[formats.md](formats.md)" in readme and "\n- ARCHITECTURE.md: how it is built" in readme


def check_installed(root):
    found = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
    want = {"bin/ss", "share/licenses/sockeye/LICENSE", "share/licenses/sockeye/BSD-2-Clause.txt",
            "share/licenses/sockeye/GPL-2.0-or-later.txt", "share/doc/sockeye/README.md",
            "share/doc/sockeye/NEWS.md", "share/bash-completion/completions/ss",
            "share/zsh/site-functions/_ss", "share/fish/vendor_completions.d/ss.fish"}
    pages = [p.name for p in (ROOT / "man").glob("*.[1-9]")] + ["ss-fields.7"]
    want |= {f"share/man/man{page[-1]}/{page}" for page in pages}
    libdir = next(p for p in found if p.endswith("/libsockeye.so")).rsplit("/", 1)[0]
    want |= {f"share/doc/sockeye/{page}.md" for page in ("compatibility", "doctor", "events", "fleet", "formats", "graph", "library", "metrics", "live", "owners", "peers", "ports", "recordings", "security", "sockopts", "time", "unbound")}
    want |= {"share/doc/sockeye/graph.svg"}
    want |= {f"share/doc/sockeye/examples/{p.name}" for p in (ROOT / "examples").iterdir()}
    want |= {"include/sockeye.h", f"{libdir}/pkgconfig/sockeye.pc"}
    want |= {f"{libdir}/libsockeye.so{version}" for version in ("", ".1", ".1.0.0")}
    assert found == want
    assert os.access(root / "bin/ss", os.X_OK)
    check_version(root / "bin/ss")
    check_links(root / "share/doc/sockeye", least=10)


def check_without_the_library_and_bpf(folder, destination):
    """Nothing of the library is built or installed; what BPF would have done is said at run time not to be there."""
    said = run("meson", "introspect", "--installed", folder)
    assert "bin/ss" in said and "sockeye.h" not in said and "libsockeye" not in said and "library.md" not in said
    run("ninja", "-C", folder)
    run("meson", "install", "-C", folder, "--no-rebuild", "--destdir", destination)
    check_links(next(destination.rglob("doc/sockeye")), least=5)
    assert not [t for t in run("ninja", "-C", folder, "-t", "targets", "all").split("\n") if "src/lib" in t]
    for words, is_told in (("-tln", True), ("-uan", True), ("-xl", False)):
        done = subprocess.run([folder / "ss", "--source=bpf", words], text=True, capture_output=True)
        assert done.returncode == 0
        assert done.stderr.count("built without BPF programs") == is_told, done.stderr


def check_static(program):
    assert "INTERP" not in run("readelf", "--program-headers", "--wide", program)
    assert "NEEDED" not in run("readelf", "--dynamic", "--wide", program)
    check_version(program)


def check_warnings_are_no_errors(folder):
    """A newer compiler that warns of more must not keep a user from building."""
    options = json.loads(run("meson", "introspect", "--buildoptions", folder))
    assert [o["value"] for o in options if o["name"] == "werror"] == [False]


def test_release_builds_and_installs(release, tmp_path):
    """
    As it is; without what may be left out; and as one file. The second and third compile again only what the options are for,
    as does who changes his mind. It is also what clang makes that is linked and run here. One part of the owners more is in it, which
    is in most files (part.py), and one rule of the doctor (rule.py).
    """
    folder = tmp_path / "b"
    part.add_to(release)
    rule.add_to(release)
    clang = {"CC": "clang"} if shutil.which("clang") else {}
    run("meson", "setup", folder, release, "-Doptimization=0", "-Ddebug=false", "-Dtests=false", "--prefix=/usr", **clang)
    check_warnings_are_no_errors(folder)
    run("ninja", "-C", folder)
    run("meson", "install", "-C", folder, "--no-rebuild", "--destdir", tmp_path / "root")
    check_installed(tmp_path / "root/usr")
    part.check(folder)
    rule.check(release, folder)
    said = run("meson", "setup", "--reconfigure", folder, release, "-Dlibrary=false", "-Dbpf=disabled", **clang)
    assert "sockeye: built without" not in said  # it was asked for
    check_without_the_library_and_bpf(folder, tmp_path / "less")
    if not shutil.which("readelf"):
        pytest.skip("readelf is not installed")
    run("meson", "setup", "--reconfigure", folder, release, "-Dlibrary=true", "-Dbpf=auto", "-Dstatic=true", **clang)
    run("ninja", "-C", folder)
    check_static(folder / "ss")


@pytest.fixture
def bad_clang(tmp_path):
    """The search path with a clang in front that compiles nothing."""
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "clang").write_text("#!/bin/sh\necho 'walk.h:7:1: error: cannot' >&2\nexit 1\n")
    (folder / "clang").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def needs_libbpf():
    if not shutil.which("make") or subprocess.run(["pkg-config", "--exists", "libbpf"]).returncode:
        pytest.skip("libbpf is not installed")


def test_walk_that_is_left_out_is_told(release, bad_clang):
    """Where clang and libbpf are there, but do not go together, make says that the walk is missing, and why."""
    needs_libbpf()
    release.chmod(0o755)
    said = run("make", "-s", "build/build.ninja", cwd=release, PATH=bad_clang)
    told = [line for line in said.splitlines() if "BPF" in line]
    assert len(told) == 1, said
    assert told[0].startswith("sockeye: built without BPF programs") and "walk.h:7:1: error: cannot" in told[0]


def test_walk_that_is_wanted_must_be_had(release, bad_clang, tmp_path):
    needs_libbpf()
    env = os.environ | {"PATH": bad_clang}
    done = subprocess.run(["meson", "setup", tmp_path / "b", release, "-Dbpf=enabled"], env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 1 and "no BPF programs: clang cannot compile them (walk.h:7:1" in done.stdout


def test_werror_is_for_who_works_on_it():
    makefile = (ROOT / "Makefile").read_text()
    for target in ("build-asan", "build-clang", "build-fuzz"):
        assert f"$(call setup,{target},-Dwerror=true " in makefile
    assert "-Dwerror=true" in (ROOT / ".ci/run").read_text()
