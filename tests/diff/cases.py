# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The command lines that are compared, each with the sockets it runs on."""

import shlex
from dataclasses import dataclass
from itertools import product

from lib import compare


@dataclass(frozen=True)
class Case:
    line: str  # as in a shell, without the program
    net: str = "steady"
    columns: str = None
    variable: str = None  # of the environment, as NAME=VALUE

    @property
    def env(self):
        return {"COLUMNS": self.columns} | dict([self.variable.split("=", 1)] if self.variable else [])

    @property
    def argv(self):
        return shlex.split(self.line)

    @property
    def tokens(self):
        words = self.argv
        if any(w == "--summary" or (w.startswith("-") and not w.startswith("--") and "s" in w[1:]) for w in words):
            return compare.SUMMARY
        return compare.STEADY if self.net == "steady" else compare.MOVING

    def __str__(self):
        head = f"COLUMNS={self.columns} " if self.columns else ""
        head += f"{self.variable} " if self.variable else ""
        tail = "" if self.net == "steady" else f" ({self.net})"
        return f"{head}ss {self.line}".strip() + tail


# What people type: manuals, answers on the web, scripts.
TYPED = [
    "", "-t", "-u", "-l", "-p", "-s", "-w", "-x", "-a", "-4", "-6", "-4 -6", "-6 -4", "-n -r", "-nr", "-tunlp", "-tulpn",
    "-tan", "-tanp", "-ltnp", "-lnt", "-plunt", "-lnt '( sport = 80 )'", "-lnt '( sport = :80 )'", "-lntp sport = :22",
    "-tan 'dst 192.168.1.100'", "-tan dst 192.168.1.100:25", "-tan src 192.168.1.10", "-tan state established",
    "-t state established", "-o state established '( dport = 22 )'",
    "-o state established '( dport = :22 or sport = :22 )'", "-tan state close-wait", "-tanp state close-wait",
    "-tan state time-wait", "-tn state listening", "-tanoemi", "-tanoemip", "-xlp", "-xl", "-xap", "-xa", "-ua", "-ul",
    "-una", "-wa", "-wan", "-ta", "-tl", "-tp", "-ti", "-tm", "-te", "-to", "-tai", "-tami", "-taie", "-tap",
    "-H", "-Ha", "-HO", "-OQ", "-HQ", "-HOQ", "-tH", "-tO", "-tQ", "-tHOQ", "-tanHOQ", "-tanOi", "-tanOiem", "-tanHOiemop",
    "-tanQ", "-xaQ", "-s -t", "-s -H", "-st state established", "-as", "-ntu", "-tua", "-tuanp", "-tulwn", "-tuxa",
    "-f inet", "-f inet6", "-f unix", "-f link", "-f netlink", "-f inet -ta", "-f inet6 -ta", "-f link -a", "-f unix -a",
    "-f netlink -a", "-M", "-Ma", "-Man", "-Mi", "-Maie", "-B", "-tB", "-tBn", "-an", "-ane", "-anp", "-anop", "-aneop",
    "-anm", "-ani", "-l -n -p", "--tcp --listening --numeric", "--udp --all", "--unix --all", "--raw --all --numeric",
    "--summary", "--no-header -t", "--oneline -ti", "--no-queues -t", "--tos -ta", "--tos -uan", "--cgroup -ta", "-te --cgroup",
    "--inet-sockopt -tan", "--inet-sockopt -uan", "--inet-sockopt -tanO", "--tos --cgroup --inet-sockopt -tan",
    "-tanoemi --tos --cgroup --inet-sockopt", "--inf -t", "--ext -t", "--mem -ta", "--proc -ta", "--list -t", "-0", "-0a",
    "-0ae", "-0aem", "-0ab", "-0aebm", "-0aO", "-0aeO", "-0aebO", "-0an", "-0anp", "-E -V", "-V", "-v", "-h", "--help",
    "--version", "-f help", "-S", "-Sa", "-Si", "-d", "--vsock", "--vsock -a", "--xdp", "--xdp -ae", "--tipc", "--tipc -a",
    "-tT", "-tapT", "-tlpT", "-taT", "-u -l -p -n", "-tunap", "-anpe", "-tx", "-tx -a", "-x -4", "-tu4", "-tu6", "-ta4", "-ta6",
    "-tan4", "-tan6", "-taen6", "-ua4", "-ua6", "-wa4", "-wa6", "-u4", "-u6", "-w4", "-06 -a", "-4 -x -a", "-b", "-xb", "-tb",
    "-A all", "-A all -a", "-A inet", "-A inet -a", "-A tcp", "-A tcp -a", "-A udp", "-A udp -a", "-A raw -a", "-A mptcp -a",
    "-A unix", "-A unix -a", "-A unix_stream -a", "-A u_str -a", "-A u_dgr -a", "-A u_seq -a", "-A unix_dgram -l",
    "-A unix_seqpacket -l", "-A packet", "-A packet -a", "-A p_raw -a", "-A p_dgr -a", "-A packet_raw -ae", "-A netlink",
    "-A netlink -a", "-A netlink -ap", "-A netlink -ape", "-A netlink -apem", "-A netlink -an", "-A tcp,udp -a",
    "-A tcp,unix -an", "-A 'all,!tcp' -a", "-A '!tcp,all' -an", "-A '!tcp'", "-A 'inet,!udp' -a", "-t -A udp", "-A udp -t",
    "-A tcp -A udp -a", "-A vsock -a", "-A xdp -a", "-A sctp -a", "-a -A tcp", "-l -A tcp", "-l -A inet -n",
    "-alt", "-lan", "-state", "-Atcp -a", "-aAtcp", "-aAu_str", "--query=tcp -a", "--query tcp -a", "--soc udp -a", "-t -- sport = 22",
    "-f link -f netlink", "-xf inet", "-f unix -t", "-A tcp -f inet6 -a", "-u -f inet6", "-0 -t", "-0 -4", "-Bl4", "-Bx", "-lxtu",
    "-A unix -4", "-aA u_str,u_seq -e", "-xae", "-xaem", "-xlem", "-xap", "-xaepm", "-xaO", "-xaH", "-xai", "-xao",
]  # fmt: skip

