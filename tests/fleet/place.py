# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Hosts in namespaces: each has a name, an address, an sshd and connections of which it is known whose they are.

Run as root in network, mount and UTS namespaces of its own, which end with it; nothing of the machine is changed.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PORT = 7000
WAIT_S = 30

HOST = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
server = socket.create_server(("0.0.0.0", %d), backlog=2048)
keep = [server]
for line in sys.stdin:
    peer, n = line.split()
    for i in range(int(n)):
        keep += [socket.create_connection((peer, %d)), server.accept()[0]]
    if peer == "127.0.0.1":
        break
print("ready", flush=True)
sys.stdin.read()
""" % (PORT, PORT)

SSHD = """
Port 22
HostKey {path}/host_key
AuthorizedKeysFile {path}/key.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
SetEnv PATH={programs}:/usr/sbin:/usr/bin:/sbin:/bin
"""

SSH = """
Host *
IdentityFile {path}/key
UserKnownHostsFile /dev/null
StrictHostKeyChecking no
LogLevel ERROR
ConnectTimeout 5
"""


# In place of ssh where there is no sshd: goes into the namespaces of the host.
STAND_IN = """#!/bin/sh
while :; do case $1 in -F|-o|-l) shift 2 ;; -*) shift ;; *) break ;; esac; done
host=$1 pid=$(sed -n "s/^$1 //p" {path}/pids); shift
[ -n "$pid" ] || {{ echo "ssh: connect to host $host port 22: Connection refused" >&2; exit 255; }}
PATH={programs}:/usr/sbin:/usr/bin:/sbin:/bin exec nsenter -t "$pid" -n -u -- sh -c "$*"
"""


def missing(has_sshd):
    """What has to be installed, or None."""
    over_ssh = (("ssh", "openssh-client"), ("/usr/sbin/sshd", "openssh-server"))
    for program, package in (("clush", "clustershell"), ("ip", "iproute2"), *(over_ssh if has_sshd else ())):
        if not shutil.which(program):
            return f"{program} is missing: it is in the package {package}"
    return None if os.geteuid() == 0 else "only root makes network namespaces"


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=WAIT_S, **more)


class Place:
    """@n hosts, web1 to webN, that run the program @ss; connections by @seed."""

    def __init__(self, path, ss, n, has_sshd=True, seed=20):
        self.path, self.ss, self.n, self.has_sshd = Path(path), Path(ss), n, has_sshd
        chance = random.Random(seed)
        self.peers = [{f"127.0.{chance.randrange(4)}.{2 + int(chance.paretovariate(0.6)) % 60}": chance.randrange(1, 9) for _ in range(25)} for _ in range(n)]
        self.procs, self.sshd = [], []

    def names(self):
        return [f"web{i + 1}" for i in range(self.n)]

    def truth(self, hosts=None):
        """How many connections there are to which peer."""
        all_of = {}
        for i in hosts if hosts is not None else range(self.n):
            for peer, n in self.peers[i].items():
                all_of[peer] = all_of.get(peer, 0) + n
        return all_of

    def write(self, name, text):
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)
        return self.path / name

    def prepare(self):
        """Keys, names and configurations, some of them in place of the machine's in this mount namespace."""
        for key in ("key", "host_key") if self.has_sshd else ():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.path / key))
        programs = self.path / "programs"
        programs.mkdir()
        (programs / "ss").symlink_to(self.ss)
        environment = {**os.environ, "CLUSTERSHELL_CFGDIR": str(self.path / "clush"), "PDSH_SSH_ARGS_APPEND": f"-F {self.path}/ssh_config"}
        if not self.has_sshd:
            self.write("bin/ssh", STAND_IN.format(path=self.path, programs=programs)).chmod(0o755)
            environment["PATH"] = f"{self.path}/bin:{environment['PATH']}"
        self.write("sshd_config", SSHD.format(path=self.path, programs=programs))
        self.write("clush/clush.conf", f"[Main]\nfanout: 64\nconnect_timeout: 5\ncommand_timeout: 0\nssh_options: -F {self.path}/ssh_config\n")
        self.write("clush/groups.conf", f"[Main]\ndefault: local\n[local]\nmap: sed -n 's/^$GROUP: //p' {self.path}/groups\nall: sed 's/^.*: //' {self.path}/groups\nlist: sed 's/:.*//' {self.path}/groups\n")
        self.write("groups", f"web: web[1-{self.n}]\n")
        self.write("ssh_config", SSH.format(path=self.path))
        if not self.has_sshd:
            return environment
        hosts = "127.0.0.1 localhost\n" + "".join(f"10.20.{i}.2 web{i + 1}\n" for i in range(self.n))
        users = Path("/etc/passwd").read_text()
        if "\nsshd:" not in users:
            users += "sshd:x:65500:65534::/run/sshd:/usr/sbin/nologin\n"
        for name, text in (("hosts", hosts), ("passwd", users)):
            run("mount", "--bind", str(self.write(name, text)), f"/etc/{name}")
        run("mount", "-t", "tmpfs", "none", "/run")
        os.mkdir("/run/sshd", 0o755)
        return environment

    def start_host(self, i):
        enter = ["unshare", "-n", "-u", "--"]
        script = f"hostname web{i + 1} && ip link set lo up && exec {sys.executable} -c \"$0\""
        proc = subprocess.Popen([*enter, "sh", "-c", script, HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.procs.append(proc)
        mine = os.stat("/proc/self/ns/net").st_ino
        end = time.monotonic() + WAIT_S
        while os.stat(f"/proc/{proc.pid}/ns/net").st_ino == mine:
            assert time.monotonic() < end, "no namespace"
            time.sleep(0.005)
        run("ip", "link", "add", f"h{i}", "type", "veth", "peer", "name", "eth0", "netns", str(proc.pid))
        run("ip", "addr", "add", f"10.20.{i}.1/30", "dev", f"h{i}")
        run("ip", "link", "set", f"h{i}", "up")
        inside = ["nsenter", "-t", str(proc.pid), "-n", "-u", "--"]
        run(*inside, "ip", "addr", "add", f"10.20.{i}.2/30", "dev", "eth0")
        run(*inside, "ip", "link", "set", "eth0", "up")
        for peer, n in self.peers[i].items():
            proc.stdin.write(f"{peer} {n}\n")
        proc.stdin.write("127.0.0.1 0\n")
        proc.stdin.flush()
        assert proc.stdout.readline() == "ready\n"
        with open(self.path / "pids", "a") as pids:
            pids.write(f"web{i + 1} {proc.pid}\n")
        if not self.has_sshd:
            return
        log = open(self.path / f"sshd{i}.log", "w")
        self.sshd.append(subprocess.Popen([*inside, "/usr/sbin/sshd", "-D", "-e", "-f", str(self.path / "sshd_config")], stderr=log))
        while True:
            try:
                socket.create_connection((f"10.20.{i}.2", 22), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < end, (self.path / f"sshd{i}.log").read_text()
                time.sleep(0.02)

    def start(self):
        self.env = self.prepare()
        run("ip", "link", "set", "lo", "up")
        for i in range(self.n):
            self.start_host(i)
        return self

    def take_away(self, i):
        if not self.has_sshd:
            lines = (self.path / "pids").read_text().splitlines(True)
            (self.path / "pids").write_text("".join(line for line in lines if not line.startswith(f"web{i + 1} ")))
            return
        self.sshd[i].send_signal(signal.SIGTERM)
        self.sshd[i].wait(WAIT_S)

    def stop(self):
        for proc in [*self.sshd, *self.procs]:
            proc.kill()
            proc.wait(WAIT_S)
