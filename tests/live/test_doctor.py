# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--doctor: what is wrong is found, told in every form, and kept quiet where somebody says so. tests/doctor has the faults one by one."""

import json

import pytest

from lib import netns, sarif

# A listener that does not accept, a program that does not close, and one connection that is fine.
FAULTS = r"""
held = []
def connect(port, n):
    for _ in range(n):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(("127.0.0.1", port))
        held.append(c)
full = socket.create_server(("127.0.0.1", 8080), backlog=3)
connect(8080, 6)
leaky = socket.create_server(("127.0.0.1", 9090))
for i in range(30):
    c = socket.create_connection(("127.0.0.1", 9090))
    held.append(leaky.accept()[0])
    if i < 5:
        c.sendall(b"x" * 100)
    c.close()
fine = socket.create_server(("127.0.0.1", 7070))
held += [socket.create_connection(("127.0.0.1", 7070)), fine.accept()[0]]
"""

NOW = "CLS01.age = 1ms\nCLS02.age = 1ms\n"


@pytest.fixture(scope="module")
def net():
    net = netns.Script(FAULTS).start()
    yield net
    net.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    path = tmp_path_factory.mktemp("doctor")
    path.chmod(0o755)
    (path / "now").write_text(NOW)
    (path / "known").write_text("# they know\nCLS01 until=2099-12-31 ticket 7\nLSN01 process=nobody until=2099-12-31 no\n")
    (path / "over").write_text("CLS01 until=2020-01-01 ticket 7\n")
    return path


def findings(text):
    answer = json.loads(text)
    assert answer["complete"] is True
    return {f["id"]: f for f in answer["findings"]}


def test_faults_are_found(net, ss, files):
    r = net.run([ss, "--doctor", "--json", f"--thresholds={files}/now"])
    found = findings(r.out)
    assert r.status == 1
    assert json.loads(r.out)["findings"][0]["id"] == "LSN01"
    assert {"LSN01", "CLS01", "CLS02"} <= set(found)
    full, leak = found["LSN01"], found["CLS01"]
    assert full["severity"] == "warning" and full["confidence"] == "certain"
    assert full["owner"]["pid"] and full["owner"]["process"]
    assert "127.0.0.1:8080" in full["title"]
    assert full["evidence"][0]["text"] == "4 connections wait to be accepted, in a queue for 3"
    assert "30 connections" in leak["title"]
    assert found["CLS02"]["explained_by"] == "CLS01"
    assert found["CLS02"]["evidence"][0]["text"].startswith("505B are unread in 5 sockets")
    assert any("tcp_fin_timeout" in line for line in leak["dont"])
    assert not any("sysctl" in line or "net." in line for line in leak["do"]), "a setting for a fault of a program"
    assert json.loads(r.out)["seconds"] >= 2


def test_numbers_can_be_seen_again(net, ss, files):
    """The command that stands beside a number shows it."""
    found = findings(net.run([ss, "--doctor=CLS01", "--json", f"--thresholds={files}/now"]).out)
    (command,) = [c for c in found["CLS01"]["commands"] if c.startswith("ss ")]
    r = net.run(["sh", "-c", f"{ss} {command[3:]} --json"])
    assert r.status == 0 and json.loads(r.out)["groups"][0]["count"] == 30


def test_one_sample_where_one_is_enough(net, ss):
    answer = json.loads(net.run([ss, "--doctor=LSN01", "--json"]).out)
    assert [f["id"] for f in answer["findings"]] == ["LSN01"] and "seconds" not in answer
    assert len(answer["findings"][0]["evidence"]) == 1, "a rate needs two"


def test_filter(net, ss, files):
    r = net.run([ss, "--doctor", "--json", f"--thresholds={files}/now", "sport", "=", ":8080"])
    answer = json.loads(r.out)
    assert [f["id"] for f in answer["findings"]] == ["LSN01"]
    assert {"id": "LSN03", "why": "the kernel counts all sockets, and a filter was given"} in answer["skipped"]
    r = net.run([ss, "--doctor", "sport", "=", ":7070"])
    assert r.status == 0 and r.lines[0].startswith("nothing is wrong")