STATES = [
    "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "closed", "close-wait", "last-ack",
    "listening", "closing", "all", "connected", "synchronized", "bucket", "big", "unconnected", "bound-inactive",
]  # fmt: skip

STATE_LINES = [
    "-t exclude established", "-t excl listening", "-ta state established exclude established", "state LISTENING -t",
    "-tn state established state close-wait", "-tn exclude listening exclude closed", "state unconnected",
    "-x state listening", "-u state unconnected", "-u state established", "-a state established", "-l state established",
    "state established -tnH sport = 22", "-tn state all exclude listening", "-tan exclude all", "-t state all exclude all",
    "-xa state all exclude all", "-n exclude all", "-tH state listening exclude listening", "-tnl exclude all", "-tn state syn-rcv",
    "-w state all -n", "-0 state closed", "-0 state established", "-f netlink state established",
]  # fmt: skip

FILTERS = [
    "sport = 22", "sport = :22", "sport == 80", "sport eq 80", "sport != 80", "sport ne 22", "sport neq 22", "sport > 7000",
    "sport gt 7000", "sport < 1024", "sport lt 1024", "sport >= 7000", "sport geq 7000", "sport ge 7000", "sport <= 7000",
    "sport leq 81", "sport le 81", "sport 22", "sport :22", "dport = 22", "dport 7001", "dport > 7000 dport < 7003",
    "sport = 22 or sport = 80", "sport = 22 || sport = 80", "sport = 22 | sport = 80", "sport = 80 and dst 127.0.0.1",
    "sport = 80 && dst 127.0.0.1", "sport = 80 & dst 127.0.0.1", "sport = 80 dst 127.0.0.1", "not sport = 22", "! sport = 22",
    "not not sport = 22", "( sport = 22 )", "( ( sport = 22 or dport = 22 ) )", "not ( sport = 22 or sport = 80 )",
    "sport = 22 or sport = 80 and dport = 1", "sport = 22 or ( sport = 80 and dport = 1 )", "sport = 22 and dport = 1 or sport = 80",
    "dport = 1 and sport = 80 or sport = 22", "not sport = 22 or sport = 22 and dst 1.2.3.4",
    "! ( sport = 80 and dst 127.0.0.1 )", "( sport = 80 or sport = 81 ) and not dst 127.0.0.1",
    "dst 127.0.0.1", "dst = 127.0.0.1", "dst == 127.0.0.1", "src 127.0.0.1", "src 127.0.0.1:8080", "src 127/8", "src 127.0.0.0/8:80",
    "dst 192.168.1.0/24", "dst 192.168/16", "dst 192.168.1.100:1080", "src 0.0.0.0", "src 0.0.0.0/0", "src 127.0.0.2:443",
    "src 127.0.0.0/255.0.0.0", "src 10.1", "src [::1]", "src [::1]:80", "dst [::1]", "src [::]", "src [::]:81", "dst [::1/128]",
    "src [::ffff:127.0.0.1]", "src [::ffff:0.0.0.0/96]", "src inet:127.0.0.1", "src inet6:[::1]", "dst inet:*:7001",
    "src *", "src *:80", "src :80", "dst :7001", "dst any", "src default", "dst all:7001", "not src 127.0.0.1", "not dst [::1]",
    "sport = ssh", "sport = http", "dport = smtp", "sport = https or sport = ssh", "sport > ssh", "sport = 0x16", "sport = 026",
    "src localhost", "dst server.example", "src server.example:25", "dst server.example:smtp",
    "dev lo", "dev = lo", "dev != lo", "not dev lo", "dev 1", "dev if1", "dev lo and sport = 53", "dev lo or sport = 22",
    "fwmark 0x2a", "fwmark = 42", "fwmark != 42", "fwmark 0/0", "fwmark 0x1/0x1", "not fwmark 0x2a", "fwmark 0x2a/0xff",
    "sport = 7200 and fwmark 42", "autobound", "not autobound", "autobound or sport = 22",
    "sport = *", "src :*", "sport >= 65000", "sport = 0", "sport > 0", "sport < 65535",
    "sport = 80 or sport = 81 or sport = 22 or sport = 7000 or sport = 7001", "sport gt 40000 sport le 40010",
    "sport = 22 and ( dst 127.0.0.1 or dst [::1] or ( dport > 1 and not dport = 5 ) )",
    r"sport = 22 or \( = 3", "'sport  =  22'", "'sport = 22' or 'sport = 80'", "''", "sport = 22 ''",
]  # fmt: skip

