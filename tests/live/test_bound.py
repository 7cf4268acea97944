# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Bound sockets among the connections of their port, which are in the same list: more than one run of BPF passes."""

import subprocess
import sys

import pytest

from lib import kernel, netns, rows

PORT = 2222
CONNECTIONS = 9000  # one run passes 8192 at most
# Two processes, for the number of descriptors each may have. Three sockets are bound: before, amid and after the rest.
SOCKETS = f"""
import json, os, subprocess

def bind():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", {PORT}))
    return s

CLIENT = '''
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
keep = [socket.create_connection(("127.0.0.1", {PORT})) for _ in range({CONNECTIONS})]
sys.stdin.read()
'''
bound = [bind()]
l = bind()
l.listen(4096)
client = subprocess.Popen([sys.executable, "-c", CLIENT], stdin=subprocess.PIPE)
for i in range({CONNECTIONS}):
    keep.append(l.accept()[0])
    if i == {CONNECTIONS} // 2:
        bound.append(bind())
bound.append(bind())
print(json.dumps({{"inodes": [os.fstat(s.fileno()).st_ino for s in bound]}}))
"""
# Comes and goes on the same port, at the head of the list and amid it.
CHURN = f"""
import socket
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
l.bind(("127.0.0.1", {PORT}))
l.listen(4096)
print("on", flush=True)
while True:
    made = [socket.create_connection(("127.0.0.1", {PORT})) for _ in range(100)]
    for s in made:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
        s.close()
    l.setblocking(False)
    try:
        while True:
            l.accept()[0].close()
    except BlockingIOError:
        pass
"""


@pytest.fixture(scope="module")
def port(ss):
    if not kernel.LISTS_BOUND:
        pytest.skip("this kernel has no list of bound sockets")
    net = netns.Script(SOCKETS).start()
    yield net
    net.stop()


def listed(net, ss):
    result = net.run([ss, "--source=bpf", "-HOtBe"])
    assert result.status == 0 and result.err == b"", result.err
    return rows.by_word(result.out.decode().splitlines(), "ino:")


@pytest.mark.heavy
def test_long_list(ss, walks, port):
    expected = {str(i) for i in port.made[0].inodes}
    assert len(expected) == 3
    found = listed(port, ss)
    assert set(found) == expected and not [i for i in found if len(found[i]) != 1]
    counted = port.run([ss, "--source=bpf", "-Hta", "--by=state"]).out.decode().split()
    assert counted[counted.index("closed") + 1] == "3"
    assert int(counted[counted.index("established") + 1].replace(",", "")) == 2 * CONNECTIONS


@pytest.mark.plain
@pytest.mark.heavy
def test_long_list_changes(ss, walks, port):
    expected = {str(i) for i in port.made[0].inodes}
    maker = port.popen([sys.executable, "-B", "-c", CHURN], stdout=subprocess.PIPE, text=True)
    try:
        assert maker.stdout.readline() == "on\n"
        for _ in range(40):
            found = listed(port, ss)
            assert set(found) == expected and not [i for i in found if len(found[i]) != 1]
        for _ in range(10):  # the kernel's counters, which change as well, give no cause for doubt
            result = port.run([ss, "--source=bpf", "-HOtn"])
            assert result.status == 0 and result.err == b"" and result.out.count(b"\n") >= 2 * CONNECTIONS
        assert maker.poll() is None
    finally:
        maker.kill()
        maker.wait()
