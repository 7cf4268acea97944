# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""The form of the sources: layout, layers, headers, licences, clang-tidy."""

import functools
import hashlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLANG = 14  # other versions lay out and warn differently
MAX_LINES = 600


def project_files():
    """Every file of the project, as git knows it; without git, all but what building leaves behind."""
    git = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, capture_output=True) if shutil.which("git") else None
    if git and git.returncode == 0:
        names = [n for n in git.stdout.decode().split("\0") if n]
    else:
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")
                 if not re.match(r"(build[^/]*|\.git|\.cache|\.pytest_cache)(/|$)", str(p.relative_to(ROOT)))
                 and "__pycache__" not in p.parts]
    return sorted(ROOT / n for n in names if (ROOT / n).is_file())


FILES = project_files()


def name(path):
    return str(path.relative_to(ROOT))


def under(folder, *suffixes):
    return [p for p in FILES if name(p).startswith(folder + "/") and p.suffix in suffixes]


def scripts():
    return [p for p in FILES if name(p).startswith("scripts/") or p.suffix == ".sh" or name(p) == ".ci/run"]


def text_files():
    data = ("LICENSES/", "tests/golden/", "tests/corpus/", "tests/data/", "tests/fuzz/seeds/")
    kinds = {".c", ".h", ".def", ".py", ".sh", ".md", ".build", ".txt", ".8", ".yml"}
    return [p for p in FILES if not name(p).startswith(data)
            and (p.suffix in kinds or p in scripts() or p.name in ("Makefile", "LAYERS"))]


def run(*argv, **kw):
    return subprocess.run([str(a) for a in argv], text=True, capture_output=True, **{"cwd": ROOT, **kw})


@functools.cache
def version_of(tool):
    return run(tool, "--version").stdout


def need(tool, version=None):
    """The test cannot run without this tool (of this major version)."""
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    if version is not None:
        out = version_of(tool)
        found = re.search(r"version (\d+)", out)
        if not found or int(found[1]) != version:
            pytest.skip(f"{tool} {version} decides, here is {found[1] if found else out!r}")


def lines_matching(paths, pattern):
    return [f"{name(p)}:{i}: {line}" for p in paths
            for i, line in enumerate(p.read_text(errors="replace").splitlines(), 1) if re.search(pattern, line)]


def test_there_are_sources():
    assert under("src", ".c") and under("src", ".h") and scripts()


def test_format():
    need("clang-format", CLANG)
    out = run("clang-format", "--dry-run", "-Werror", *under("src", ".c", ".h"), *under("tests", ".c", ".h"),
              *under("include", ".h"), *under("examples", ".c"))
    assert out.returncode == 0, out.stderr


def test_layers():
    need("awk")
    out = run("awk", "-f", ROOT / "scripts/check-layers", ROOT / "src/LAYERS",
              *under("src", ".c", ".h", ".def"))
    assert out.returncode == 0, out.stdout


def test_layers_sees_a_breach(tmp_path):
    need("awk")
    low = tmp_path / "src/base/low.c"
    low.parent.mkdir(parents=True)
    low.write_text('#include "cli/high.h"\n')
    out = run("awk", "-f", ROOT / "scripts/check-layers", ROOT / "src/LAYERS", low)
    assert out.returncode == 1 and "base must not include cli" in out.stdout


def is_first_of_its_own(header):
    """Whether the build has shown that @header stands alone: the file of that name includes it before all else."""
    source = header.with_suffix(".c")
    included = re.search(r"^#include .*", source.read_text(), re.M) if source.exists() else None
    return bool(included) and included[0] == f'#include "{header.relative_to(ROOT / "src")}"'


