# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--summary=full: what stands out, counted right."""

import json
import re
from collections import Counter


def overview(ss, where, *options):
    result = where.run([ss, "--summary=full", "--json", *options])
    assert result.status == 0
    return json.loads(result.out)


def test_counts_are_those_of_the_list(ss, steady):
    found = overview(ss, steady, "-t")
    assert found["complete"] is True
    lines = [line.split() for line in steady.run([ss, "-Htan"]).lines]
    states = Counter(words[0] for words in lines)
    kinds = {(k["netid"], k["state"]): k["count"] for k in found["kinds"]}
    assert kinds["tcp", "listening"] == states["LISTEN"] > 1
    assert kinds["tcp", "established"] == states["ESTAB"] > 1
    assert sum(kinds.values()) == len(lines)
    fill = sorted((int(w[1]) / (int(w[2]) or 0.5) for w in lines if w[0] == "LISTEN"), reverse=True)
    assert [q["accept"]["fill"] for q in found["accept_queues"]] == [f for f in fill if f >= 0.8][:20]
    assert sum(t["count"] for t in found["transfer"]) == states["ESTAB"]
    connected = sum(n for state, n in states.items() if state not in ("LISTEN", "UNCONN"))
    for name in ("local_ports", "peers"):
        assert sum(group["count"] for group in found[name]) == connected


def test_memory_is_that_of_the_host(ss, steady):
    memory = {m["protocol"]: m for m in overview(ss, steady)["memory"]}
    assert set(memory) == {"tcp", "udp"}
    # The limit is to be seen in the first network namespace only.
    assert all(m["memory"] >= 0 and 0 <= m.get("used", 0) <= 1 for m in memory.values())


def test_text_has_all_lists(ss, steady):
    result = steady.run([ss, "--summary=full"])
    titles = [block.split(b"\n")[0] for block in result.out.split(b"\n\n")]
    assert result.status == 0 and len(titles) == len(overview(ss, steady)) - 2
    assert not any(line.endswith(b" ") for line in result.out.splitlines())


def test_lines_and_samples_tell_their_list(ss, steady):
    found = overview(ss, steady, "-t")
    result = steady.run([ss, "--summary=full", "-t", "--format=ndjson"])
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert result.status == 0 and all(next(iter(line)) == "list" for line in lines)
    for name in ("kinds", "local_ports"):
        assert [{**line, "list": name} for line in lines if line["list"] == name] == [{"list": name, **r} for r in found[name]]
    page = steady.run([ss, "--summary=full", "-t", "--format=openmetrics"])
    text = page.out.decode()
    assert page.status == 0 and text.count("# EOF") == len(re.findall(r"^sockeye_complete\{.*\} 1$", text, re.M)) == 1
    families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")]
    assert len(families) == len(set(families))
    for group in found["kinds"]:
        labels = f'query="--summary=full -t --format=openmetrics",list="kinds",netid="tcp",state="{group["state"]}"'
        assert f"sockeye_sockets{{{labels}}} {group['count']}\n" in text


def test_what_it_does_not_go_with(ss, steady):
    for more in (["--by=state"], ["--format=csv"], ["-K"], ["-E"], ["--columns=uid"]):
        result = steady.run([ss, "--summary=full", *more])
        assert result.status == 2 and result.err and result.out == b""
    assert steady.run([ss, "--summary=all"]).status == 255


def test_plain_summary_stays(ss, steady):
    out = [steady.run([ss, option]).out.split(b"\n", 1) for option in ("--summary", "-s")]
    assert out[0][1] == out[1][1] != b"" and out[0][0].startswith(b"Total: ")
