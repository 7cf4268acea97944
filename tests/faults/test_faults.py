# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A sample of what `make kit-faults` does, other faults in each build; and that the kit sees what is wrong."""

import argparse
import json
import re
import subprocess
import sys
import tempfile

import pytest

from faults import kit, plan, verdict
from faults.lines import Line, lines
from lib import builds, netns

EACH, EACH_SANITIZED = 4, 1


def test_sample(build):
    """No silent half of an answer, no crash, no report of a sanitizer, nothing that does not end."""
    each, share = (EACH_SANITIZED, 3) if build.is_sanitized else (EACH, 1)
    o = argparse.Namespace(each=each, share=share, seed=1, workers=2, minutes=8, only="")
    told = kit.run(build, o)
    total = kit.counts(told)
    assert not kit.wrong(told), "\n\n".join(map(kit.describe, kit.wrong(told)))
    assert sum(total.values()) > each * 60 / share
    assert total["told"] and total["whole"] and not total.get("hangs")


def inject(build, fault, *words, more=(), before=()):
    tool = builds.find_tool("../faults/inject")
    with tempfile.TemporaryFile("w+") as report:
        fd = report.fileno()
        argv = [*before, tool, *more, *(["-f", fault] if fault else []), "-r", str(fd), build.ss, *words]
        done = subprocess.run(argv, pass_fds=[fd], stdin=subprocess.DEVNULL, capture_output=True, env=builds.environment(), timeout=120)
        report.seek(0)
        return done.stdout, done.stderr, report.read().split("\n")[:-1]


def test_faults_are_injected(build):
    """Each call is told, and the one that is to fail does."""
    out, _, told = inject(build, "", "-Htan")
    assert told[-2:] == ["done 0", "status 0"]
    assert "call socket 1 16" in told and any(line.startswith("call openat 1 /") for line in told)
    _, err, told = inject(build, "write:1:ENOSPC", "-V")
    assert told == ["done 1", "status 1"] and b"No space left" in err
    assert inject(build, "write:1:short", "-V")[2] == ["done 1", "status 0"]
    assert inject(build, "write:1:short", "-V")[0] == inject(build, "", "-V")[0]
    assert b"Device or resource busy" in inject(build, "recvmsg:1:busy", "-tan", "--source=netlink", more=["-a"])[1]
    assert b"changed while they were listed" in inject(build, "recvmsg:1:torn", "-tan", "--source=netlink", more=["-a"])[1]
    _, _, told = inject(build, "write:1:EAGAIN", "-V", more=["-a", "-s", "1"])
    assert told[-1] in ("late", "status 1")


# The first process of a PID namespace, which holds a socket, with a child elsewhere, whose socket names an interface.
HOLDER = """
import re, socket, subprocess, sys
for place in re.findall(r"^\\S+ \\S+ \\S+ \\S+ (\\S+) .* - nsfs ", open("/proc/self/mountinfo").read(), re.M):
    subprocess.run(["umount", "-l", place])  # others' namespaces come and go
held = socket.create_server(("127.0.0.1", 7000))
there = ("import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo'); "
         "s.bind(('', 7001)); s.listen(); print(flush=True); input()")
child = subprocess.Popen(["unshare", "-n", sys.executable, "-c", there], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
subprocess.run(sys.argv[1:], close_fds=False)
"""


@pytest.mark.parametrize("words, call, detail, error, status, why", [
    # A signal is no failure.
    ("-tanp --source=proc", "openat", "1/stat", "EINTR", 0, None),
    ("-tanp --source=proc", "read", "/proc/1/stat", "EINTR", 0, None),
    ("-tanp --source=proc", "openat", "1/fd", "EINTR", 0, None),
    ("-N all -tan", "openat", "1/stat", "EINTR", 0, None),
    # Where BPF fails, there is another way.
    ("-tanp --source=bpf", "openat", "/sys/kernel/btf/vmlinux", "EINTR", 0, None),
    ("-tanp --source=bpf", "read", ".*memfd:.*", "EINTR", 0, None),
    ("-tanp --source=bpf", "read", "anon_inode:bpf_iter", "EIO", 0, None),
    ("-tan --cgroup", "readlink", "/proc/self/fd/\\d+", "EPERM", 0, None),
    # What may not be seen counts as hidden.
    ("-tanj --source=proc|has process", "openat", "1/stat", "EACCES", 3, "1 process may not be looked into"),
    ("-tanj --source=proc|has process", "openat", "1/fd", "EACCES", 3, "1 process may not be looked into"),
    # Anything else is told.
    ("-tanp --source=proc", "openat", "1/stat", "EIO", 1, "names of processes are missing: reading /proc/1/stat"),
    ("-tanp --source=proc", "read", "/proc/1/stat", "ENOMEM", 1, "names of processes are missing: reading /proc/1/stat"),
    ("-tanp --source=proc", "newfstatat", "1/fd", "EIO", 1, "processes are not shown"),
    ("-tanjp --source=proc", "read", "/proc/1/stat", "EIO", 3, "names of processes are missing"),
    ("-tanp --source=proc", "readlinkat", "self", "EIO", 1, "processes are not shown: reading the processes: reading /proc/self"),
    ("-N all -tan", "openat", "1/stat", "first EIO", 0, "may be shown by another name, or by number: 1/stat"),
    ("-N all -tan", "newfstatat", "1/task", "EIO", 1, "not all processes were looked at: 1/task"),
    ("-N all -tan", "newfstatat", "1/ns/net", "EIO", 1, "not all processes were looked at: 1/ns/net"),
    ("-N all -tan", "getdents64", "/proc", "first EIO", 1, "not all processes were looked at"),
    ("-N all -tan", "openat", "/proc/sys/net/ipv4/tcp_ehash_entries", "EIO", 1, "network namespaces is not listed"),
    # Not the sockets of wherever the thread was left.
    ("-tanj --columns=peer.pid", "setns", ".*", "EPERM", 4, "coming back from another network namespace"),
    ("-N all -tan", "setns", ".*", "EPERM", 1, "coming back from another network namespace"),
    ("--summary=full", "read", "/proc/\\d+/net/sockstat", "EIO", 3, "memory of the protocols: /proc/net/sockstat"),
    ("-tan|tcp.mss > 0", "socket", "16", "on EAFNOSUPPORT", 1, "Address family not supported"),
    ("-K --dry-run -tan", "socket", "16", "on EPROTONOSUPPORT", 1, "Protocol not supported"),
])  # fmt: skip
def test_mended(build, words, call, detail, error, status, why):
    """What once lost a part of the answer in silence. The last of these calls fails, or the first, with "on" all from there."""
    how, _, error = error.rpartition(" ")
    before = ["unshare", *netns.namespace_flags(), "-p", "-f", "--kill-child", "--mount-proc", sys.executable, "-c", HOLDER]
    options, _, term = words.partition("|")
    argv = [*options.split(), *([term] if term else [])]
    for _ in range(5):  # two threads at work: the number of a call may be that of another, another time
        out, err, told = inject(build, "", *argv, before=before)
        numbers = [w[2] for w in (line.split(" ", 3) for line in told) if w[:2] == ["call", call] and re.fullmatch(detail, w[3])]
        if not numbers and ("bpf" in words or "cgroup" in words):
            pytest.skip(f"no BPF, or no cgroups, here: {err.decode()}")
        assert numbers, (told, err)
        fault = f"{call}:{numbers[0 if how else -1]}:{error}"
        failed_out, failed_err, told = inject(build, fault, *argv, before=before, more=["-a"] * (how == "on"))
        if told[-1] == f"status {status}" and told[-2] != "done 0" and (why is None or why.encode() in failed_err):
            break
    assert told[-1] == f"status {status}" and told[-2] != "done 0", failed_err
    if why is None:
        assert (lines_of(failed_out), failed_err) == (lines_of(out), err)
        return
    assert why.encode() in failed_err and why.encode() not in err
    if options.startswith("-tanj"):
        assert json.loads(failed_out)["complete"] is False


