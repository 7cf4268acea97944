# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""tests/live in the virtual machine: what it needs there, and what it said.

It is run by this machine's Python and pytest, copied into the machine's file tree.
"""

import collections
import os
import shutil
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree
from pathlib import Path

from tree import copy, copy_files, libraries

TOOLS = "bash ip mount nsenter setpriv sh unshare".split()
# Of the standard library, what no test has a use for: half of it.
USELESS = shutil.ignore_patterns(
    "test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "distutils", "pydoc_data",
    "config-*", "dist-packages", "site-packages", "*.opt-?.pyc",
)  # fmt: skip
# Which files pytest consists of, beyond the standard library.
LIST = """
import sys, pytest
pytest.main(["--version"])
for name, module in sys.modules.items():
    if "." not in name and getattr(module, "__file__", None):
        print("file", module.__file__)
"""


def pytest_paths():
    """The packages and modules of pytest and what it imports; empty without it."""
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, env=env)
    files = [Path(line[5:]) for line in done.stdout.splitlines() if line.startswith("file /")]
    packages = {p.parent if p.name == "__init__.py" else p for p in files}
    return sorted(p for p in packages if p.parent.name in ("dist-packages", "site-packages"))


def copy_python(root):
    program = os.path.realpath(sys.executable)
    copy(root, program)
    (root / "usr/bin/python3").symlink_to(program)
    for folder in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}:
        shutil.copytree(folder, root / folder.lstrip("/"), ignore=USELESS, symlinks=True)
        copy_files(root, libraries(sorted(map(str, Path(folder).rglob("lib-dynload/*.so")))))
    for path in pytest_paths():
        to = root / str(path).lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, to, ignore=USELESS)
        else:
            shutil.copy2(path, to)


# Sources, and tests that ask them or need the tools of tests/bench: they are about the program, not the kernel.
ELSEWHERE = shutil.ignore_patterns("*.c", "*.h", "test_bench.py", "test_complete.py", "test_churn.py")


def copy_suite(root, project, build):
    """All that tests/live runs with, under /sockeye. False when this machine has no pytest or a tool."""
    tools = [shutil.which(t) for t in TOOLS]
    if not pytest_paths() or None in tools:
        return False
    copy_python(root)
    for tool, path in zip(TOOLS, tools):
        copy(root, os.path.realpath(path), f"/{'sbin' if tool == 'ip' else 'bin'}/{tool}")
    to = root / "sockeye"
    for name in ("live", "lib"):
        shutil.copytree(project / "tests" / name, to / "tests" / name, ignore=ELSEWHERE)
    for name in ("conftest.py", "pytest.ini"):
        shutil.copy(project / "tests" / name, to / "tests" / name)
    for registry in (project / "src").rglob("*.def"):  # the fields, options and modes that there are
        there = to / registry.relative_to(project)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(registry, there)
    (to / "build/tests/live").mkdir(parents=True)
    for program in (build / "ss", build / "tests/live/mksock", build / "tests/live/enter", *build.glob("tests/live/*.so")):
        copy(root, program, to.relative_to(root) / "build" / program.relative_to(build))
    copy_files(root, [p for p in ("/etc/services", "/etc/protocols", "/etc/nsswitch.conf") if os.path.exists(p)])
    return True


def verdict(case):
    """Of one test: what became of it, and why."""
    for what, name in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = case.find(what)
        if found is not None:
            return name, found.get("message", "") if name == "skipped" else found.text or ""
    return "passed", ""


def check(version, results, tell):
    """@tell(verdict, name, why, n): one line a file of tests, one a reason to skip, and one a failure."""
    said = (results / "live.txt").read_text(errors="replace") if (results / "live.txt").exists() else ""
    try:
        suite = xml.etree.ElementTree.parse(results / "live.xml")
    except (OSError, xml.etree.ElementTree.ParseError):
        tell("failed", f"{version} tests/live", f"it did not come to its end\n{said}")
        return
    counts = collections.Counter()
    for case in suite.iter("testcase"):
        name = case.get("classname").rpartition(".")[2]
        kind, why = verdict(case)
        if kind == "failed":
            tell("failed", f"{version} {name} {case.get('name')}", f"\n{why}", 1)
        else:
            counts[kind, name, why] += 1
    for (kind, name, why), n in counts.items():
        tell(kind, f"{version} {name}", why or f"{n} tests", n)