def test_text(net, ss, files):
    r = net.run([ss, "--doctor", f"--thresholds={files}/now"])
    assert r.status == 1 and r.lines[0].startswith("warning   LSN01 the accept queue of 127.0.0.1:8080 is full: ")
    assert len(r.lines) <= 24 and max(map(len, r.lines)) <= 80
    r = net.run([ss, "--doctor=all", f"--thresholds={files}/now"])
    text = " ".join(r.out.decode().split())
    assert "LSN11 clients reset on overflow" in text and "net.ipv4.tcp_fin_timeout does nothing here" in text


def test_forms(net, ss, files):
    words = [ss, "--doctor", f"--thresholds={files}/now"]
    r = net.run([*words, "--format=monitoring"])
    line = r.out.decode()
    assert r.status == 1 and line.count("\n") == 1 and line.startswith("SOCKETS WARNING - LSN01 ")
    assert "warning=" in line.split(" | ")[1]
    lines = [json.loads(x) for x in net.run([*words, "--ndjson"]).lines]
    assert lines[0]["list"] == "findings" and lines[0]["id"] == "LSN01"
    sarif = json.loads(net.run([*words, "--format=sarif"]).out)
    run = sarif["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert sarif["version"] == "2.1.0" and len(rules) >= 60
    assert {r["ruleId"] for r in run["results"]} >= {"LSN01", "CLS01"}
    assert all(rules[x["ruleIndex"]]["id"] == x["ruleId"] for x in run["results"])
    assert run["results"][0]["partialFingerprints"] and run["results"][0]["level"] == "warning"


@pytest.mark.parametrize("words", [["--doctor"], ["--doctor=all"], ["--doctor", "--suppress=KNOWN"], ["--doctor", "sport", "=", ":8080"]])
def test_sarif_as_it_has_to_be(net, ss, files, words):
    """With findings, suppressed ones, consequences and what could not be asked."""
    jsonschema = pytest.importorskip("jsonschema")
    words = [w.replace("KNOWN", f"{files}/known") for w in words]
    log = json.loads(net.run([ss, f"--thresholds={files}/now", "--format=sarif", *words]).out)
    jsonschema.Draft7Validator(sarif.LOG).validate(log)
    results = log["runs"][0]["results"]
    assert any("kind" not in r for r in results)
    assert any("suppressions" in r for r in results) == any("known" in w for w in words)
    for broken in ({**log, "version": "2.0"}, {**log, "runs": [{"results": results}]}, {**log, "more": 1}):
        assert not jsonschema.Draft7Validator(sarif.LOG).is_valid(broken)
    results[0]["kind"] = "notApplicable"  # and yet it has a level
    assert not jsonschema.Draft7Validator(sarif.LOG).is_valid(log)


@pytest.mark.parametrize("words, status", [
    (["--fail-on=critical"], 0), (["--fail-on=warning"], 1), (["--fail-on=info"], 1), (["--fail-on=never"], 0),
    (["--skip=LSN01"], 0), (["--skip=listen"], 0),
])  # fmt: skip
def test_status(net, ss, words, status):
    assert net.run([ss, "--doctor=LSN01", *words]).status == status


@pytest.mark.parametrize("severity, status", [("info", 0), ("warning", 1), ("critical", 1)])
def test_severity_of_a_rule(net, ss, tmp_path, severity, status):
    tmp_path.chmod(0o755)
    (tmp_path / "limits").write_text(f"LSN01.severity = {severity}\n")
    r = net.run([ss, "--doctor=LSN01", "--json", f"--thresholds={tmp_path}/limits"])
    assert [f["severity"] for f in findings(r.out).values()] == [severity] and r.status == status


def test_suppressed(net, ss, files):
    words = [ss, "--doctor=LSN01,CLS01,CLS02", "--json", f"--thresholds={files}/now"]
    found = findings(net.run([*words, f"--suppress={files}/known"]).out)
    assert found["CLS01"]["suppressed"] == "until 2099-12-31: ticket 7"
    assert found["CLS02"]["suppressed"].startswith("as CLS01, from which it follows")
    assert "suppressed" not in found["LSN01"]
    r = net.run([*words, f"--suppress={files}/over"])
    assert "suppressed" not in findings(r.out)["CLS01"]
    assert b"the suppression of CLS01 ended on 2020-01-01: ticket 7" in r.err


def test_recorded(net, ss, files):
    """The same of a recording as when it was made, and what is new since then."""
    recording = str(files / "before.ss")
    assert net.run([ss, "-a", f"--record={recording}"]).status == 0
    words = ["--doctor=LSN01,CLS01", "--json", f"--thresholds={files}/now"]
    live, then = (net.run([ss, *words, *more]) for more in ([], [f"--from={recording}"]))
    of = lambda r: [(f["id"], f["title"], f["owner"], f["fingerprint"]) for f in json.loads(r.out)["findings"]]  # noqa: E731
    assert of(live) == of(then) and then.status == 1
    found = findings(net.run([ss, *words, f"--diff={recording}"]).out)
    assert found and not any("new" in f for f in found.values())
    empty = str(files / "empty.ss")
    assert net.run([ss, "-a", f"--record={empty}", "sport", "=", ":7070"]).status == 0
    r = net.run([ss, *words, f"--diff={empty}"])
    assert all(f["new"].startswith("new since 2") for f in json.loads(r.out)["findings"])


def test_again(net, ss, files):
    words = [ss, "--doctor=LSN01", "--every=0.2", "--count=3"]
    assert len(json.loads(net.run([*words, "--json"]).out)["samples"]) == 3
    assert all(x["time"] for x in map(json.loads, net.run([*words, "--ndjson"]).lines) if "note" not in x)
    assert net.run(words).out.decode().count("# 2") == 3


def test_without_root(net, ss, files):
    """What may not be seen is skipped, which is not ok, and no failure either."""
    words = ["setpriv", "--reuid=65534", "--clear-groups", ss, "--doctor=LSN01,LSN12", "--json"]
    r = net.run(words)
    answer = json.loads(r.out)
    assert r.status == 1 and [f["id"] for f in answer["findings"]] == ["LSN01"]
    assert [s["id"] for s in answer["skipped"]] == ["LSN12"] and "process" in answer["skipped"][0]["why"]


@pytest.mark.parametrize("words, error", [
    (["--doctor=LSN99"], "is no rule"),
    (["--doctor", "--skip=nothing"], "is no rule"),
    (["--doctor", "--fail-on=bad"], "--fail-on is info, warning, critical or never"),
    (["--doctor", "--thresholds=/nowhere"], "/nowhere"),
    (["--doctor", "--suppress=/nowhere"], "/nowhere"),
    (["--doctor", "--format=csv"], "--doctor and --format=csv do not go together"),
    (["-t", "--format=sarif"], "--format=sarif is for --doctor"),
    (["--rules", "--format=monitoring"], "--format=monitoring is for --doctor"),
    (["--rules=LSN99"], "is no rule"),
])  # fmt: skip
def test_refused(net, ss, words, error):
    r = net.run([ss, *words])
    assert r.status in (2, 4) and error in r.err.decode() and not r.out


def test_rules(net, ss):
    r = net.run([ss, "--rules"])
    ids = [line.split()[0] for line in r.lines if not line.startswith(" ")]
    assert len(ids) == len(set(ids)) >= 60 and max(map(len, r.lines)) <= 80
    for name in ids:
        lines = net.run([ss, f"--rules={name}"]).lines
        assert len(lines) <= 30 and max(map(len, lines)) <= 80, name
    listed = json.loads(net.run([ss, "--rules", "--json"]).out)["rules"]
    assert [r["id"] for r in listed] == ids and all(r["meaning"] and r["sources"] for r in listed)
