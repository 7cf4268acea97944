# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--partial and --merge: one answer of many hosts, and who is missing from it."""

import ast
import csv
import io
import json
import random
import subprocess

import pytest

from lib import builds, netns, partials
from lib.partials import address, partial

SOCKETS = r"""
server = socket.create_server(("127.0.0.1", 7160), backlog=64)
for i in range(12):
    keep.append(socket.create_connection(("127.0.0.1", 7160)))
    keep.append(server.accept()[0])
    if i % 3 == 0:
        keep[-1].send(b"x" * (i + 1))
other = socket.create_server(("127.0.0.2", 7161))
"""


@pytest.fixture(scope="module")
def net():
    made = netns.Script(SOCKETS, has_small_tables=True)
    yield made.start()
    made.stop()


def merge(ss, text, *words, status=0):
    done = subprocess.run([ss, "--merge", *words], input=text.encode(), capture_output=True, timeout=60)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def rows(ss, text, *words, status=0):
    out, err = merge(ss, text, "--csv", *words, status=status)
    return list(csv.reader(io.StringIO(out)))[1:], err


def prefixed(name, text, sep=": "):
    return "".join(f"{name}{sep}{line}\n" for line in text.splitlines())


QUESTIONS = [
    ["-tan", "--by=state"],
    ["-tan", "--by=state,local.addr/8,sum(recvq),max(recvq),min(tcp.rtt),avg(recvq),p99(recvq),distinct(local.port)"],
    ["-tan", "--by=process.name,state", "--sort=state"],
    ["-tan", "--by=state", "--columns=max(recvq) as most", "--limit=10"],
    ["-tan", "--by=netid,local.port", "sport = :7160 or sport = :7161"],
]


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_one_host_is_itself(ss, net, words):
    """What comes out is what the host itself would have said, to the byte, in each form."""
    part = net.run([ss, *words, "--partial"])
    assert part.status == 0 and part.out.startswith(b"ss1h ") and part.out.isascii()
    for form in ("--csv", "--json", "--format=table"):
        plain = net.run([ss, *words, form])
        assert merge(ss, part.out.decode(), form)[0].encode() == plain.out


def test_two_names_of_one_machine(ss, net):
    part = net.run([ss, "-tan", "--by=state", "--partial"]).out.decode()
    both = prefixed("a", part) + prefixed("b", part)
    counted = {(r[0], r[1]): int(r[2]) for r in rows(ss, both, "--by=host,state")[0]}
    alone = {r[0]: int(r[1]) for r in rows(ss, part)[0]}
    assert counted == {(h, s): n for h in "ab" for s, n in alone.items()}
    assert "one start of one machine: a, b" in rows(ss, both)[1]


def test_a_list(ss, net):
    words = ["-tanp", "--columns=state,local.addr,local.port,process.name", "--sort=local.port"]
    part = net.run([ss, *words, "--partial"]).out.decode()
    got, _ = rows(ss, prefixed("web1", part))
    plain = list(csv.reader(io.StringIO(net.run([ss, *words, "--csv"]).out.decode())))
    assert got == [["web1", *row] for row in plain[1:]]
    both, _ = rows(ss, prefixed("b", part) + prefixed("a", part), "--sort=host", "--limit=3")
    assert [r[0] for r in both] == ["a"] * 3


def test_the_default_list(ss, net):
    part = net.run([ss, "-tanp", "--partial"]).out.decode()
    got = json.loads(merge(ss, part, "--json")[0])["sockets"]
    plain = json.loads(net.run([ss, "-tanp", "--json"]).out)["sockets"]
    for record in got:
        assert record.pop("host")
    assert got == plain


def test_a_diagnosis(ss, net):
    part = net.run([ss, "--doctor=LSN11", "--partial"])
    assert part.status in (0, 3) and b" of=findings " in part.out
    out, _ = merge(ss, part.out.decode(), "--ndjson")
    assert '"id"' not in out.replace('"list"', "")


