# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Results as data, and as Markdown.

A section is {"title", "notes", "columns": [{"key", "head", "form"}], "rows": [{key: value}]}: numbers
with their full precision, None where there is nothing to tell.
"""

import os
import platform
import time


def section(title, columns, notes=()):
    columns = [{"key": key, "head": head, "form": form} for key, head, form in columns]
    return {"title": title, "notes": list(notes), "columns": columns, "rows": []}


def shown(value, form):
    if value is None:
        return "-"
    return value if isinstance(value, str) else format(value, form)


def verdict(value, aim):
    if value is None or aim is None:
        return None
    return "met" if value <= aim else "**missed**"


def ratio(a, b):
    return a / b if a is not None and b else None


def print_table(heads, rows, is_text):
    """@is_text: of each column, whether it is set from the left."""
    cells = [heads, *rows]
    widths = [max(len(r[i]) for r in cells) for i in range(len(heads))]
    for i, row in enumerate(cells):
        padded = [c.ljust(w) if text else c.rjust(w) for c, w, text in zip(row, widths, is_text)]
        print("| " + " | ".join(padded) + " |")
        if not i:
            print("|" + "|".join("-" * (w + 1) + ("-" if text else ":") for w, text in zip(widths, is_text)) + "|")
    print()


def print_section(sec):
    print(f"### {sec['title']}\n")
    if sec["rows"]:
        # A column that says nothing is not shown, but for the first.
        first, *more = sec["columns"]
        used = [first] + [c for c in more if any(row.get(c["key"]) is not None for row in sec["rows"])]
        rows = [[shown(row.get(c["key"]), c["form"]) for c in used] for row in sec["rows"]]
        is_text = [c["form"] == "s" and bool(c["head"]) for c in used]
        print_table([c["head"] for c in used], rows, is_text)
    for note in sec["notes"]:
        print(f"{note}\n")
    print(end="", flush=True)


def first_line(path, key):
    try:
        with open(path) as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith(key)), None)
    except OSError:
        return None


def hash_buckets():
    try:
        with open("/proc/sys/net/ipv4/tcp_ehash_entries") as file:
            return abs(int(file.read()))
    except OSError:
        return 0


def machine(programs, command_line):
    memory = first_line("/proc/meminfo", "MemTotal")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)),
        "cpu": first_line("/proc/cpuinfo", "model name") or platform.machine(),
        "memory_mib": int(memory.split()[0]) // 1024 if memory else 0,
        "tcp_hash_buckets": hash_buckets(),
        "load": round(os.getloadavg()[0], 2),
        "programs": [p.name for p in programs.all],
        "command": command_line,
    }


def print_machine(facts):
    print(f"`{facts['command']}`\n")
    print(f"{facts['date']}. {facts['kernel']}, {facts['cores']} cores ({facts['cpu']}), {facts['memory_mib']:,} MiB,")
    print(f"{facts['tcp_hash_buckets']:,} TCP hash buckets; load {facts['load']} at the beginning.")
    print("Compared: " + "; ".join(facts["programs"]) + ".\n", flush=True)
