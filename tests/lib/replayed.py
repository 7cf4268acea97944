# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What a machine answers, and what its recording answers: the same bytes, but for what moves with the clock."""

import difflib
import random
import re

LINES = """
-tan -tanp -tane -tam -tai -tao -tanOi -tanmeio -tanQ -tanH -a -an -anp -ane -anm -l -lnp -tl -ua -uan -uap -xa
-xan -xap -xae -xam -wa -wan -0 -0ane -0b -f:netlink -A:unix_dgram:-a -A:packet:-a -A:tcp,unix_stream:-a -Ma -Mlni -Sa -da
-f:vsock:-a -f:link:-a -4tan -6tan -4a -tan:state:established -tan:state:listening -tan:state:time-wait -tan:state:close-wait
-tan:exclude:established -Bn -uan:dev:lo -tan:src:127.0.0.0/8 -tan:dst:[::1] -tl:has:accept.queue
-ta:process=mksock -ta:user=root -ta:uid=0 -ta:tcp.rtt>1us -ta:has:tcp.rtt -ta:process.name~worker -xa:unix.name~s --cgroup:-an
--tos:-tan --inet-sockopt:-tan --peer:-tn --peer:-xa -aj -taj -tapj -xapj -uaj -a:--ndjson:-p -xa:--csv -ta:--columns=state,local,peer:--csv
-ta:--columns=local,process.exe,process.full_name,process.user,process.start,process.parent:--csv
-a:--columns=netid,state,local.port,process.name,unit,slice,cgroup -xa:--columns=netns,owner.why,local,user --json:-ta:--columns=tcp.*
-ta:--columns=direction,local,peer,peer.process -a:--columns=host,boot,netid -ta:--columns=accept.syn,reuseport.*,local
-a:--by=netid,state -ta:--by=state,peer.addr/24 -ta:--by=process.name -xa:--by=user,sum(recvq) -a:--by=state:--zero -a:--by=netid:--having=count>2
-ta:--by=local.port:--sort=count:--limit=3 -ta:--sort=recvq:desc -tan:--limit=3 -tan:--sort=local.port -ta:--format=dot
-ta:--format=openmetrics:--by=state --ports:--columns-less --ports:7650 --ports:1 --exists:-tan --exists:-tan:sport:=:1 -tan:--explain-less
""".split()
LINES = [line.split(":") if "[" not in line and "recvq:desc" not in line else re.split(r":(?!:|1\]|desc)", line) for line in LINES if "-less" not in line]

SELECT = ["-ta", "-tan", "-t", "-tl", "-uan", "-ua", "-xa", "-xl", "-0", "-wa", "-4a", "-6tan", "-Ma", "-tua", "-txa"]
SHOW = ["-p", "-e", "-m", "-i", "-o", "-n", "-O", "-Q", "-H", "--cgroup", "--tos", "--inet-sockopt", "--peer"]
FILTER = ["sport = :7650", "dport > 1024", "src 127.0.0.1", "dst ::1", "state = established", "uid = 0", "has process", "not has process",
          "recvq > 0", "process.name ~ m", "inode > 0", "local.port in {1-9000}", "user = root", "tcp.rto > 1ms", "has cgroup",
          "netid = tcp", "peer.addr = 127.0.0.1", "dev lo", "not dev lo"]  # fmt: skip
COLUMNS = ["state", "local", "peer", "local.port", "peer.addr", "process", "process.pid", "process.exe", "user", "uid", "inode", "cookie",
           "recvq", "sendq", "cgroup", "unit", "slice", "netns", "netid", "family", "mem.rcvbuf", "tcp.rto", "tcp.cwnd", "tcp.mss", "accept.queue",
           "accept.limit", "direction", "owner.why", "local.service"]  # fmt: skip


def random_line(rng):
    """A command line that ss takes."""
    words = [rng.choice(SELECT)]
    kind = rng.choice(["classic", "classic", "json", "ndjson", "csv", "table", "by"])
    if kind == "classic":
        words += rng.sample(SHOW, rng.randrange(4))
    elif kind == "by":
        words.append("--by=" + ",".join(rng.sample(COLUMNS, rng.randrange(1, 3))))
    else:
        words += [f"--format={kind}", "--columns=" + ",".join(rng.sample(COLUMNS, rng.randrange(1, 6)))]
    if kind != "classic" and rng.random() < 0.3:
        words.append("--limit=%d" % rng.randrange(1, 9))
    elif rng.random() < 0.2:
        words.append("--sort=" + rng.choice(["local.port", "recvq:desc", "inode"]) if kind != "by" else "--sort=count")
    if rng.random() < 0.5:
        words += rng.choice([" or ", " and "]).join(rng.sample(FILTER, rng.randrange(1, 3))).split()
    return words


def random_lines(seed, n):
    rng = random.Random(seed)
    return [random_line(rng) for _ in range(n)]


MOVING = re.compile(rb"timer:\([^)]*\)|last(?:snd|rcv|ack):\d+|last_(?:data_sent|data_recv|ack_recv):\d+|\"(?:expires|last_[a-z_]+)\":\d+|\bss:\d+")
# Who may look into no other process calls the namespace by ss itself.
# The command line itself; and notes, which say that what was missing was so when it was recorded.
WORDS = re.compile(rb"\"query\":\"(?:[^\"\\]|\\.)*\"|query=\"[^\"]*\"|^// .*\n?|\{\"level\":\"[a-z]+\",\"text\":\"[^\"]*\"\},?\n?", re.M)
# ss is among those that have netlink sockets.
OWN = re.compile(rb"^.*(?:tcpdiag|\b4:\d+|\"protocol\":4,\"portid\":[1-9]|\(\(\"ss\",|ss\(\d+\)).*\n?", re.M)


# The kernel has them in the order of a table, which one more of them changes.
NETLINK = re.compile(rb"^nl[ ,]|\"netid\":\"nl\"|^(?:UNCONN )?\d+ \d+ \S+:(?:kernel|\d+|\S+/\d+) \*")


def in_order(lines):
    found = iter(sorted(line for line in lines if NETLINK.search(line)))
    return [next(found) if NETLINK.search(line) else line for line in lines]


def at_rest(out):
    """Without what moves; how much room that takes moves too."""
    out = MOVING.sub(lambda m: re.sub(rb"[\d.]+|sec|min|ms", b"", m[0]), WORDS.sub(b"", OWN.sub(b"", out)))
    out = re.sub(rb" +", b" ", re.sub(rb" +$", b"", out, flags=re.M))
    return b"\n".join(in_order(out.split(b"\n")))


def difference(live, past):
    a, b = (at_rest(o).decode("utf-8", "backslashreplace").splitlines() for o in (live, past))
    return "\n".join(difflib.unified_diff(a, b, "live", "recorded", lineterm="", n=0))