OTHER_FILTERS = [
    "-xa src '*listen*'", "-xa src unix:*.sock", "-xa src unix:LISTEN.SOCK", "-xa src @sockeye-abstract", "-xa src '@*'",
    "-xa not src '*listen*'", "-xa dst '*'", "-xa src ''", "-xla autobound", "-xa autobound", "-xa 'src unix:@a@b@'",
    r"-xa src '@bound\ only'", "-xa src 'unix:*'", "-0a src link:*:lo", "-0a src :lo", "-0a src ip", "-0a src ip:lo",
    "-0a src link:LLDP", "-0a sport lo", "-0a dev lo", "-0a src arp:*", "-0a src *", "-0a autobound", "-f netlink -a src netlink:rtnl",
    "-f netlink src rtnl", "-f netlink src rtnl:kernel", "-f netlink -n src 0:77000001", "-f netlink src genl:*",
    "-f netlink src netlink:15", "-f netlink src :77000002", "-f netlink autobound", "-A all -an sport = 22",
    "-an sport = 80", "-ua sport = 68", "-ua sport = bootpc", "-ua src 127.0.0.1", "-ua dst 127.0.0.1", "-ua dev lo",
    "-ua sport > 5000", "-uan dport 5353", "-u6a src [::1]", "-ua6 sport = 546", "-ua4 sport = 5353", "-wa src 127.0.0.1",
    "-ta src inet::22", "-ta src inet6:*", "-ta sport inet:22", "-ta sport = inet6:22", "-ta src default/0", "-ta src 0x7f.1", "-xa dst ''",
    "-ta dev != lo", "-ta dev 99", "-0a not dev lo", "-0a src IP", "-f netlink src netlink:RTNL", "-wa sport = icmp", "-Ma autobound",
    "-wa sport = 1", "-wan dst 127.0.0.1", "-wa sport = 253", "-t4 dst [::1]", "-t6 dst 127.0.0.1", "-4 -ta src 127.0.0.1",
    "-6 -ta src [::1]", "-6 -ta src 127.0.0.1", "-M sport = 7400", "-Ma dport = 7400", "-tu sport = 22 or sport = 5353",
    "-tuan sport = 53", "-ta cgroup /", "-a src 127.0.0.1", "-an src unix:*.sock", "-ltn src 0.0.0.0", "-ltn src [::]",
    "-A unix -a src '*'", "-A unix -a dst any", "-A unix -a not src '*'", "-A netlink -a src '*:*'", "-A unix,tcp -a sport = '*'",
    "-an src '*' and dst '*'", "-6a 'sport ge 1 and src inet:127.0.0.1'", "-6a 'src inet:127.0.0.1 and sport ge 1'",
    "-4a 'dst *:* and src inet6:[::1]'", "-xa 'sport lt 1'", "-xa 'sport ge 1 and src inet:127.0.0.1'", "--xdp src 127.0.0.1",
    "--tipc -a src 127.0.0.1", "--xdp -a sport = 22", "-a -f inet -f inet6", "-ta src 2130706433",
    "-x state listening src '*.sock'", "-uan fwmark 7", "-uan autobound", "-x -t src 127.0.0.1",
]  # fmt: skip

