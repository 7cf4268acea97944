# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--redact: none of the names and addresses of a population is in the copy, and what can be counted is the same."""

import csv
import ipaddress
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from lib import netns

V4 = [f"10.77.{n}.{10 + i}" for n in (3, 4, 90) for i in range(1, 1 + n % 7)] + ["172.20.9.8", "192.168.201.5", "100.70.1.2", "169.254.11.12",
      "8.8.4.11", "8.8.4.12", "8.8.200.1", "151.101.65.69", "193.99.144.80"]  # fmt: skip
V6 = ["fd5e:c4e7:1::53", "fd5e:c4e7:1::54", "fd5e:c4e7:2::1", "2a02:2e0:3fe:1001::7e3d", "2a02:2e0:3fe:1002::1", "2607:f8b0::beef"]
NAMES = ["hushproc", "hushcomm", "hush0if", "hushdir", "hushsock.sock", "hushabstract", "hushword", "hushscript", "hush-md5-key"]

MAKE = f"""
import ctypes, os, struct, subprocess, time
V4, V6 = {V4!r}, {V6!r}
libc = ctypes.CDLL(None)
subprocess.run(["ip", "link", "add", "hush0if", "type", "dummy"])
for a in V4: subprocess.run(["ip", "addr", "add", a + "/24", "dev", "lo"], check=True)
for a in V6: subprocess.run(["ip", "addr", "add", a + "/64", "dev", "lo", "nodad"], check=True)
for family, addrs in ((socket.AF_INET, V4), (socket.AF_INET6, V6)):
    for a in addrs:
        l = socket.socket(family); l.bind((a, 7001)); l.listen(); keep.append(l)
        for i in range(3):
            c = socket.socket(family); c.bind((addrs[(i * 5) % len(addrs)], 0)); c.connect((a, 7001)); keep.append(c)
            keep.append(l.accept()[0])
        u = socket.socket(family, socket.SOCK_DGRAM); u.bind((a, 7002)); keep.append(u)
m = socket.socket(); m.bind((V4[0], 7009)); keep.append(m)
try:
    key = b"hush-md5-key"
    m.setsockopt(socket.IPPROTO_TCP, 14, (struct.pack("=HH", 2, 0) + socket.inet_pton(2, V4[1])).ljust(128, b"\\0") + struct.pack("=BBHi", 0, 0, len(key), 0) + key.ljust(80, b"\\0"))
    m.listen()
except OSError: pass
os.makedirs("/tmp/hushdir", exist_ok=True)
for name in ("/tmp/hushdir/hushsock.sock", "\\0hushabstract"):
    try: os.unlink(name)
    except (OSError, ValueError): pass
    x = socket.socket(socket.AF_UNIX); x.bind(name); x.listen(); keep.append(x)
try:
    p = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0); p.bind(("hush0if", 0)); keep.append(p)
    p.setsockopt(263, 1, struct.pack("=iHH8s", socket.if_nametoindex("hush0if"), 0, 6, bytes.fromhex("0100aabbccdd") + bytes(2)))
except OSError: pass
libc.prctl(15, b"hushproc")
for k in keep: os.set_inheritable(k.fileno(), True)
pid = os.fork()
if not pid:
    libc.prctl(1, 9) # ends with who made it
    os.execv(sys.executable, ["/opt/hushscript", "-c", "import time, ctypes; ctypes.CDLL(None).prctl(15, b'hushcomm'); time.sleep(1000)", "--password=hushword"])
time.sleep(1)
"""


@pytest.fixture(scope="module")
def made(ss, tmp_path_factory):
    folder = tmp_path_factory.mktemp("redact")
    net = netns.Script(MAKE).start()
    whole, bare = folder / "whole", folder / "bare"
    # The folder's own name is no secret, but the words of the command line are, such as a filter's.
    for words in ([], ["--with=cmdline"]):
        assert net.run([ss, f"--record={whole}", "not", "dst", "10.77.3.200", *words]).status in (0, 3)
    done = net.run([ss, f"--from={whole}", f"--record={bare}", "--redact"])
    assert (done.status, done.out) == (0, b""), done
    yield net, whole, bare
    net.stop()


def secrets(net):
    for a in V4 + V6 + ["10.77.3.200"]:
        yield a.encode()
        yield ipaddress.ip_address(a).packed
    yield from (n.encode() for n in NAMES)
    if len(socket.gethostname()) > 8:  # shorter ones come by chance
        yield socket.gethostname().encode()
    yield bytes.fromhex("0100aabbccdd")
    yield b"python3"
    yield Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()


def contents(ss, file):
    return subprocess.run([ss.parent / "tests/live/contents", file], capture_output=True, check=True).stdout


