# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What ss prints of the replies in lib/fixtures.py: tests/golden/samples/NAME.txt.

The texts are those of iproute2 7.3 but for the differences that docs/compatibility.md names.
Write them anew with SOCKEYE_UPDATE_GOLDEN=1, and read the change.
"""

import os

import pytest

from lib import builds, corpus, fixtures

SAMPLES = builds.ROOT / "tests/golden/samples"

# name of the sample: fixture, options. The fixture goes where the options look for it.
CASES = {
    "states": ("states", "-tan"),
    "states-connected": ("states", "-tn state connected"),
    "states-listening": ("states", "-tln"),
    "states-excluded": ("states", "-tn exclude syn-recv exclude established exclude bound-inactive"),
    "states-close-wait": ("states", "-tnH state close-wait state last-ack"),
    "states-ipv6": ("states", "-6tan"),
    "timer": ("timer", "-taonH"),
    "rate": ("rate", "-taiH -n"),
    "rate-human": ("rate", "-taiHO sport = 200"),
    "tcp-all": ("tcp", "-tanieom --tos --cgroup --inet-sockopt"),
    "tcp-all-oneline": ("tcp", "-tanieomO --tos --cgroup --inet-sockopt"),
    "tcp-info": ("tcp", "-tani"),
    "tcp-memory": ("tcp", "-tanm"),
    "idle": ("idle", "-an -A tcp,udp"),
    "idle-bound": ("idle", "-Bnt"),
    "sctp": ("sctp", "-na -A sctp,udp"),
    "sctp-info": ("sctp", "-SnaimoH"),
    "sctp-all-oneline": ("sctp", "-SnaimoeO --tos"),
    "mptcp": ("mptcp", "-Mani"),
    "mptcp-all": ("mptcp", "-Manmoie"),
    "raw": ("raw", "-A raw,dccp -an"),
    "raw-info": ("raw", "-waniH"),
    "vsock": ("vsock", "--vsock -a"),
    "vsock-cid": ("vsock", "--vsock -a src 3"),
    "vsock-port": ("vsock", "--vsock -a sport = 1024"),
    "vsock-stream": ("vsock", "-A vsock_stream -a"),
    "vsock-peer": ("vsock", "-A vsock -a dst vsock:2"),
    "xdp": ("xdp", "--xdp -e"),
    "xdp-oneline": ("xdp", "--xdp -eOH"),
    "xdp-all": ("xdp", "--xdp -aemp"),
    "xdp-device": ("xdp", "--xdp -a dev lo"),
    "tipc": ("tipc", "--tipc"),
    "tipc-info": ("tipc", "--tipc --tipcinfo"),
    "tipc-info-oneline": ("tipc", "--tipc --tipcinfo -O"),
    "tipc-extended": ("tipc", "--tipc -e"),
    "tipc-extended-process": ("tipc", "--tipc -ep"),
    "tipc-no-address": ("tipc", "--tipc -a src inet:127.0.0.1"),
    "packet": ("packet", "-0ebm"),
    "packet-numeric": ("packet", "-0n"),
    "packet-raw": ("packet", "-A packet_raw -a"),
    "netlink": ("netlink", "-f netlink"),
    "netlink-extended": ("netlink", "-f netlink -e -n"),
    "netlink-process": ("netlink", "-f netlink -pemn"),
    "unix": ("unix", "-xa"),
    "unix-extended": ("unix", "-xae"),
    "unix-memory": ("unix", "-xaemH"),
}  # fmt: skip

# Fixtures that are read as they are: asked for by state, their rows would come in another order.
AS_FILE = {"states", "timer", "rate", "tcp"}


def run(build, tmp_path, case):
    name, words = CASES[case]
    make, family, protocol = fixtures.FIXTURES[name]
    recording, script = tmp_path / "recording", tmp_path / "script"
    recording.write_bytes(make())
    lines = [f"reply {family} {protocol} 0 {recording.stat().st_size}", "iface 1 lo", "cgroup 1 /"]
    lines.append("owner 4242 99 7 odd name")
    script.write_text("\n".join(lines) + "\n")
    more = {"TCPDIAG_FILE": recording} if name in AS_FILE else {}
    return corpus.replay(build, script, recording, words.split(), **more)


@pytest.mark.parametrize("case", CASES)
def test_sample(build, tmp_path, case):
    done = run(build, tmp_path, case)
    golden = SAMPLES / f"{case}.txt"
    if os.environ.get("SOCKEYE_UPDATE_GOLDEN"):
        golden.write_bytes(done.stdout)
    assert done.stdout == golden.read_bytes()
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_sample_is_left_over():
    assert {p.stem for p in SAMPLES.glob("*.txt")} == set(CASES)


def test_recording_named_by_the_environment(build, tmp_path):
    """TCPDIAG_FILE takes SCTP's sockets too, as they are."""
    recording, script = tmp_path / "recording", tmp_path / "script"
    recording.write_bytes(fixtures.sctp())
    script.write_text("iface 1 lo\n")
    done = corpus.replay(build, script, recording, ["-na", "-A", "tcp,udp"], TCPDIAG_FILE=recording)
    assert done.stdout == (SAMPLES / "sctp.txt").read_bytes()