# What must fail, and how.
REFUSED = [
    "-q", "--nonsense", "--no", "-f nonsense", "-f INET", "-A nonsense", "-A tcp,", "-A ''", "-A TCP", "-t state nonsense",
    "-t state", "-t exclude nonsense", "-t state new-syn-recv", "-t '(' sport = 22", "-t sport = 22 ')'", "-t sport =", "-t sport",
    "-ta '\\'", "-t sport = 22 '\\'",
    "-t and", "-t not", "-t '('", "-t sport = 22 or", "-t or sport = 22", "-t dst", "-t sport foo", "-t sport = -1",
    "-t dst 1.2.3.4/33", "-t dst [::1/129]", "-t dst [::1", "-t dst [::1]/128", "-t dst ::1", "-t dport = 08", "-t dev nonsense",
    "-t fwmark x", "-t fwmark 5/", "-t dst '!=' 1.2.3.4", "-t '(sport' = 22", "-t nonsense.invalid", "-F /nonexistent",
    "-F /dev/null -F /dev/null", "-N nonexistent", "-D /nonexistent/x -t", "-D /dev/null -u", "-A '!tcp'", "-f", "-A", "-F",
    "-t sport = 22 sport", "-t sport = 22 = 22", "--numeric=yes", "-E -x", "-t cgroup /nonexistent", "--bpf-map-id x", "-Z", "-z",
    "-c", "-?", "-f inet,inet6", "-A ',tcp'", "-A 'tcp,,udp'", "-A '!'", "-N ''", "-N .", "-N ..", "-N /", "-N 99999999",
    "-N /proc/1/ns/mnt", "--bpf-map-id=-1", "--tos=1", "-t sport -1", "-t src 1.2.3.4.5", "-t src []", "-t src /8", "-t src [::1/]",
    "-xa src", "-t sport '=<' 3", "-0a src nonsense", "-f netlink src nonsense", "-t sport = 99999999999999999999",
]  # fmt: skip

# What the environment can change; of unix sockets /proc/net is read otherwise on purpose.
IN_ENVIRONMENT = {
    "PROC_ROOT=/proc": [
        "-tan", "-ta", "-tane", "-tano", "-tanm", "-tl", "-t4", "-tap", "-uan", "-uaneoimp", "-wan", "-0a", "-0an", "-A p_raw -a", "-Ma",
        "-Sa", "-s", "-f netlink -a", "-f netlink -ape", "-f netlink -apm", "-f netlink -apemO", "-tan sport = 22", "-tan dev lo",
        "-tan src 127.0.0.1", "-tan autobound", "-t state established",
    ],
    "PROC_NET_TCP=/dev/null": ["-tan"],
    "PROC_NET_TCP6=/dev/null": ["-tan"],
    "PROC_NET_UDP=/proc/net/udp": ["-uan"],
    "PROC_NET_RAW6=/dev/null": ["-wan"],
    "PROC_NET_PACKET=/proc/net/packet": ["-0a"],
    "PROC_NET_NETLINK=/dev/null": ["-f netlink"],
    "PROC_NET_MPTCP=x": ["-Ma"],
    "PROC_IP_LOCAL_PORT_RANGE=/dev/null": ["-ta", "-ta autobound"],
}  # fmt: skip

