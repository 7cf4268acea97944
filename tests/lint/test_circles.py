# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""Calls go one way: no two files of src/ need each other, whatever lies between (src/LAYERS says so of folders)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from test_lint import ROOT


def symbols():
    """Of each file of src/: what it defines for others, and what it needs of them."""
    build = ROOT / os.environ.get("SOCKEYE_BUILDS", "build").split(":")[0]
    made = {path.name: path for path in build.rglob("src_*.c.o")}
    names = {f"{name.replace('/', '_')}.o": name for name in (str(p.relative_to(ROOT)) for p in (ROOT / "src").rglob("*.c"))}
    objects = sorted(made[n] for n in names if n in made)
    said = subprocess.run(["nm", "--print-file-name", *objects], text=True, capture_output=True, check=True).stdout
    files = {names[path.name]: (set(), set()) for path in objects}
    for line in said.splitlines():
        path, words = line.split(":", 1)
        kind, symbol = words.split()[-2:]
        defined, needed = files[names[Path(path).name]]
        if kind in "TDRBV":
            defined.add(symbol)
        elif kind == "U":
            needed.add(symbol)
    return files


def reach(graph, start):
    seen, todo = set(), [start]
    while todo:
        new = graph[todo.pop()] - seen
        seen |= new
        todo += new
    return seen


def circles(files):
    home = {symbol: name for name, (defined, _) in files.items() for symbol in defined}
    graph = {name: {home[n] for n in needed if home.get(n, name) != name} for name, (_, needed) in files.items()}
    far = {name: reach(graph, name) for name in graph}
    return {tuple(sorted({name} | {n for n in far[name] if name in far[n]})) for name in graph if name in far[name]}


def test_no_circles():
    if not shutil.which("nm"):
        pytest.skip("nm is not installed")
    files = symbols()
    assert len(files) > 100, "too few objects are found: is the build where it is looked for?"
    assert not circles(files)


def test_a_circle_is_seen():
    calls = {"a.c": ({"a"}, {"b"}), "b.c": ({"b"}, {"c", "puts"}), "c.c": ({"c"}, {"a"}), "d.c": ({"d"}, {"a"})}
    assert circles(calls) == {("a.c", "b.c", "c.c")}
    calls["c.c"] = ({"c"}, set())
    assert not circles(calls)