def test_findings_gravest_first(ss):
    """Whatever the order of hosts; status 1 as of the doctor."""
    def finding(host, *findings):
        lines = [f"ss1h host={host} boot={host} id=0000000000000001 time=1000000000000000 of=findings asked=all columns=severity%2cid%2ctitle"]
        lines += [f"ss1r s{severity} s{id} s{partials.escaped(title)}" for severity, id, title in findings]
        last = f"ss1e {len(lines)} 0 whole"
        total = sum(partials.line_hash(line.encode()) for line in [*lines, last]) & partials.MASK
        return "\n".join([*lines, f"{last} {total:016x}"]) + "\n"

    text = finding("a", ("warning", "CLS01", "it leaks")) + finding("b", ("info", "HYG01", "dust"), ("critical", "LSN01", "it\x1b[31m is full"))
    got, _ = rows(ss, text, status=1)
    assert [r[:3] for r in got] == [["b", "critical", "LSN01"], ["a", "warning", "CLS01"], ["b", "info", "HYG01"]]
    assert "\x1b" not in merge(ss, text, status=1)[0]
    assert rows(ss, finding("c", ("info", "HYG01", "dust")))[0][0][0] == "c"


A = partial("web1", [(address(1), 30), (address(2), 2)])
B = partial("web2", [(address(1), 5), (address(3), 7)])