def test_no_secret_is_in_it(ss, made):
    net, whole, bare = made
    before, after = contents(ss, whole), contents(ss, bare)
    known = [s for s in secrets(net) if s in before]
    assert len(known) >= len(V4 + V6) + 8, sorted(set(secrets(net)) - set(known))
    assert not [s for s in secrets(net) if s in after]
    assert b"not dst" in before and b"not dst" not in after
    raw = bare.read_bytes()
    assert not [s for s in secrets(net) if s in raw]


def rows(net, ss, file, *words):
    done = net.run([ss, f"--from={file}", "-a", "-n", "--csv", *words])
    assert done.status in (0, 3), done
    return list(csv.DictReader(done.lines))


@pytest.mark.parametrize("by", ["netid,state", "state", "local.port", "uid", "peer.port", "process.state", "process.files_max"])
def test_same_counts(ss, made, by):
    net, whole, bare = made
    counted = rows(net, ss, whole, f"--by={by}")
    assert counted == rows(net, ss, bare, f"--by={by}") and any(all(v is not None for v in r.values()) for r in counted)


@pytest.mark.parametrize("by", ["peer.addr/24", "local.addr/24", "peer.addr/8", "peer.addr", "process.name", "unit", "iface", "process.exe", "process.user"])
def test_same_sizes_of_groups(ss, made, by):
    net, whole, bare = made
    sizes = [Counter(r["count"] for r in rows(net, ss, f, f"--by={by}")) for f in (whole, bare)]
    assert sizes[0] == sizes[1] and sizes[0]


def test_what_addresses_share(ss, made):
    """Row by row: as many bits as before, the kind of address, and the same by the same."""
    net, whole, bare = made
    pairs = {}
    for w, b in zip(*(rows(net, ss, f, "-tu", "--columns=inode,cookie,local.addr,local.port,peer.addr,peer.port,recvq") for f in (whole, bare))):
        for name, value in w.items():
            if not name.endswith("addr"):
                assert b[name] == value
            elif value:
                assert pairs.setdefault(value, b[name]) == b[name]
    assert len(pairs) >= len(V4) + len(V6) and len(set(pairs.values())) == len(pairs)
    for a, b in pairs.items():
        old, new = ipaddress.ip_address(a.split("%")[0]), ipaddress.ip_address(b.split("%")[0])
        assert old.version == new.version
        for what in ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_unspecified"):
            assert getattr(old, what) == getattr(new, what), (a, b)
        assert a == b if old.is_loopback or old.is_unspecified else a != b
        for c, d in pairs.items():
            x, y = ipaddress.ip_address(c.split("%")[0]), ipaddress.ip_address(d.split("%")[0])
            if x.version == old.version:
                assert (int(old) ^ int(x)).bit_length() == (int(new) ^ int(y)).bit_length(), (a, c)


def test_answers_as_before(ss, made):
    """What was whole is whole; what a filter left out is said without its words."""
    net, whole, bare = made
    for words in (["-tanp"], ["-tanoiem"], ["-xan"], ["-0an"], ["--ports"], ["--summary=full"], ["-tan", "--peer"], ["-s"]):
        a, b = (net.run([ss, f"--from={f}", *words]) for f in (whole, bare))
        assert a.status == b.status and len(a.lines) == len(b.lines), (words, a, b)
    hosts = {r["host"] for r in rows(net, ss, bare, "-t", "--columns=host")}
    assert len(hosts) == 1 and hosts.pop().startswith("host-")
    told = net.run([ss, f"--from={bare}", "-tan"])
    assert told.status == 3 and b"only sockets that fit: (redacted)" in told.err and b"10.77" not in told.err


def test_each_time_by_another_key(ss, made, tmp_path):
    net, whole, bare = made
    again = tmp_path / "again"
    assert net.run([ss, f"--from={whole}", f"--record={again}", "--redact", "--at=last"]).status == 0
    assert contents(ss, again) not in contents(ss, bare)
    names = [{r["process.name"] for r in rows(net, ss, f, "-t", "--by=process.name") if r["process.name"]} for f in (bare, again)]
    assert len(names[0]) == len(names[1]) and not names[0] & names[1]
    assert again.stat().st_mode & 0o777 == 0o600
    taken = net.run([ss, f"--from={whole}", f"--record={again}", "--redact"])
    assert taken.status == 4 and b"is there already" in taken.err


@pytest.mark.parametrize(
    "words, told",
    [(["--redact"], "is for --from with --record"), (["--from=x", "--redact"], "is for --from with --record"),
     (["--record=x", "--redact"], "is for --from with --record"), (["--from=x", "--record=y"], "do not go together"),
     (["--from=x", "--record=y", "--redact", "-t"], "do not go together"), (["--from=x", "--record=y", "--redact", "--keep=1d"], "do not go together")],
)  # fmt: skip
def test_refused(ss, words, told):
    done = subprocess.run([ss, *words], capture_output=True, timeout=60)
    assert done.returncode == 2 and told in done.stderr.decode(), done
