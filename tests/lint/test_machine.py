# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Who may ask what: the machine that is looked at can be replaced, so that few files name what is found there."""

import re

from lib import builds

SRC = builds.ROOT / "src"

# What is asked; the files, or folders, that may, and why.
RULES = {
    r"\b(secure_)?getenv\s*\(|\benviron\b\s*;": {
        "base/environ.c": "this run's own terminal and locale",
        "host/faked.c": "PROC_* and TCPDIAG_FILE, which put files in place of the machine's",
    },
    r"\b(clock_gettime|gettimeofday|timespec_get|time)\s*\(": {
        "base/clock.c": "how long something took here, and what is today; the machine's time is in its messages",
    },
    r'"/(proc|sys)\b': {
        "host/": "the machine we run on",
        "enrich/": "what its sockets mean: processes, cgroups, namespaces; asked for by host/",
        "source/": "its tables of sockets in text",
        "base/file.c": "where /proc is, unless somebody says where",
        "bpf/fit.c": "the kernel's types, for programs that it is to run",
        "nl/nl.c": "the way home from another network namespace",
    },
}


def code(path):
    """Without comments, which may name anything, and with strings."""
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), path.read_text(), flags=re.S)


def places(pattern):
    for path in sorted(SRC.rglob("*.[ch]")):
        name = str(path.relative_to(SRC))
        if not path.name.endswith((".bpf.c", ".bpf.h")):
            for number, line in enumerate(code(path).splitlines(), 1):
                if re.search(pattern, line):
                    yield name, number, line.strip()


def test_nobody_else_asks():
    wrong = [
        f"{name}:{number}: {line}"
        for pattern, allowed in RULES.items()
        for name, number, line in places(pattern)
        if not name.startswith(tuple(allowed))
    ]
    assert not wrong, "\n".join(wrong)


def test_each_permission_is_needed():
    for pattern, allowed in RULES.items():
        used = [name for name, _, _ in places(pattern)]
        assert [a for a in allowed if not any(name.startswith(a) for name in used)] == []
