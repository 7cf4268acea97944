# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Putting programs of this machine into the virtual one's file tree."""

import re
import shutil
import subprocess


def copy(root, program, to=None):
    """A program and the libraries that it loads, at the paths they have here."""
    copy_files(root, libraries([program]))
    to = root / str(to or program).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(program, to)


def libraries(programs):
    loaded = subprocess.run(["ldd", *programs], capture_output=True, text=True).stdout
    return set(re.findall(r"^\s.*?(/[^ \n]+) \(0x", loaded, flags=re.M))


def copy_files(root, paths):
    for path in paths:
        to = root / str(path).lstrip("/")
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)


def copy_reference(root, ref):
    """A fetched reference is a script that runs a program with a loader and libraries of its own."""
    text = ref.path.read_bytes()
    if not text.startswith(b"#!"):
        copy(root, ref.path, "/reference")
        return
    found = re.search(rb'exec "([^"]+)" --library-path "([^"]+)" --argv0 ss "([^"]+)"', text)
    loader, folders, program = (word.decode() for word in found.groups())
    listed = subprocess.run([loader, "--library-path", folders, "--list", program], capture_output=True, text=True)
    copy_files(root, {loader, program, *re.findall(r"/[^ ]+", listed.stdout)})
    copy_files(root, [str(ref.path)])
    (root / str(ref.path).lstrip("/")).rename(root / "reference")
