# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""AF_XDP sockets whose device goes away: the kernel's list ends there, and ours says so."""

import re
import subprocess
import sys

import pytest

from lib import builds, netns, xdpsocks

DEVICES = ["xa", "xb"]


@pytest.fixture
def net(tmp_path):
    """Two devices and three sockets: one on each, and one without."""
    net = netns.Net(builds.find_mksock(), tmp_path, []).start()
    maker = None
    try:
        if not net.has_real_root:
            pytest.skip("needs root")
        for device in DEVICES:
            done = net.run(["ip", "link", "add", device, "type", "veth", "peer", "name", f"{device}-peer"])
            if done.status:
                pytest.skip(f"no veth devices here: {done.err.decode().strip()}")
            assert net.run(["ip", "link", "set", device, "up"]).status == 0
        script = [sys.executable, "-B", xdpsocks.__file__, *DEVICES]
        maker = net.popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = maker.stdout.readline().strip()
        if told != "ready":
            maker.communicate()
            assert maker.returncode == xdpsocks.SKIP
            pytest.skip(told)
        yield net
    finally:
        if maker:
            maker.communicate()
        net.stop()


def listed(net, ss):
    done = net.run([ss, "-Han", "--xdp"])
    assert done.status == 0
    return done.out.decode().splitlines(), done.err.decode()


def test_all_are_listed(ss, net):
    lines, said = listed(net, ss)
    assert sorted(line.split()[3] for line in lines) == ["*", "xa:q0", "xb:q0"]
    assert said == ""


@pytest.mark.parametrize("device", DEVICES)
def test_device_is_gone(ss, net, device):
    assert net.run(["ip", "link", "del", device]).status == 0
    lines, said = listed(net, ss)
    told = re.search(r"xdp sockets: there are (\d+), but the kernel listed (\d+): .*device is gone", said)
    assert told, (lines, said)
    assert int(told[1]) == 3 and int(told[2]) == len(lines) < 3
    assert not any(f" {device}:" in line for line in lines)
