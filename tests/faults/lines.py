# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The command lines into which faults are injected: every mode of the program.

A line is words, and what is particular about it:

    env     variables of its environment
    stdin   what is on its standard input
    own     it lists its own netlink sockets, whose numbers change from run to run
    binary  it gives bytes that hold times: only how many there are counts
    events  it follows what is destroyed, and ends after so many
"""

import re
from dataclasses import dataclass, field


@dataclass
class Line:
    words: list
    env: dict = field(default_factory=dict)
    stdin: bytes = b""
    own: bool = False
    binary: bool = False
    events: int = 0
    program: str = "ss"

    def __str__(self):
        env = "".join(f"{k}={v} " for k, v in self.env.items())
        return env + " ".join(w if w and " " not in w else f"'{w}'" for w in [self.program, *self.words])

    @property
    def form(self):
        """classic, or which of the formats."""
        for word in self.words:
            if word.startswith("--format="):
                return word.partition("=")[2]
            if word == "--json" or re.match(r"-\w*j", word):
                return "json"
        if self.program != "ss":
            return "library"
        if self.is_metrics:
            return "openmetrics"
        return "table" if any(w.startswith(("--columns", "--by", "--sort", "--limit", "--ports", "--unbound")) for w in self.words) else "classic"

    @property
    def is_overview(self):
        return "--summary=full" in self.words

    @property
    def is_metrics(self):
        return "--metrics" in self.words

    @property
    def is_ports(self):
        return "--ports" in self.words

    @property
    def by_owners(self):
        """Whether its records are of owners, one for each."""
        return "--by=process.name" in self.words

    @property
    def owners(self):
        """Whether it shows who holds a socket, and nothing depends on that."""
        return self.program != "ss" or self.is_overview or self.is_ports or any(w.startswith("-") and not w.startswith("--") and "p" in w for w in self.words)


PLAIN = """
-tan
-tuanp
-tanoemi
-tanpT
-tupnlO
-4uanH
-6tanQ
-xan
-xap
-wan
-0anb
-f vsock -a
-f tipc -an
-f xdp -an
-f smc -an
-A mptcp,sctp,dccp -an
-tanZz
-tan --tos --cgroup --inet-sockopt
-tanB
-s
--summary=full
--ports
--ports 1-65535 --format=json
-N all --ports
-tl --columns=local.port,accept.syn,reuseport.size
-N all -tan
-N all -tanp --format=json --columns=netns,state,local.port,process.name
--all-netns --by=netns,state --format=json
-N all -tan --source=bpf
-N @NETNS@ -tan
-tan --source=bpf
-tuanp --source=bpf
-tan --source=proc
-uxwanp --source=proc
-tan --source=netlink --by=state
-tan --bpf-maps
-K --dry-run -tan sport = :40001
-K --dry-run -xan -H
-tan --format=json
-tuxwanp --format=json --columns=netid,state,local.*,peer.*,process,uid,inode
-tan --format=ndjson --columns=state,local.port,peer.port,tcp.cong,tcp.mss
-tan --format=csv --columns=state,local.port,cgroup
-tan --format=openmetrics --columns=state,local.port,recvq
-tan --format=prometheus --by=state
-tan --format=dot
-tan --format=chart --by=state
-tan --format=svg --by=state
--unbound
--live=plain -tan --every=0.01 --count=2
--live=plain -tan --every=0.01 --count=2 --by=state
--exists -tan state = listening
-tan --by=state --having=count>0 --zero
-tMan -j
-tan --columns=state,local.port,peer.addr --sort=local.port:desc,peer.port
-tan --columns=local.port,state --sort=local.port --limit=3
-tuan --by=state,netid --format=csv
-tan --by=process.name --format=json
-tan --by=state,sum(recvq),max(sendq) --format=json
-tanj process.name = mksock
-tanj has process
-tan sport = :ssh or dst 10.0.0.0/8 and not dev lo
-tan dev = lo
-tan cgroup = / or not cgroup = /
-tan state listening
-tan -F @FILTER@
-tan -D @OUT@
-tar
-ta
-tanp --explain
--doctor=LSN11,LSN14,CLS01,HYG01 --format=json
--doctor=LSN14 -N all
-tan --by=state,peer.port,sum(recvq),p50(recvq),distinct(local.port) --partial
-tan --columns=state,local.port,process --partial
--merge @PART@ --format=csv
--merge @PART@ --by=host,state,sum(recvq) --format=json
--rules=LSN01
--metrics --skip=all
--metrics -t --doctor=LSN01,CLS01 --by=process.name --format=prometheus
--fields=tcp.*
--schema
--help
-V
--complete state fin
--complete -N
""".strip().splitlines()


def lines(paths):
    """All of them; @paths says what the words in @ stand for."""
    made = []
    for text in PLAIN:
        words = text.split()
        at = next((i for i, w in enumerate(words) if w in ("sport", "dev", "cgroup", "state", "process.name", "has")), None)
        if at is not None and "--complete" not in words:
            words[at:] = [" ".join(words[at:])]
        made.append(Line([paths.get(w, w) for w in words], binary="-D" in words or "--partial" in words or "--format=chart" in words or "--format=svg" in words))
    recording, past, made_file = paths["@RECORDING@"], paths["@PAST@"], paths["@MADE@"]
    made += [
        Line(["-tanoi"], env={"TCPDIAG_FILE": recording}),
        Line(["-tan", "--format=json", "--columns=state,local.port,tcp.rtt"], env={"TCPDIAG_FILE": recording}),
        Line(["-tan", "--by=state", "--format=csv"], env={"TCPDIAG_FILE": recording}),
        Line(["-tan"], env={"PROC_NET_TCP": "/proc/net/tcp", "PROC_NET_TCP6": "/proc/net/tcp6"}),
        Line(["-s"], env={"PROC_NET_SOCKSTAT": "/proc/net/sockstat"}),
        Line(["-tan", "-F", "-"], stdin=b"sport > 1024\nor sport = 22\n"),
        Line(["-tan", "-D", "-"], binary=True),
        Line(["-f", "netlink", "-an"], own=True),
        Line(["-l"], own=True),
        Line(["-E", "-tuan", "--format=ndjson", "--columns=state,local.addr", "--limit=3"], events=3),
        Line(["-E", "-tun", "--columns=state,local.addr", "--limit=2"], events=2),
        Line([f"--record={made_file}", "--keep=256KiB", "-tan"], own=True),
        Line([f"--record={made_file}", "--keep=256KiB", "--unbound", "--peer"], own=True),
        Line([f"--record={made_file}", "--keep=256KiB", "--every=0.01", "--count=3", "-ta"], own=True),
        Line([f"--record={made_file}", "--flight=1m", "--every=0.01", "--count=2", "--doctor=LSN11,LSN14", "--fail-on=info", "-t"], own=True),
        Line([f"--from={past}", "-tanp"]),
        Line([f"--from={past}", "--since=first", "-ta", "--by=state", "--format=csv"]),
        Line([f"--from={past}", "--events=close,reset", "--format=json"]),
        Line([f"--from={past}", "--doctor=listen", "--format=json"]),
        Line([f"--from={past}", "--diff=@first", "-tan", "--format=json"]),
        Line([], program="use"),
        Line([recording], program="use"),
    ]
    return made