def test_headers_stand_alone():
    cc = os.environ.get("CC", "cc")
    need(cc)
    bad = []
    for header in under("src", ".h"):
        if header.name.endswith(".bpf.h") or is_first_of_its_own(header):
            continue
        out = run(cc, "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-Isrc",
                  "-Iinclude", "-Ibuild", "-x", "c", "-", input=f'#include "{header.relative_to(ROOT / "src")}"\n')
        if out.returncode:
            bad.append(f"{name(header)}:\n{out.stderr}")
    assert not bad, "\n".join(bad)


def test_licence_lines():
    paths = [p for p in FILES if p.suffix in {".c", ".h", ".def", ".py", ".sh"}]
    paths += scripts() + [ROOT / "Makefile", ROOT / "meson.build"]
    wrong = [name(p) for p in paths if "SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later"
             not in "\n".join(p.read_text(errors="replace").splitlines()[:3])]
    assert not wrong


def test_begins_alike():
    """The licence, and at once what comes; but for a comment, which a blank line sets apart."""
    wrong = []
    for p in under("src", ".c", ".h", ".def") + under("tests", ".c", ".h"):
        second, third = (p.read_text().split("\n") + ["", ""])[1:3]
        if bool(second) == (second or third).startswith("/*"):
            wrong.append(name(p))
    assert not wrong


def test_what_frees_returns_null():
    assert not lines_matching(under("src", ".h") + under("src", ".c"), r"^void [a-z_]+_(free|close)\((?!struct tabular)")


def test_file_size():
    long = [f"{name(p)}: {n} lines" for p in under("src", ".c", ".h", ".def")
            if (n := len(p.read_text().splitlines())) > MAX_LINES]
    assert not long


def test_white_space():
    bad = lines_matching(text_files(), r"[ \t]+$")
    bad += [f"{name(p)}: no newline at the end" for p in text_files()
            if p.stat().st_size and not p.read_bytes().endswith(b"\n")]
    assert not bad


def test_nothing_left_to_do():
    words = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))
    assert not lines_matching(text_files(), rf"\b({words})\b")


def test_comments_are_c_comments():
    assert not lines_matching(under("src", ".c", ".h", ".def"), r"^\s*//|[;{}]\s*//")


def per_file(paths):
    """One test a file; a collected list may be empty."""
    return pytest.mark.parametrize("path", [pytest.param(p, id=name(p)) for p in paths])


@per_file(scripts())
def test_script(path):
    shebang = path.read_text().splitlines()[0]
    assert os.access(path, os.X_OK), "not executable"
    if re.search(r"\b(ba|da)?sh$", shebang):
        shell = shebang.split("/")[-1].split()[-1]
        need(shell)
        out = run(shell, "-n", path)
        assert out.returncode == 0, out.stderr
        need("shellcheck")
        out = run("shellcheck", path)
        assert out.returncode == 0, out.stdout
    elif "python" in shebang:
        compile(path.read_text(), str(path), "exec")
    else:
        assert "awk" in shebang, f"no check for {shebang}"


@per_file(under("man", ".8", ".7", ".5", ".3", ".1"))
def test_man_page(path):
    need("mandoc")
    out = run("mandoc", "-T", "lint", "-W", "warning", path)
    assert out.returncode == 0, out.stdout + out.stderr