def test_files_and_standard_input(ss, tmp_path):
    (tmp_path / "a").write_text(A)
    (tmp_path / "b").write_text(B)
    done = subprocess.run([ss, "--merge", "--csv", tmp_path / "a", tmp_path / "b"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "peer.addr,count,share\n10.0.0.1,35,0.7954545454545454\n10.0.0.3,7,0.1590909090909091\n10.0.0.2,2,0.045454545454545456\n"
    assert merge(ss, A + B, "--csv")[0] == done.stdout == merge(ss, B, "--csv", str(tmp_path / "a"), "-")[0]
    done = subprocess.run([ss, "--merge", "--csv", tmp_path / "a", tmp_path / "none"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3 and "none: cannot be opened: No such file" in done.stderr and "10.0.0.1,30" in done.stdout


MISSING = [
    (A + A, "1 of 1 hosts: more than one answer, of which the first is taken, of web1", 30),
    (A + "".join(B.splitlines(True)[:-1]), "1 of 2 hosts: cut short, and taken as far as it came: web2", 35),
    (A + B.replace(" 5\n", " 6\n"), "1 of 2 hosts: damaged, and taken where it could be read: web2", 36),
    (A + B.replace(" 5\n", " five\n"), "1 of 2 hosts: damaged", 30),
    (A + partial("web2", [(address(1), 5)], asked="udp"), "1 of 2 hosts: left out, as other sockets were asked for", 30),
    (A + partial("web2", [("10", 5)], by="state"), "1 of 2 hosts: left out, as other sockets were asked for", 30),
    (A + partial("web2", [(address(1), 5)], version=2), "1 of 2 hosts: left out, as another version of ss wrote it: web2", 30),
    (A + partial("web2", [(address(1), 5)], time_us=1_000_000_100_000_000), "of another time than most, by up to 100 s, late or with another clock: web2", 35),
    (A + partial("web2", [(address(1), 5)], state="partial"), "1 of 2 hosts: not whole, as the host itself says: web2", 35),
    (prefixed("web1", A) + "web2: bash: ss: command not found\n", '1 of 2 hosts: no answer, but something else, of web2: "bash: ss: command not found"', 30),
    ("web2 | UNREACHABLE! => {\n" + A, "no answer, but something else, of web2", 30),
]


@pytest.mark.parametrize("text, said, count", MISSING)
def test_who_has_answered(ss, text, said, count):
    """Told with the host, and the rest is answered."""
    got, err = rows(ss, text, status=3)
    assert said in err and {r[0]: int(r[1]) for r in got}["10.0.0.1"] == count
    assert json.loads(merge(ss, text, "--json", status=3)[0])["complete"] is False


def test_ansible_in_one_line(ss):
    """As ansible -o prints it, with a warning of the host behind."""
    text = "".join(f"{name} | CHANGED | rc=0 | (stdout) " + "\\n".join(part.splitlines()) + " (stderr) ss: a hint\n" for name, part in (("a", A), ("b", B)))
    got, err = rows(ss, text, "--by=host")
    assert got == [["a", "32", "0.7272727272727273"], ["b", "12", "0.2727272727272727"]] and err == ""


def test_of_recordings(ss):
    """Collected from hosts, and asked for a moment."""
    path = builds.ROOT / "tests/golden/recordings/1.ss"
    asked = [ss, f"--from={path}", "-tan", "--by=state"]
    plain = subprocess.run([*asked, "--csv"], capture_output=True, text=True, timeout=60)
    part = subprocess.run([*asked, "--partial"], capture_output=True, text=True, timeout=60)
    assert plain.stdout.count("\n") > 1 and merge(ss, part.stdout, "--csv", status=part.returncode)[0] == plain.stdout


def test_notes_of_hosts_are_told_once(ss):
    texts = []
    for i in range(5):
        lines = partial(f"web{i}", [(address(1), 1)]).splitlines()[:-1] + ["ss1n warning no%20owners"]
        last = f"ss1e {len(lines)} 1 whole"
        total = sum(partials.line_hash(line.encode()) for line in [*lines, last]) & partials.MASK
        texts.append("\n".join([*lines, f"{last} {total:016x}"]) + "\n")
    assert "5 hosts, as web0: no owners" in merge(ss, "".join(texts))[1]


def test_nothing_at_all(ss):
    out, err = merge(ss, "bash: ss: command not found\n", status=4)
    assert out == "" and "there is no answer of any host" in err and "command not found" in err


def test_coarser(ss):
    texts = A + B
    assert rows(ss, texts, "--by=peer.addr/8")[0] == [["10.0.0.0/8", "44", "1"]]
    assert {r[0]: r[1] for r in rows(ss, texts, "--by=host")[0]} == {"web1": "32", "web2": "12"}
    assert rows(ss, texts, "--by=peer.addr", "--having=count > 6", "--sort=count:asc")[0][0][0] == "10.0.0.3"
    assert "finer" in merge(ss, texts, "--by=peer.addr,state", status=2)[1]
    assert "did not take" in merge(ss, texts, "--by=peer.addr,sum(recvq)", status=2)[1]
    assert "cannot be left out" in merge(ss, partial("a", [("sx 10", 1)], by="process.name,state"), "--by=state", status=2)[1]


def test_first_groups_only(ss):
    """What can be said of those that hosts left out is said, and it is wrong nowhere."""
    sure = [partial(f"w{i}", [(address(1), 100)], more=" limit=1 bound=3", others=(4, 8)) for i in range(3)]
    got, err = rows(ss, "".join(sure))
    assert got == [["10.0.0.1", "300", "0.9259259259259259", "300"], ["\\other", "24", "0.07407407407407407", ""]] and "is certain" in err
    unsure = [partial(f"w{i}", [(address(i), 100)], more=" limit=1 bound=90", others=(4, 200)) for i in range(3)]
    got, err = rows(ss, "".join(unsure), status=3)
    assert got[0][1:] == ["100", "0.1111111111111111", "280"] and "can have up to 270" in err
    assert "tells nothing of others" in merge(ss, "".join(sure), "--by=peer.addr/8", status=2)[1]


def test_a_thousand_hosts(ss):
    """Of a generator that knows the truth; as clush -L prints them, all at once."""
    chance = random.Random(20)
    truth, lines = {}, []
    for host in range(1000):
        groups = {}
        for _ in range(chance.randrange(30)):
            groups[int(chance.paretovariate(0.7)) % 5000] = chance.randrange(1, 50)
        for peer, n in groups.items():
            truth[peer] = truth.get(peer, 0) + n
        lines.append(prefixed(f"n{host}", partial(f"n{host}", [(address(p), n) for p, n in groups.items()])).splitlines(True))
    mixed = []
    while lines:  # each host's in its order
        at = chance.randrange(len(lines))
        mixed.append(lines[at].pop(0))
        if not lines[at]:
            lines[at] = lines[-1]
            lines.pop()
    got, err = rows(ss, "".join(mixed), "--limit=5000")
    assert err == "" and {r[0]: int(r[1]) for r in got} == {f"10.0.{p >> 8}.{p & 255}": n for p, n in truth.items()}


CLUSH = """#!/usr/bin/python3
# Runs what it is told in this namespace, for each of the hosts: "gone" refuses, "mute" says nothing.
import subprocess, sys, threading
print(repr(sys.argv[1:]), file=open("{path}/argv", "w"))
nodes, command = sys.argv[sys.argv.index("-w") + 1].split(","), sys.argv[-1]
asked = "-n" not in sys.argv
procs = [(n, subprocess.Popen(["sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)) for n in nodes if n not in ("gone", "mute")]
lock = threading.Lock()
def carry(n, p):
    for line in p.stdout:
        with lock:
            print(f"{{n}}: {{line}}", end="", flush=True)
for n in nodes:
    if n == "gone":
        print("gone: ssh: connect to host gone port 22: Connection refused", file=sys.stderr, flush=True)
        print("clush: gone: exited with exit code 255", file=sys.stderr, flush=True)
threads = [threading.Thread(target=carry, args=np) for np in procs]
for t in threads: t.start()
for line in sys.stdin if asked else ():
    for n, p in procs:
        p.stdin.write(line); p.stdin.flush()
for n, p in procs: p.stdin.close()
for t in threads: t.join()
"""


@pytest.fixture
def ask(tmp_path, ss, net):
    """Asks with that in place of ClusterShell; rows and what was told."""
    (tmp_path / "clush").write_text(CLUSH.format(path=tmp_path))
    (tmp_path / "clush").chmod(0o755)
    (tmp_path / "ss").symlink_to(ss)

    def run(*words, status=0, path=f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin"):
        done = net.run(["/usr/bin/env", f"PATH={path}", ss, "--csv", *words])
        assert done.status == status, (done.status, done.out, done.err)
        return list(csv.reader(io.StringIO(done.out.decode())))[1:], done.err.decode()

    run.argv = lambda: ast.literal_eval((tmp_path / "argv").read_text())
    return run


def test_hosts_are_asked(ask):
    got, err = ask("--hosts=web1,web2,web3", "-tan", "--by=state", "--having=count > 20", "--sort=state")
    assert {r[0]: int(r[1]) for r in got} == {"established": 72} and len(err.splitlines()) == 2
    assert ask.argv() == ["-w", "web1,web2,web3", "--color=never", "-n", "ss -t -a -n --by=state --partial"]
    assert "clush -w web1,web2,web3 --color=never -n 'ss -t -a -n --by=state --partial'" in err


def test_words_are_quoted(ask, tmp_path):
    """Whatever they are: the hosts' shells do nothing with them."""
    words = ["process.name != \"a'b; touch $HOME `id` \\\\ *\"", "or", "sport = :7160"]
    got, _ = ask("--hosts=web1", "-tan", "--by=netid", " ".join(words))
    alone, _ = ask("--hosts=web1", "-tan", "--by=netid", *words)
    assert got == alone and int(got[0][1]) > 20
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["argv", "clush", "ss"]


def test_the_first_groups_in_rounds(ask):
    got, err = ask("--hosts=web1,web2", "-tan", "--by=local.port", "--limit=2")
    assert [r[:2] for r in got[:2]] == [["7160", "26"], ["7161", "2"]] and got[2][0] == "\\other" and len(got[0]) == 3
    assert ask.argv()[3:5] == ["-f", "2"] and ask.argv()[-1].endswith("--limit=2 --partial=rounds") and "at_most" not in err


def test_one_that_is_gone(ask):
    """In rounds nobody waits for it."""
    for more in ([], ["--limit=1"]):
        got, err = ask("--hosts=web1,gone", "-tan", "--by=local.port", *more, status=3)
        assert got[0][:2] == ["7160", "13"]
        assert '1 of 2 hosts: no answer, but something else, of gone: "ssh: connect to host gone port 22: Connection refused"' in err


def test_no_names_that_are_options(ask):
    for nodes in ("-oProxyCommand=x", "web1,-v", "web1,we b"):
        assert "no name of a host" in ask(f"--hosts={nodes}", "-tan", status=2)[1]
    assert "there is no field" in ask("--hosts=web1", "-tan", "--by=nothing", status=2)[1]
    assert "install clustershell" in ask("--hosts=web1", "-tan", "--by=state", status=4, path="/none")[1]
    assert "install clustershell" in ask("--hosts=@web", "-tan", "--by=state", status=4, path="/none")[1]


def test_who_should_have_answered(ss):
    assert "1 of 2 hosts: no answer of web9" in rows(ss, prefixed("web1", A), "--hosts=web1,web9", status=3)[1]
