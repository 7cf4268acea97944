# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What must not grow unnoticed: instructions a socket, and what a start costs, against figures.json.

A figure may be up to MARGIN above its entry. What is meant to change it writes the table anew with
SOCKEYE_UPDATE_FIGURES=1; the change is then there to be read. Instructions are counted by callgrind, so they
are the same on a busy machine. SOCKEYE_FIGURES names another table: figures-a6924e2.json has what that commit took,
measured in the same way; tests/bench/against compares two revisions in all.
"""

import json
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from lib import builds, fixtures, netns

TABLE = Path(__file__).with_name(os.environ.get("SOCKEYE_FIGURES", "figures.json"))
MARGIN = 1.02
FEW, MANY = 2000, 6000

# A row of a recording with all that the command asks of the kernel.
COMMANDS = {
    "-tan": ["-tan"],
    "-tani": ["-tani"],
    "-tane": ["-tane"],
    "--by=peer.addr": ["-tan", "--by=peer.addr"],
    "ndjson": ["-tani", "--format=ndjson"],
    "filter": ["-tan", "tcp.rtt > 5ms and peer in 10.0.0.0/8"],
}

# No more than libmnl and libbpf with what it needs; other libraries are opened when their mode is used.
LIBRARIES = {"libc.so.6", "libmnl.so.0", "libbpf.so.1", "libelf.so.1", "libz.so.1", "ld-linux-x86-64.so.2"}


@pytest.fixture(scope="session")
def plain(build):
    """The figures are those of the optimised build."""
    if build.name != "build":
        pytest.skip("the figures are of the plain build")
    return build


@pytest.fixture(scope="session")
def counted(plain):
    if not shutil.which("valgrind"):
        pytest.fail("valgrind is not installed: scripts/install-deps test")
    return plain


def instructions(argv, **env):
    argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *map(str, argv)]
    done = subprocess.run(argv, env=builds.environment(**env), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True, timeout=120, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def recording(path, n):
    with open(path, "wb") as f:
        for i in range(n):
            info = fixtures.tcp_info(rtt=1000 + i, rto=204000, cwnd=10, snd_mss=1448, acked=i, received=2 * i, segs_out=i)
            # Attribute 2 is struct tcp_info, 4 the congestion control, 8 shutdown.
            f.write(fixtures.inet(info, fixtures.attr(4, b"cubic\0"), fixtures.attr(8, b"\0"), sport=443,
                                  dport=1024 + i % 60000, dst=f"10.0.{i >> 8 & 255}.{i & 255}", inode=1000 + i,
                                  cookie=(i + 1, 0)))
        f.write(fixtures.message(struct.pack("=I", 0), fixtures.NLMSG_DONE))
    return path


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    return recording(folder / "few", FEW), recording(folder / "many", MANY)


def check(name, figure):
    table = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    if os.environ.get("SOCKEYE_UPDATE_FIGURES"):
        table[name] = figure
        TABLE.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")
        return
    assert name in table, f"{name}: {figure} is not in {TABLE.name}: SOCKEYE_UPDATE_FIGURES=1 writes it"
    assert figure <= table[name] * MARGIN, f"{name}: {figure}, was {table[name]}"


@pytest.mark.parametrize("name", COMMANDS)
def test_instructions_a_socket(counted, recordings, name):
    few, many = (instructions([counted.ss, *COMMANDS[name]], TCPDIAG_FILE=r) for r in recordings)
    check(f"instructions a socket, {name}", round((many - few) / (MANY - FEW), 1))


@pytest.fixture(scope="session")
def ten(counted, tmp_path_factory):
    """A namespace with ten sockets or so, for what a start costs."""
    net = netns.Net(builds.find_mksock(), tmp_path_factory.mktemp("ten"), ["listen"]).start()
    yield net
    net.stop()


@pytest.mark.parametrize("words", [["-tan"], ["-tun"], ["-x"], []], ids=" ".join)
def test_start(counted, ten, words):
    out = ten.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", counted.ss, *words],
                  timeout=120)
    assert out.status == 0, out.err
    check(f"instructions of a start, ss {' '.join(words)}".strip(), int(re.search(rb"Collected : (\d+)", out.err)[1]))


@pytest.mark.parametrize("words", [["-tan"], ["-x"]], ids=" ".join)
def test_system_calls(counted, ten, tmp_path, words):
    if not shutil.which("strace"):
        pytest.fail("strace is not installed: scripts/install-deps test")
    told = tmp_path / "calls"
    out = ten.run(["strace", "-f", "-o", told, counted.ss, *words], timeout=60)
    assert out.status == 0, out.err
    calls = [line for line in told.read_text().splitlines() if re.match(r"\d+ +\w+\(", line)]
    check(f"system calls of a start, ss {' '.join(words)}", len(calls))


def test_relocations(plain, tmp_path):
    """What the dynamic linker has to look up, in all libraries, before the program begins."""
    log = tmp_path / "log"
    subprocess.run([plain.ss, "-V"], env=builds.environment(LD_DEBUG="statistics", LD_DEBUG_OUTPUT=log), check=True,
                   stdout=subprocess.DEVNULL, timeout=30)
    (text,) = [p.read_text() for p in tmp_path.glob("log.*")]
    check("relocations of a start", int(re.search(r"number of relocations: (\d+)", text)[1]))


def test_libraries(plain):
    needed = subprocess.run(["readelf", "-d", plain.ss], capture_output=True, text=True, check=True, timeout=30).stdout
    direct = set(re.findall(r"\(NEEDED\).*\[(.*)\]", needed))
    assert direct <= LIBRARIES, direct - LIBRARIES
    loaded = subprocess.run(["ldd", plain.ss], capture_output=True, text=True, check=True, timeout=30).stdout
    names = {Path(line.split()[0]).name for line in loaded.splitlines()} - {"linux-vdso.so.1"}
    assert names <= LIBRARIES, names - LIBRARIES