def test_links_between_documents():
    """A relative link in a document leads to a file of the project."""
    bad = []
    for doc in [p for p in FILES if p.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", doc.read_text()):
            if not re.match(r"[a-z]+:", target) and not (doc.parent / target).exists():
                bad.append(f"{name(doc)}: {target}")
    assert not bad


# The how-tos speak of files that their reader makes; capitals stand for any name.
TO_BE_MADE = {"src/cli/mode_census.c", "src/sink/format/plain.c", "src/cli/mode_id.c"}


def test_files_that_are_named():
    """A path in a document, or in a comment of src/, is that of a file or a folder."""
    folders = sorted(p.name for p in (ROOT / "src").iterdir() if p.is_dir())
    path = rf"(?:src|tests|docs|scripts|man|examples|include|{'|'.join(folders)})/[\w./-]+"
    named = [(p, m) for p in FILES if p.suffix == ".md" for m in re.findall(f"`({path})`", p.read_text())]
    for p in under("src", ".c", ".h", ".def", ".build"):
        text = re.sub(r"^#\s*include.*$", "", p.read_text(), flags=re.M)
        named += [(p, m) for m in re.findall(rf"(?<![\w/.-])(?:{'|'.join(folders)})/[\w/]+\.(?:c|h|def)\b", text)]
    assert len(named) > 150
    bad = [f"{name(p)}: {m}" for p, m in named if not re.search("[A-Z]{3}", m) and not {m, f"src/{m}"} & TO_BE_MADE
           and not any(Path(f"{there}{suffix}").exists() for there in (ROOT / m, ROOT / "src" / m) for suffix in ("", ".h", ".c"))]
    assert not bad, "\n".join(bad)


def anchors(page):
    """What a link may name behind the #: the headings as they are on a forge."""
    heads = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", page, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_into_documents():
    """The part behind the # is a heading."""
    bad = []
    for doc in [p for p in FILES if p.suffix == ".md"]:
        for target, part in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", doc.read_text()):
            page = doc.parent / target if target else doc
            if not re.match(r"[a-z]+:", target) and page.exists() and part not in anchors(page.read_text()):
                bad.append(f"{name(doc)}: {target}#{part}")
    assert not bad


def test_each_difference_has_an_id_of_its_own():
    """And the page names those that the tests of differences speak of."""
    ids = re.findall(r"^\| ([A-Z]\d+(?:–[A-Z]\d+)?) \|", (ROOT / "docs/compatibility.md").read_text(), re.M)
    assert len(ids) > 100
    assert sorted({i for i in ids if ids.count(i) > 1}) == []
    text = (ROOT / "tests/diff/differences.py").read_text()
    ranges = [i.split("–") for i in ids if "–" in i]
    known = set(ids) | {f"{a[0]}{n}" for a, b in ranges for n in range(int(a[1:]), int(b[1:]) + 1)}
    assert set(re.findall(r"\b([OPFD]\d+)\b", text)) <= known


def test_tables_are_whole():
    """Each begins with a header and goes on to its end without an empty line, with as many cells everywhere."""
    bad = []
    for doc in [p for p in FILES if p.suffix == ".md"]:
        lines = re.sub(r"^```.*?^```$", lambda m: "\n" * m[0].count("\n"), doc.read_text(), flags=re.M | re.S).split("\n")
        for i, line in enumerate(lines):
            if not line.startswith("|") or (i and lines[i - 1].startswith("|")):
                continue
            if not re.fullmatch(r"\|( ?:?-+:? ?\|)+", lines[i + 1]):
                bad.append(f"{name(doc)}:{i + 1}: a table without a header")
            cells = {len(re.sub(r"`[^`]*`|\\\|", "", row).split("|")) for row in itertools.takewhile(
                lambda row: row.startswith("|"), lines[i:])}
            if len(cells) > 1:
                bad.append(f"{name(doc)}:{i + 1}: rows of {cells} cells")
    assert not bad


def tidy_input(command):
    """A name for all that clang-tidy's verdict depends on: itself, its rules, the command line, and what that reads."""
    words = shlex.split(command["command"])
    for option in ("-o", "-MF", "-MQ"):
        at = words.index(option)
        del words[at : at + 2]
    asked = run(*(w for w in words if w != "-MD"), "-M", env={**os.environ, "LC_ALL": "C"}, cwd=command["directory"])
    assert asked.returncode == 0, asked.stderr
    files = sorted(set(asked.stdout.replace("\\\n", " ").split()[1:]))
    told = hashlib.sha256(version_of("clang-tidy").encode() + (ROOT / ".clang-tidy").read_bytes())
    told.update(command["command"].encode())
    for file in files:
        told.update(f"\n{file}\n".encode() + (Path(command["directory"]) / file).read_bytes())
    return told.hexdigest()


COMMANDS = ROOT / "build-clang/compile_commands.json"
BATCH = 20  # files: clang-tidy takes longer to begin than for one file, but for the analyser
SHARE = 16
WARNINGS = "-*,clang-diagnostic-*,readability-duplicate-include"  # it wants one check of its own
# The analyser, which follows paths through a function, takes nine tenths of the time.
ANALYSER = "clang-analyzer-*"
THE_OTHERS = ",".join(f"-{group}-*" for group in ("bugprone", "cert", "misc", "readability"))


@functools.cache
def clang_commands():
    """How clang compiles each file, by its path."""
    if not COMMANDS.exists():
        pytest.skip("no build-clang: run make clang")
    return {(Path(c["directory"]) / c["file"]).resolve(): c for c in json.loads(COMMANDS.read_text())}


def why_not_compiled(path):
    """Why there need be no command for @path, or None."""
    known = clang_commands()
    if path.name.endswith(".bpf.c"):
        return "a BPF program, not compiled for this machine"
    if path.name.endswith("_none.c"):
        return "stands in for a library that this build has"
    if path.with_name(path.stem + "_none.c").exists():
        return "of a feature that this build does not have"
    if name(path).startswith("tests/") and not any(p.parent == path.parent for p in known):
        return "not for this machine"
    return None


@per_file(under("src", ".c") + under("tests/vm", ".c"))
def test_is_compiled(path):
    if path not in clang_commands():
        why = why_not_compiled(path)
        assert why, "in no build: name it in its folder's meson.build"


def batches():
    """The C files, some of a folder at a time."""
    files = under("src", ".c") + under("tests", ".c")
    for folder in sorted({p.parent for p in files}):
        here = [p for p in files if p.parent == folder]
        for i in range(0, len(here), BATCH):
            yield pytest.param(here[i : i + BATCH], id=f"{name(folder)}-{i // BATCH + 1}")


def warned_by_clang(path):
    """What the compiler itself has to say."""
    words = shlex.split(clang_commands()[path]["command"])
    return run(*words, "-fsyntax-only", cwd=COMMANDS.parent).stderr


@pytest.mark.parametrize("paths", batches())
def test_tidy(paths):
    """What clang warns of, and of what leads into the program also what clang-tidy finds without its analyser."""
    paths = [p for p in paths if p in clang_commands()]
    if not paths:
        pytest.skip("none of them is compiled")
    if not shutil.which("clang-tidy"):
        need("clang")
        assert not "".join(map(warned_by_clang, paths))
        pytest.skip("clang-tidy is not installed; clang does not warn")
    need("clang-tidy", CLANG)
    is_ours = name(paths[0]).startswith(("src/", "tests/vm/"))
    out = run("clang-tidy", "--quiet", f"--checks={f'-{ANALYSER}' if is_ours else WARNINGS}", "-p", COMMANDS.parent, *paths)
    assert out.returncode == 0, out.stdout + out.stderr


def is_analysed(path):
    """`make lint` has the analyser read all files, and the whole suite those of a sample, drawn by what is in them."""
    return os.environ.get("SOCKEYE_ANALYSE") or zlib.crc32(path.read_bytes()) % SHARE == 0


@per_file(filter(is_analysed, under("src", ".c") + under("tests/vm", ".c")))
def test_analysed(path):
    """What passed, and in which nothing was changed since, is not analysed again: that takes seconds a file."""
    need("clang-tidy", CLANG)
    if path not in clang_commands():
        pytest.skip("not compiled")
    passed = COMMANDS.parent / "tidy" / tidy_input(clang_commands()[path])
    if passed.exists():
        return
    out = run("clang-tidy", "--quiet", f"--checks={THE_OTHERS}", "-p", COMMANDS.parent, path)
    assert out.returncode == 0, out.stdout
    passed.parent.mkdir(exist_ok=True)
    passed.touch()