# Layout: every set of columns at several widths.
WIDE = [
    "-tan", "-tanp", "-tane", "-tano", "-tani", "-tanQ", "-xa", "-ltn", "-a", "-uanp", "-tanHO", "-0a", "-tanOe", "-xae",
    "-tanoemi", "-tan state listening", "-s", "-wa",
]  # fmt: skip
WIDTHS = ["1", "40", "80", "81", "132", "500", "0", "-5", "abc", "100x"]

# Every one of these alone and many pairs, on few tables.
DETAILS = ["-n", "-e", "-o", "-m", "-i", "-p", "-O", "-H", "-Q", "--tos", "--cgroup", "--inet-sockopt", "-T", "-b"]
TABLES = ["-ta", "-ua", "-wa", "-xa", "-Ma", "-0a", "-f netlink", "-tl"]

ON_MOVING = [
    "-tan", "-tanp", "-tano", "-tanoe", "-tanm", "-tani", "-tanie", "-tanoemi", "-tanop", "-ta -Q", "-t", "-o", "-tn", "-s",
    "-tan dport = 7505", "-tano state time-wait", "-tane state time-wait", "-tani state syn-recv", "-tanie state syn-sent",
    "-tanO state fin-wait-1", "-tan exclude time-wait", "-tanp state connected", "-tan state bucket", "-tan state big",
    "-tan exclude syn-recv", "-tn excl bucket", "-tan state all exclude syn-rcv exclude closing",
    "-tanei state last-ack", "-tanm state closing", "-ton state established", "-tn state fin-wait-2 dport = 40540",
    "-tan sport = 7501", "-tH state syn-recv", "-tn dst 127.0.0.1:7501", "-tan not state", "-tan autobound",
]  # fmt: skip


def all_cases():
    """In an order that does not depend on anything, without doubles."""
    cases = [Case(line) for line in TYPED + STATE_LINES + OTHER_FILTERS + REFUSED]
    cases += [Case(f"-tan state {s}") for s in STATES]
    cases += [Case(f"-tan {_shell(f)}") for f in FILTERS]
    cases += [Case(f"-a {_shell(f)}") for f in FILTERS[::4]]
    cases += [Case(f"-tun {_shell(f)}") for f in FILTERS[1::4]]
    cases += [Case(f"-tanoemi {_shell(f)}") for f in FILTERS[2::6]]
    cases += [Case(line, columns=w) for line, w in product(WIDE, WIDTHS[1:3])]
    cases += [Case(WIDE[i % len(WIDE)], columns=w) for i, w in enumerate(WIDTHS * 4)]
    cases += [Case(f"-f netlink -pe{x} src 0:kernel", columns=w) for x, w in product(("", "m", "H"), WIDTHS[1:5])]
    cases += [Case(f"{t} {d}") for t, d in product(TABLES, DETAILS)]
    pairs = [f"{t} {a} {b}" for t, a, b in product(TABLES, DETAILS, DETAILS) if a < b]
    cases += [Case(line) for line in pairs[::5]]
    cases += [Case(line, variable=v) for v, lines in IN_ENVIRONMENT.items() for line in lines]
    cases += [Case(line, net="moving") for line in ON_MOVING]
    cases += [Case(f"-tan state {s}", net="moving") for s in STATES]
    cases += [Case(f"-tanp state {s}", net="moving", columns="80") for s in STATES[::2]]
    return list(dict.fromkeys(cases))


def _shell(text):
    """Filter words as the table has them: what a shell would take for its own is quoted."""
    if "'" in text or "\\" in text:
        return text if "'" in text else shlex.join(text.split())
    return shlex.join(text.split(" "))
