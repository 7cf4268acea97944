# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Whether an answer with a fault is right: the same bytes as without, or said not to be whole.

    whole    the same bytes, status 0
    told     a message, and a status that says so; records have complete: false
    warned   another answer with status 0, and a warning in every output: docs/compatibility.md, Messages
    unseen   owners are missing that the kernel would not show: as quiet as iproute2
    gone     a process is missing of which the kernel said that it has ended
    absent   a file is not there that need not be, the C library did not tell that it cannot read names, or the
             reader of the output is gone

Anything else is wrong, and the text says how.
"""

import json
import re
from dataclasses import dataclass

from faults import plan
from lib import compare

# What the kernel says of a process that may not be looked into, or has just ended.
UNSEEN = {"EACCES", "EPERM", "ENOENT"}
LOOKS = {"openat", "readlinkat", "readlink", "newfstatat", "getdents64", "faccessat2", "statx", "read", "pread64", "access"}
PROCESSES = re.compile(rb'users:\(\(.*?\)\)(?= |$|\t)|"process":\[[^\]]*\],?|"\(.*?\)"', re.M)
IN_OVERVIEW = re.compile(rb" (-|\S+\(N\)(,\S+\(N\))*)$", re.M)
OF_LISTENERS = re.compile(rb'"process":\[[^\]]*\],?|"workers":[0-9]+,?|(?<= )(-|\S+\([0-9]+\)(\+[0-9]+)?)(?= |$)', re.M)
# What the C library reads to find names; it takes what it cannot read for empty, and does not say so.
NAMES = re.compile(r"/etc/(nsswitch|host|resolv|gai)\.conf|/etc/(hosts|services|protocols|ld\.so\.cache)")
OTHER_KERNEL = re.compile(r"/proc/thread-self/net/(tcp6|udp6|raw6|unix|packet|netlink)")
NUMBERS = re.compile(rb"[0-9]+")
# What moves with time in records.
TIMES = re.compile(rb'(?<=")(last_\w+|expires|rto|busy_time|lastsnd|lastrcv|lastack)":[0-9]+')


@dataclass
class Answer:
    status: int  # negative: the signal that ended it; None: it did not end
    out: bytes
    err: bytes
    file: bytes = b""  # what it wrote to a file
    done: int = 0  # how often the fault came


def comparable(line, answer):
    """What has to be the same again."""
    if line.binary:
        return len(answer.out), len(answer.file)
    if line.own:
        rows = re.sub(rb" +", b" ", NUMBERS.sub(b"N", answer.out)).splitlines()
        # Those that ask, also a program that has just ended: the kernel frees its socket a little later.
        return sorted(row for row in rows if b" tcpdiag:" not in row and not re.search(rb" (N|rtnl):", row))
    out = TIMES.sub(rb'\1":N', compare.mask(answer.out, compare.MOVING))
    if line.words[:1] == ["-s"] or "--explain" in line.words or line.is_overview:
        out = NUMBERS.sub(b"N", out)
    if line.is_overview:  # the kernel frees the netlink sockets of a program that has just ended a little later
        out = re.sub(rb"^nl .*\n| +(?= )", b"", out, flags=re.M)
    if line.is_metrics:  # the machine's counters and memory move, and so does a program that has just ended
        out = re.sub(rb'^(sockeye_(?:\w+_total|scrape_duration_seconds|\w+_memory_bytes|tcp_\w+|softnet_\w+|conntrack_entries|sockets\{netid="nl".*\})) \S+$', rb"\1 N", out, flags=re.M)
    if line.words[:1] == ["--live=plain"]:
        out = re.sub(rb"^[0-9-]+T[0-9:.]+Z: ", b"", out, flags=re.M)
    if line.events:
        return len(out.splitlines())
    return out


def without_owners(line, answer):
    pattern = IN_OVERVIEW if line.is_overview else OF_LISTENERS if line.is_ports else PROCESSES
    text = pattern.sub(b"", comparable(line, answer))
    text = re.sub(rb'\n?\{"level":"hint".*?\},?|\n\]', b"", text)  # which may tell of it
    return sorted(b" ".join(row.split()) for row in text.splitlines())


def bare_records(out):
    """How many records of owners there are without one."""
    return sum(b'"process":[{' not in row and b'"process":{' not in row for row in out.splitlines() if row.startswith(b"{"))


def says_complete(line, out):
    """Whether the records say that they are; None when they say nothing about it."""
    if line.form == "json" and out.strip():
        try:
            return json.loads(out).get("complete")
        except ValueError:
            return None  # cut short, which shows
    if line.form == "openmetrics" and b"# EOF" in out:
        return re.search(rb"^sockeye_complete(\{.*\})? 1$", out, re.M) is not None
    return None


def is_same(line, a, b):
    """The same bytes; where a value that moves has another length, padding does not count."""
    if comparable(line, a) == comparable(line, b):
        return True
    if line.form != "classic" or not compare.MOVING.search(a.out):
        return False
    return compare.loose(a.out, compare.MOVING) == compare.loose(b.out, compare.MOVING)


def is_vanished(fault):
    """Whether the kernel says what it says of a process that has ended meanwhile."""
    return fault.error in plan.VANISHED and fault.call in LOOKS and plan.OF_PROCESS.fullmatch(fault.detail)


def is_other_kernel(fault):
    """Whether the kernel seems to be one without such sockets; that there is /proc is seen to, and IPv4 is everywhere."""
    return fault.call == "openat" and fault.error == "ENOENT" and OTHER_KERNEL.fullmatch(fault.detail)


def is_of_process(fault):
    return fault.call in LOOKS and (fault.error in UNSEEN or fault.call == "read" and fault.error == "ESRCH")


def judge(line, fault, whole, got):
    """The verdict, and "wrong" with why."""
    if got.status is None:
        return "wrong", "it hangs"
    if got.status < 0 or got.status in (99, 124, 125, 126, 134, 139):
        return "wrong", f"it crashes: {got.status} {got.err.decode(errors='replace')[-1500:]}"
    says = got.err.strip() != b""
    if got.status != whole.status:
        if fault.call == "write":  # standard error may be what fails
            return ("absent" if fault.error == "EPIPE" else "told"), ""
        if not says:
            return "wrong", f"status {got.status} without a message"
        if says_complete(line, got.out):
            return "wrong", f"status {got.status}, and complete"
        return "told", ""
    if is_same(line, got, whole):
        return "whole", ""
    if says and says_complete(line, got.out) is False:
        # What is asked of all network namespaces, in a PID namespace as here, is not whole in any case.
        is_told = says_complete(line, whole.out) is False and whole.status == 3
        return ("told", "") if is_told else ("wrong", "an error is told, and the status is that of a whole answer")
    if says:
        return "warned", ""
    if line.owners and is_of_process(fault) and without_owners(line, got) == without_owners(line, whole):
        return "unseen", ""
    # A socket that nobody in sight holds shows whether those matter that are hidden from root.
    if line.by_owners and is_of_process(fault) and bare_records(got.out) == bare_records(whole.out):
        return "unseen", ""
    if is_vanished(fault):
        return "gone", ""
    if "--explain" in line.words or "--complete" in line.words:
        return "absent", ""  # what would be done then; a word less, as there is no place to say why
    if NAMES.fullmatch(fault.detail.lstrip("@")) or is_other_kernel(fault):
        return "absent", ""
    if fault.lasting and fault.call == "newfstatat" and got.out.replace(b"  0     ", b"  root  ") == whole.out:
        return "absent", ""  # one that lasts, and has reached what the C library asks for names of users
    if fault.error == "ENOENT" and fault.detail.startswith(("/etc/", "/usr/share/", "/run/")):
        return "absent", ""
    return "wrong", "another answer, and nothing is said"