def lines_of(out):
    """Without the numbers of sockets and namespaces, which are new each time."""
    return re.sub(rb"\d{6,}", b"N", out)


WHOLE = b'{"sockets":[\n{"uid":0}\n],"notes":[],"complete":true}\n'
PART = WHOLE.replace(b'{"uid":0}\n', b"")
FAULT = plan.Fault("recvmsg", 1, "ENOMEM", "-")
HIDDEN = plan.Fault("openat", 9, "EACCES", "7/fd")


@pytest.mark.parametrize("words, fault, whole, got, want", [
    ("-tanj", FAULT, (0, WHOLE, b""), (0, WHOLE, b""), "whole"),
    ("-tanj", FAULT, (0, WHOLE, b""), (0, PART, b""), "wrong"),
    ("-tanj", FAULT, (0, WHOLE, b""), (3, PART, b"ss: why"), "wrong"),
    ("-tanj", FAULT, (0, WHOLE, b""), (3, PART.replace(b"true", b"false"), b"ss: why"), "told"),
    ("-tanj", FAULT, (0, WHOLE, b""), (3, PART.replace(b"true", b"false"), b""), "wrong"),
    ("-tanj", FAULT, (0, WHOLE, b""), (0, PART.replace(b"true", b"false"), b"ss: why"), "wrong"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (0, b"a\n", b""), "wrong"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (0, b"a\n", b"ss: why"), "warned"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (1, b"a\n", b"ss: why"), "told"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (1, b"a\n", b""), "wrong"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (-11, b"a\n", b"ss: why"), "wrong"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (99, b"a\nb\n", b"ERROR: AddressSanitizer"), "wrong"),
    ("-tan", FAULT, (0, b"a\nb\n", b""), (None, b"a\nb\n", b""), "wrong"),
    ("-tanp", HIDDEN, (0, b'a users:(("x",pid=1,fd=2))\nb\n', b""), (0, b"a\nb\n", b""), "unseen"),
    ("-tanp", HIDDEN, (0, b'a users:(("x",pid=1,fd=2))\nb\n', b""), (0, b"b\n", b""), "wrong"),
    ("-tan", HIDDEN, (0, b'a users:(("x",pid=1,fd=2))\nb\n', b""), (0, b"a\nb\n", b""), "wrong"),
    ("-tanpj|process.name = x", HIDDEN, (0, WHOLE, b""), (0, PART, b""), "wrong"),
])  # fmt: skip
def test_verdicts(words, fault, whole, got, want):
    line = Line(words.split("|"))
    assert verdict.judge(line, fault, verdict.Answer(*whole), verdict.Answer(*got))[0] == want


def test_every_mode_is_there():
    """Each option that lists or acts is in some line, and each format."""
    paths = {f"@{w}@": "x" for w in ("FILTER", "OUT", "NETNS", "RECORDING", "PAST", "MADE")}
    text = " ".join(map(str, lines(paths)))
    forms = re.findall(r"^FORMAT\((\w+)", (builds.ROOT / "src/sink/format/formats.def").read_text(), re.M)
    assert len(forms) >= 5
    for form in forms:
        assert f"--format={form}" in text or form == "table"
    for word in ("-E", "-D", "-K", "-F", "-s", "-N all", "--by=", "--sort=", "--summary=full", "--source=bpf", "--source=proc",
                 "TCPDIAG_FILE", "PROC_NET_TCP", "--record=", "--from=", "--diff=", "use"):
        assert word in text
