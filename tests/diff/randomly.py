# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Random command lines about sockets that exist, and about some that do not.

A line is about IP sockets, about one of the other families, or about several without an operand
that only some of them have. What ours does otherwise on purpose is not generated: -4 with -6,
autobound of IP sockets, numbers beyond 65535, one type of packet sockets, prefixes of zero bits,
sets of states that are empty, ports of MPTCP behind raw sockets.
"""

import ipaddress
from dataclasses import dataclass, field

# Long options without an argument, with the letter where there is one.
SHOW = {
    "numeric": "n", "options": "o", "extended": "e", "memory": "m", "processes": "p", "threads": "T", "info": "i",
    "tos": "", "cgroup": "", "inet-sockopt": "", "bpf": "b", "no-header": "H", "no-queues": "Q", "oneline": "O",
    "tipcinfo": "",
}  # fmt: skip
WHICH = {"all": "a", "listening": "l", "bound-inactive": "B"}
INET = {"tcp": "t", "udp": "u", "raw": "w", "mptcp": "M", "sctp": "S"}
OTHERS = {"unix": "x", "packet": "0", "vsock": "", "tipc": "", "xdp": ""}
VERSIONS = {"ipv4": "4", "ipv6": "6"}
ARGUMENTS = {"query": "A", "socket": "", "family": "f", "filter": "F"}
LETTERS = {**SHOW, **WHICH, **INET, **OTHERS, **VERSIONS, **ARGUMENTS}
# Other names that an abbreviation must not fit, those that only one of the two knows included.
MORE_NAMES = [
    "help", "version", "resolve", "summary", "bpf-maps", "bpf-map-id", "events", "context", "contexts", "net", "kill",
    "diag", "dccp", "smc", "dry-run", "yes",
]  # fmt: skip
NAMES = [*LETTERS, *MORE_NAMES]

QUERIES = {
    "inet": ["tcp", "udp", "raw", "mptcp", "inet", "sctp"],
    "unix": ["unix", "u_str", "u_dgr", "u_seq", "unix_stream", "unix_dgram", "unix_seqpacket"],
    "link": ["packet"],
    "netlink": ["netlink"],
    "mixed": ["tcp", "udp", "raw", "inet", "unix", "u_str", "u_dgr", "packet", "netlink", "all", "vsock", "xdp", "tipc"],
}

STATES = {
    "established": 1 << 1, "syn-sent": 1 << 2, "syn-recv": 1 << 3, "syn-rcv": 1 << 3, "fin-wait-1": 1 << 4,
    "fin-wait-2": 1 << 5, "time-wait": 1 << 6, "closed": 1 << 7, "close": 1 << 7, "unconnected": 1 << 7,
    "close-wait": 1 << 8, "last-ack": 1 << 9, "listening": 1 << 10, "closing": 1 << 11, "bound-inactive": 1 << 13,
    "all": 0x3FFF, "connected": 0x3B7F, "synchronized": 0x3B7B, "bucket": 0x48, "big": 0x3FB7,
}  # fmt: skip

EQUAL, NOT_EQUAL = ["=", "==", "eq", ""], ["!=", "ne", "neq"]
ORDER = [">", "gt", "<", "lt", ">=", "ge", "geq", "<=", "le", "leq"]
AND, OR, NOT = ["and", "&", "&&", ""], ["or", "|", "||"], ["not", "!"]
SERVICES = {"tcp": ["ssh", "http", "https", "smtp", "domain"], "udp": ["domain", "bootpc", "mdns"]}
WIDTHS = ["", "0", "-5", "abc", "100x", "007", "80 ", "1", "2", "7", "5000"]
FILES = {
    "tcp": "PROC_NET_TCP", "udp": "PROC_NET_UDP", "raw": "PROC_NET_RAW", "tcp6": "PROC_NET_TCP6", "udp6": "PROC_NET_UDP6",
    "raw6": "PROC_NET_RAW6",
}  # fmt: skip


@dataclass
class Line:
    """One command line with what surrounds it."""

    family: str
    tables: list  # the options that choose tables
    options: list  # all options, in order
    words: list = field(default_factory=list)
    env: dict = field(default_factory=dict)
    file: str = None  # text of the filter file, - is its name when it comes from stdin
    is_mutated: bool = False

    @property
    def has_netlink(self):
        return self.family in ("netlink", "mixed")


def abbreviated(rng, name):
    shortest = next(n for n in range(1, len(name) + 1) if sum(m.startswith(name[:n]) for m in NAMES) == 1 or n == len(name))
    return name[: rng.randint(shortest, len(name))]


class Lines:
    """Writes lines about the sockets @made, as the factory told them; all chance is that of @rng."""

    def __init__(self, rng, made, folder):
        self.rng = rng
        self.folder = folder
        inet = [m.data for m in made if m.get("local") is not None]
        ends = [(m[e], m[e + "_port"]) for m in inet for e in ("local", "peer") if m.get(e) is not None]
        self.addresses = list(dict.fromkeys(a for a, _ in ends)) or ["127.0.0.1"]
        self.ports = list(dict.fromkeys(p for _, p in ends if p)) or [22]
        self.names = list(dict.fromkeys(m.data["name"].replace("\0", "@") for m in made if m.get("name")))
        self.netlinks = [m.data["note"] for m in made if m.data["table"] == "nl" and m.get("note")] or ["77000001"]

    def some(self, chance):
        return self.rng.random() < chance

    # Operands and expressions

    def port(self, with_services=()):
        r = self.rng
        if with_services and self.some(0.15):
            return r.choice(with_services)
        n = r.choice(self.ports) if self.some(0.75) else r.choice([0, 1, 1023, 1024, 65535, r.randrange(65536)])
        if self.some(0.15):
            n = min(max(n + r.choice([-1, 1]), 0), 65535)
        return r.choice(["%d"] * 5 + ["0x%x", "0%o", "0x%X"]) % n

    def v4(self, version):
        r = self.rng
        pool = [a for a in self.addresses if ":" not in a and a != "0.0.0.0"] + ["10.1.2.3", "192.168.1.1", "127.9.9.9"]
        address = r.choice(pool)
        if version == "4" and self.some(0.1):
            return r.choice(["0.0.0.0", "0.0.0.0/0", "0/0", address + "/0"])
        if self.some(0.6):
            return address + r.choice(["", "", "", "/32"])
        length = r.randint(8, 32)
        net = ipaddress.ip_network(f"{address}/{length}", strict=False)
        texts = [f"{net.network_address}/{length}", f"{address}/{length}", f"{address}/{net.netmask}"]
        if address.startswith("127."):
            texts += ["127/8", "127.0/16", "0x7f.0.0.1", "0177.0.0.1", "127"]
        return r.choice(texts)

    def v6(self, line):
        r = self.rng
        pool = [a for a in self.addresses if ":" in a] + ["::", "::1", "::ffff:127.0.0.1", "fe80::1", "2001:db8::7"]
        address = r.choice(pool)
        length = r.choice(["", "", "/128", f"/{r.randint(97, 128)}", f"/{r.randint(33, 128)}"])
        # Compatibility F25: the reference finds IPv4 addresses under such a prefix.
        if not line["version"] and (address == "::" or address.startswith("::") and "f" not in address):
            return "[::1]"
        return f"[{address}{length}]"

    def host(self, line):
        r = self.rng
        version, services = line["version"], line["services"]
        kinds = {"4": ["4"], "6": ["6"], None: ["4", "4", "6", "any"]}[version]
        kind = r.choice(kinds)
        text = {"4": lambda: self.v4(version), "6": lambda: self.v6(line), "any": lambda: r.choice(["*", "any", "default", "all", ""])}[kind]()
        if text == "" or self.some(0.3):
            text += ":" + (r.choice(["*", self.port(services)]) if self.some(0.2) else self.port(services))
        if version and self.some(0.1):
            text = {"4": "inet:", "6": "inet6:"}[version] + text
        return text

    def inet_term(self, line):
        r = self.rng
        kind = r.choice(["port"] * 5 + ["host"] * 4 + ["dev"] * line["has_dev"] + ["mark"] * line["has_marks"])
        if kind == "port":
            op = r.choice(EQUAL + NOT_EQUAL + ORDER)
            colon = r.choice(["", "", ":"])
            port = "*" if op in EQUAL and self.some(0.03) else self.port(line["services"])
            return [r.choice(["sport", "dport"]), op, colon + port]
        if kind == "host":
            return [r.choice(["src", "dst"]), r.choice(EQUAL), self.host(line)]
        if kind == "dev":
            return self.device()
        return ["fwmark", r.choice(EQUAL + NOT_EQUAL), r.choice(["42", "0x2a", "0", "7", "0/0", "1/1", "0x2a/0xff", "052"])]

    def device(self):
        r = self.rng
        return ["dev", r.choice(EQUAL + NOT_EQUAL), r.choice(["lo", "lo", "1", "if1", "if77", "77"])]

    def unix_term(self, line):
        r = self.rng
        if self.some(0.12):
            return ["autobound"]
        name = r.choice(self.names) if self.names and self.some(0.8) else r.choice(["/run/none.sock", "@none", "x"])
        cut = r.randrange(len(name) + 1)
        name = r.choice([name, name[:cut] + "*", "*" + name[cut:], name.upper(), "?" * len(name), f"[{name[0]}]*", "*", "@*"])
        name = name.replace("\\", r"\\").replace(" ", r"\ ").replace("\t", "\\\t")
        prefix = "unix:" if line["needs_prefix"] or self.some(0.3) else ""
        return [r.choice(["src", "src", "src", "sport", "dst", "dport"]), r.choice(EQUAL), prefix + name]

    def link_term(self, line):
        r = self.rng
        kind = r.choice(["src", "src", "sport", "dev", "autobound"])
        if kind == "dev":
            return self.device()
        if kind == "autobound":
            return ["autobound"]
        device = r.choice(["lo", "*", "1", "if77"])
        if kind == "sport":
            return ["sport", r.choice(EQUAL), device]
        protocol = r.choice(["ip", "IP", "LLDP", "arp", "*", "ipv6", "2048", "0x88cc", "all", "loop", ""])
        text = protocol + (":" + device if not protocol or self.some(0.5) else "")
        return [kind, r.choice(EQUAL), ("link:" if self.some(0.3) else "") + text]

    def netlink_term(self, line):
        r = self.rng
        if self.some(0.1):
            return ["autobound"]
        named = ["rtnl", "genl", "uevent", "usersock", "nft", "tcpdiag"]
        protocol = r.choice([*(named if line["has_dev"] else ["0", "15", "16", "2"]), "*", ""])
        port = r.choice([*self.netlinks, *self.netlinks, "kernel", "*", "0", "1234"])
        side = r.choice(["src", "src", "src", "dst"])
        text = protocol + (":" + port if side == "src" and (not protocol or self.some(0.5)) else "") or "*"
        return [side, r.choice(EQUAL), ("netlink:" if self.some(0.3) else "") + text]

    def mixed_term(self, line):
        return self.device()

    def expression(self, line, depth=0):
        r = self.rng
        if depth > 3 or self.some(0.45):
            return [w for w in getattr(self, line["family"] + "_term")(line) if w]
        if self.some(0.25):
            return [r.choice(NOT), *self.expression(line, depth + 1)]
        parts = []
        for i in range(r.choice([2, 2, 2, 3])):
            join = r.choice(AND + OR + OR)
            parts += [join] * (i > 0 and join != "") + self.expression(line, depth + 1)
        return ["(", *parts, ")"] if depth and self.some(0.6) else parts

    def state_words(self):
        r = self.rng
        while True:
            mask, words = None, []
            for _ in range(r.choice([1, 1, 1, 2, 3])):
                verb, name = r.choice(["state", "state", "state", "exclude", "excl"]), r.choice(list(STATES))
                if mask is None:
                    mask = 0 if verb == "state" else 0x3FFF
                mask = mask | STATES[name] if verb == "state" else mask & ~STATES[name]
                words += [verb, r.choice([name, name, name.upper(), name.title()])]
            if mask:
                return words

    # Options

    def spelled(self, names):
        """The options @names as words: in clusters, long, shortened."""
        r = self.rng
        words, cluster = [], ""
        for name in names:
            if LETTERS[name] and self.some(0.75):
                cluster += LETTERS[name]
                if self.some(0.25):
                    words.append("-" + cluster)
                    cluster = ""
            else:
                words.append("--" + (abbreviated(r, name) if self.some(0.5) else name))
        return words + (["-" + cluster] if cluster else [])

    def with_argument(self, name, value):
        r = self.rng
        forms = [["--" + name, value], [f"--{name}={value}"], [f"--{abbreviated(r, name)}={value}"]]
        if LETTERS[name]:
            forms += [["-" + LETTERS[name], value], ["-" + LETTERS[name] + value]] * 2
        return r.choice(forms)

    def query(self, family):
        r = self.rng
        names = [r.choice(QUERIES[family]) for _ in range(r.randint(1, 3))]
        names = [names[0]] + [("!" if self.some(0.15) else "") + n for n in names[1:]]
        if any("mptcp" in n for n in names) or "inet" in names or "all" in names:
            names.append("tcp")
        return self.with_argument(r.choice(["query", "query", "socket"]), ",".join(names))

    def tables(self, family, line):
        """Words that choose the tables; what operands may say depends on them."""
        r = self.rng
        words = []
        if family == "inet":
            chosen = r.sample(list(INET), r.choice([1, 1, 1, 2, 2, 3]))
            if "raw" in chosen and "mptcp" in chosen:
                chosen.append("tcp")
            line["version"] = r.choice([None, None, "4", "6"])
            if self.some(0.25):
                words += self.query("inet")
            else:
                words += self.spelled(chosen)
                line["services"] = SERVICES["tcp"] if chosen == ["tcp"] else SERVICES["udp"] if chosen == ["udp"] else ()
            if line["version"]:
                four = line["version"] == "4"
                words += r.choice([self.spelled(["ipv4" if four else "ipv6"]),
                                   self.with_argument("family", "inet" if four else "inet6")])  # fmt: skip
        elif family == "unix":
            line["needs_prefix"] = self.some(0.3)
            forms = [self.spelled(["unix"]), self.with_argument("family", "unix")]
            words += self.query("unix") if line["needs_prefix"] else r.choice(forms)
        elif family == "link":
            words += r.choice([self.spelled(["packet"]), self.with_argument("family", "link")])
        elif family == "netlink":
            words += self.with_argument("family", "netlink")
        elif self.some(0.5):
            words += self.query("mixed")
        else:
            chosen = r.sample([*INET, *OTHERS], r.randint(0, 3))
            words += self.spelled(chosen + ["tcp"] * ("mptcp" in chosen))
        return words

    def environment(self, family, shown, line):
        r = self.rng
        env = {}
        if self.some(0.3):
            env["COLUMNS"] = r.choice(WIDTHS) if self.some(0.3) else str(r.randint(1, 300))
        if self.some(0.04):
            env["POSIXLY_CORRECT"] = "1"
        if family == "netlink" and self.some(0.1):
            env[r.choice(["PROC_ROOT", "PROC_NET_NETLINK"])] = "/proc"
        if family == "inet" and self.some(0.15) and "info" not in shown:
            if self.some(0.4):
                env["PROC_ROOT"] = "/proc"
            for name in r.sample(list(FILES), r.randint(1, 3)):
                env[FILES[name]] = "/proc/net/" + name
        if env.get("PROC_NET_NETLINK"):
            env["PROC_NET_NETLINK"] = "/proc/net/netlink"
        if self.some(0.04):
            (self.folder / "range").write_text(r.choice(["1 100\n", "7000\t7400\n", "32768\t60999\n"]))
            env["PROC_IP_LOCAL_PORT_RANGE"] = str(self.folder / "range")
        return env

    # A whole line

    def line(self):
        r = self.rng
        family = r.choice(["inet"] * 8 + ["unix"] * 3 + ["link", "netlink", "mixed", "mixed"])
        about = {"family": family, "version": None, "services": (), "needs_prefix": False, "has_dev": self.some(0.4)}
        shown = r.sample(list(SHOW), r.choice([0, 1, 1, 2, 3, 4, 5]))
        which = ["all"] * self.some(0.6) or r.sample(list(WHICH), r.choice([0, 0, 1, 2]))
        tables = self.tables(family, about)
        options = tables + self.spelled(r.sample(shown + which, len(shown + which)))
        options += ["--summary"] * self.some(0.02) + ["--resolve"] * (family == "inet" and self.some(0.05))
        env = self.environment(family, shown, about)
        has_files = any(name.startswith("PROC_") and name != "PROC_IP_LOCAL_PORT_RANGE" for name in env)
        about["has_marks"] = not has_files and not self.reads_raw(options)
        if has_files and about["version"] is None:
            about["version"] = "6"
        words = self.state_words() if self.some(0.3) else []
        made = Line(family, tables, options, words, env)
        if has_files and about["version"] and not any("4" in o or "6" in o for o in options):
            return made
        if self.some(0.6):
            made.words += self.rewritten(self.expression(about))
        if self.some(0.08):
            self.into_file(made, self.expression(about))
        if self.some(0.06) and len(made.words) > 1:
            self.mutate(made)
        return made

    @staticmethod
    def reads_raw(tables):
        """Whether raw sockets are listed, whose marks a kernel without their diag module does not tell."""
        short = "".join(w for w in tables if w[:1] == "-" and w[:2] != "--")
        return "w" in short or any("raw" in w or "inet" in w or w.startswith("--ra") for w in tables)

    def rewritten(self, words):
        """The same expression with other word boundaries and backslashes that change nothing."""
        r = self.rng
        words = list(words)
        if self.some(0.1):
            i = r.randrange(len(words))
            if words[i][-1].isdigit():
                words[i] = words[i][:-1] + "\\" + words[i][-1]
        if self.some(0.3):
            at = r.randint(1, len(words))
            words = [r.choice([" ", "  ", "\t"]).join(words[:at]), *words[at:]]
        if self.some(0.05):
            words.insert(r.randint(0, len(words)), r.choice(["", " "]))
        return words

    def into_file(self, made, words):
        r = self.rng
        text = "# a comment\n" if self.some(0.3) else ""
        for word in words:
            text += word + r.choice([" ", " ", " ", "\t", "  "])
            if self.some(0.1):
                text += "\n" + r.choice([" ", "\n ", "# more\n "])
        made.file = text + r.choice(["\n", ""])
        made.options += self.with_argument("filter", r.choice(["-", str(self.folder / "filter")]))

    def mutate(self, made):
        r = self.rng
        at = r.randrange(len(made.words))
        made.is_mutated = True
        what = r.choice(["drop", "double", "insert", "swap"])
        if what == "drop":
            del made.words[at]
        elif what == "double":
            made.words.insert(at, made.words[at])
        elif what == "insert":
            made.words.insert(at, r.choice(["(", ")", "and", "or", "not", "=", ">", "sport", "dev", "fwmark", "state", "nonsense"]))
        else:
            made.words[at - 1], made.words[at] = made.words[at], made.words[at - 1]

    def argv(self, made):
        """Options before, between and behind the words, never between one and its argument."""
        r = self.rng
        groups, rest = [], list(made.options)
        while rest:
            word = rest.pop(0)
            takes = word in ("-A", "-f", "-F", "--query", "--socket", "--family", "--filter")
            groups.append([word, rest.pop(0)] if takes else [word])
        words = list(made.words)
        if "POSIXLY_CORRECT" in made.env or self.some(0.6):
            return [w for g in groups for w in g] + ["--"] * self.some(0.1) + words
        out, places = [], sorted(r.randint(0, len(words)) for _ in groups)
        for i in range(len(words) + 1):
            out += [w for g, p in zip(groups, places) if p == i for w in g]
            out += words[i : i + 1]
        return out
