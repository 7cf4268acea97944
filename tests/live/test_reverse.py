# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Names of hosts in records (-r), from a name server of our own: slow, silent, wrong and hostile answers."""

import json
import subprocess

import pytest

from lib import netns

# A question that is not answered in time is left to a thread, and what glibc has for it is lost at the end: LeakSanitizer says so.
pytestmark = pytest.mark.plain

# By the last number of the address that is asked about. The resolver itself would wait 60 s for who is silent.
SERVER = r"""
import struct, threading, time
NAMES = {1: [b"good", b"example"], 3: [b"\x1b[31mred", b"exa\nmple"], 4: [b"x" * 63] * 3 + [b"y" * 61], 6: [b"slow", b"example"]}
dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
dns.bind(("127.0.0.1", 53))
log = open("/tmp/asked", "a", buffering=1)

def answer(query, who):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]]); at += 1 + query[at]
    question = query[12 : at + 5]
    n = int(labels[0]) if labels[-1] == b"arpa" else 0
    log.write("%d\n" % n)
    code = {5: 3, 8: 2}.get(n, 0)
    if n == 2:
        return
    if n == 6:
        time.sleep(1)
    body = b""
    if n in NAMES:
        name = b"".join(bytes([len(p)]) + p for p in NAMES[n]) + b"\0"
        body = b"\xc0\x0c" + struct.pack("!HHIH", 12, 1, 60, len(name)) + name
    if n == 7:
        body = b"\xc0\x0c" + struct.pack("!HHIH", 12, 1, 60, 9999) + b"\xc0\xff"
    head = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, bool(body), 0, 0)
    dns.sendto(head + question + body, who)

def serve():
    while True:
        threading.Thread(target=answer, args=dns.recvfrom(512), daemon=True).start()

threading.Thread(target=serve, daemon=True).start()
server = socket.create_server(("0.0.0.0", 7130), backlog=20)
for i in range(1, 9):
    c = socket.socket(); c.bind(("127.0.1.%d" % i, 0)); c.connect(("127.0.0.1", 7130))
    keep += [c, server.accept()[0]]
"""

MOUNTS = """mount -t tmpfs none /tmp &&
echo '127.0.0.1 localhost' >/tmp/hosts && mount --bind /tmp/hosts /etc/hosts &&
printf 'nameserver 127.0.0.1\\noptions timeout:60 attempts:1\\n' >/tmp/resolv && mount --bind /tmp/resolv /etc/resolv.conf &&
echo 'hosts: files dns' >/tmp/switch && mount --bind /tmp/switch /etc/nsswitch.conf"""

PEERS = ["-tn", "sport = 7130"]
NAMED = {"127.0.1.1": "good.example", "127.0.1.6": "slow.example"}


@pytest.fixture(scope="module")
def net():
    made = netns.Script(SERVER, MOUNTS)
    yield made.start()
    made.stop()


def asked(net):
    return [int(line) for line in net.run(["cat", "/tmp/asked"]).lines]


def names(result):
    return {s["peer"]["addr"]: s["peer"]["name"] for s in json.loads(result.out)["sockets"] if "name" in s["peer"]}


def test_within_a_time(ss, net):
    """What has come by then is shown, beside the addresses, which are all there, and the answer says it is not whole."""
    before = len(asked(net))
    done = net.run([ss, "-r", "--json", "--columns=peer.addr,local.port", *PEERS], timeout=45)
    sockets = json.loads(done.out)
    assert done.status == 3 and not sockets["complete"] and len(sockets["sockets"]) == 8
    found = names(done)
    assert {a: found.get(a) for a in NAMED} == NAMED and not {"127.0.1.2", "127.0.1.5", "127.0.1.8"} & set(found)
    (note,) = sockets["notes"]
    assert note["level"] == "warning" and "did not come in time" in note["text"]
    assert b"\x1b" not in done.out and all(len(name) < 256 for name in found.values())
    assert sorted(set(asked(net)[before:])) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_each_is_asked_once(ss, net):
    """Also in later samples; and nobody is asked without -r."""
    words = ["--ndjson", "--every=0.05", "--count=3", *PEERS, "and dst = 127.0.1.1"]
    before = asked(net).count(1)
    plain = net.run([ss, *words])
    assert plain.status == 0 and asked(net).count(1) == before
    done = net.run([ss, "-r", *words])
    assert done.status == 0 and [s["peer"]["name"] for s in map(json.loads, done.lines) if "note" not in s] == ["good.example"] * 3
    assert asked(net).count(1) == before + 1


FEW = ["-tn", "sport = 7130 and dst = 127.0.1.1,127.0.1.5"]


@pytest.mark.parametrize(
    "words, wanted",
    [
        (["--csv", "--columns=peer", "--sort=peer.addr"], ["peer.addr,peer.port,peer.name", "good.example"]),
        (["--by=peer.addr", "--sort=peer.addr", "--csv"], ["peer.addr,peer.name,count,share", "127.0.1.1,good.example,1,0.5"]),
        (["--columns=peer.name", "--csv"], ["peer.name,peer.addr", "good.example,127.0.1.1"]),
        (["--format=table", "--columns=peer.addr", "--sort=peer.addr"], ["PEER.ADDR  PEER.NAME", "good.example"]),
        (["--format=openmetrics", "--columns=peer.addr,recvq"], ['peer_name="good.example"']),
    ],
)  # fmt: skip
def test_formats(ss, net, words, wanted):
    done = net.run([ss, "-r", *words, *FEW])
    text = done.out.decode()
    assert done.status == 0 and all(w in text for w in wanted), (text, done.err)
    assert "127.0.1.5" in text


def test_classic(ss, net):
    """As iproute2 has it: the name in place of the address."""
    done = net.run([ss, "-Hr", *FEW])
    assert done.status == 0 and sorted(line.split()[-1].rpartition(":")[0] for line in done.lines) == ["127.0.1.5", "good.example"]


@pytest.mark.parametrize(
    "words, said",
    [
        (["--columns=peer.name"], b"add -r"),
        (["-r", "--by=peer.name"], b"peer.addr"),
        (["-r", "--sort=peer.name", "--csv"], b"peer.addr"),
        (["-r", "peer.name = good.example"], b"dst NAME"),
        (["-r", "--ports"], b"do not go together"),
    ],
)
def test_refused(ss, words, said):
    done = subprocess.run([ss, "-t", *words], capture_output=True, timeout=30)
    assert done.returncode == 2 and not done.stdout and said in done.stderr, done
