# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Every pair of a mode and an option, by the lines of options.def and modes.def.

A pair does all of what it says, or is refused in a sentence with both names before anything is printed. Which of
the two is read from modes.def; what a pair does is seen in what comes out. tests/unit/test-modes.c has the pairs
of options that are no modes.
"""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib import bpf, builds, netns

pytestmark = [pytest.mark.heavy, pytest.mark.plain]  # some 1,000 pairs, of which no kernel knows

DEADLINE_S = 60
ROOT = builds.ROOT


def entries(path, *names):
    """The arguments of each of the macros called @names, comments left out."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(), flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    found = []
    for name, body in re.findall(rf"^({'|'.join(names)})\((.*?)\)$", text, re.M | re.S):
        found.append((name, [a.strip() for a in re.findall(r'(?:"(?:[^"\\]|\\.)*"|\([^()]*\)|[^,"()])+', body)]))
    return found


def features_in(text, sets):
    return set().union(*(sets.get(f, {f} - {"NONE"}) for f in re.split(r"\s*\|\s*", text)))


SETS = {}
for _, (name, members) in entries("src/cli/modes.def", "SET"):
    SETS[name] = features_in(members, SETS)
MODES = {a[0]: a[1] for _, a in entries("src/cli/modes.def", "MODE", "FINAL")}
FINAL = {a[1] for _, a in entries("src/cli/modes.def", "FINAL")}
RECORDED = {"FROM", "CAPTURE"}  # tests/live/test_recorded_events.py
RULES = [(a[-3], features_in(a[-2], SETS)) for _, a in entries("src/cli/modes.def", "MODE", "CLASH")]
FORMATS = {a[0]: a[1:4] for _, a in entries("src/sink/format/formats.def", "FORMAT")}
GRAPHS = [a[0] for _, a in entries("src/sink/format/formats.def", "FORMAT") if ".is_graph = true" in a]
OF_TIME = [a[0] for _, a in entries("src/sink/format/formats.def", "FORMAT") if ".is_of_time = true" in a]
OTHERS = {"KILL": "-K", "EVERY": "--every", "BY": "--by", "CAPTURE": "--record", "FROM": "--from", "COPY": "--from", "DOCTOR": "--doctor", "JUDGED": "--doctor"}
NEEDS = {a[0]: a[1] for _, a in entries("src/cli/modes.def", "NEED")}


class Option:
    """One way to type an option: its words, its name in messages, the features it asks for."""

    def __init__(self, kind, id, letter, name, arg, means, value=None):
        self.id, self.is_ours, self.value = id, kind == "OURS", value
        self.typed = f"-{letter.strip(chr(39))}" if letter != "0" else f"--{name}"
        self.features = {re.fullmatch(r"(?:IS|ONCE)\((\w+)\)|SHOWS_AS\((\w+),.*", means)[means.startswith("SHOWS_AS") + 1]
                         if not re.match(r"SHOWS\(|TABLE\(|OF\(", means) else "SHOWN" if "SHOWS" in means else "SELECTED"}
        if id == "FORMAT" or id.lower() in FORMATS:
            self.format = value or id.lower()
            _, has_lists, is_at_end = FORMATS[self.format]
            self.features |= ({"ONE_LIST"} if has_lists == "false" else set()) | ({"AT_END"} if is_at_end == "true" else set()) | ({"GRAPH"} if self.format in GRAPHS else set()) | ({"OF_TIME"} if self.format in OF_TIME else set())
            self.features |= {"UNDIAGNOSED"} if self.format not in ("json", "ndjson") else set()
            self.features |= {"UNMEASURED"} if self.format not in ("openmetrics", "prometheus") else set()
        if value == "proc":
            self.features.add("AS_TEXT")
        if id in ("WAIT", "GONE"):
            self.features.add("AWAITED")
        if id == "SUMMARY" and value:
            self.typed, self.features, self.is_ours = f"--{name}", {"OVERVIEW"}, True
        if value and ("|" in arg or "[" in arg) and arg != "[RULES]":
            self.typed += f"={value}"
        elif value and self.typed.startswith("--"):
            self.words = [f"{self.typed}={value}"]
            return
        self.words = [self.typed] + ([value] if value and "=" not in self.typed else [])

    def __str__(self):
        return self.typed


def options(paths):
    values = {"FILE": None, "NETNS": "/proc/self/ns/net", "FAMILY": "inet", "TABLES": "tcp", "FIELDS": "netid",
              "ID": "1", "N": "1", "TIME": "0.01", "DIR": "/", "CONDITION": "count > 0", "WHEN": "last", "LIMITS": "1d", "BASE": None, "RULES": "LSN11", "NODES": "web1"}  # fmt: skip
    made = []
    for kind, (id, letter, name, arg, means, *_) in entries("src/cli/options.def", "OPTION", "OURS"):
        name, arg = name.strip('"'), arg.strip('"')
        if arg == "[RULES]":  # a rule that wants one sample
            made.append(Option(kind, id, letter, name, arg, means, values["RULES"]))
        elif arg == "NULL" or arg.startswith("["):
            made.append(Option(kind, id, letter, name, arg, means))
        if arg == "[full]":
            made.append(Option(kind, id, letter, name, arg, means, "full"))
        elif arg == "FORMAT":  # as if the line had the names of the registry
            arg = "|".join(FORMATS)
            made += [Option(kind, id, letter, name, arg, means, v) for v in arg.split("|")]
        elif "|" in arg:
            made += [Option(kind, id, letter, name, arg, means, v) for v in arg.split("|")]
        elif arg != "NULL" and not arg.startswith("["):
            made.append(Option(kind, id, letter, name, arg, means, values[arg] or paths[id]))
    assert len(made) > 65 and len({o.id for o in made}) > 55
    return made


def refusal(features):
    """Whether modes.def says that these do not go together."""
    if features & FINAL:
        return False
    if "EVENTS" in features and features & RECORDED:  # what a recording has of them
        features = (features - {"EVENTS"}) | {"TRACE"}
    if {"DOCTOR", "CAPTURE"} <= features and "FLIGHT" not in features:
        features = features | {"UNWATCHED"}
    return any(f in features and cannot & features for f, cannot in RULES) or any(
        f in features and other not in features for f, other in NEEDS.items()
    )


def kind_of(out):
    """What an output is."""
    if re.match(rb"# (\S+  )?count", out):
        return "chart"
    if re.match(rb"(\S+Z: )?\d+ sockets, ", out):
        return "live"
    out = re.sub(rb"\A# \d[^\n]*\n|(?<=\A\{)\"samples\":\[\n\{\"time\":[^\n]*\n", b"", out)
    out = re.sub(rb'\A\{"samples":\[\n(?=\{"time":[^\n]*,"findings")', b"", out)
    first = out.split(b"\n")[0]
    if re.match(rb'\{("time".*|"host".*)?"findings"', first):
        return "doctor json"
    for begin, kind in ((b"Total: ", "summary"), (b"Usage: ", "help"), (b"ss utility, ", "version"),
                        (b"fields: ", "explanation"), (b"network namespaces: ", "explanation"),
                        (b"nothing is wrong", "doctor"), (b'{"rules"', "rules json"), (b'{"id"', "rules ndjson"), (b"LSN11 ", "rules"),
                        (b'{"name"', "fields ndjson"), (b'{"list"', "overview ndjson"), (b"name,type", "fields csv"), (b"# EOF", "openmetrics"), (b'{"$schema"', "schema"), (b'{"fields"', "fields json"),
                        (b'{"changes"', "json"), (b'{"change"', "ndjson"), (b'{"note"', "ndjson"), (b"change,", "csv"), (b"   CHANGE ", "table"), (b"Kinds and states", "overview"), (b'{"kinds"', "overview json"), (b'{"sockets"', "json"),
                        (b'{"groups"', "json"), (b'{"summary"', "summary json"), (b'{"kind"', "ndjson"), (b"kind,", "summary csv"), (b"KIND ", "summary table"), (b'{"netid"', "ndjson"), (b"netid,", "csv"), (b"# TYPE", "openmetrics"),
                        (b"# HELP", "openmetrics"), (b'{"ports"', "ports json"), (b'{"port"', "ports ndjson"),
                        (b'{"netns":', "ports ndjson"), (b"port,", "ports csv"), (b"digraph", "dot"), (b"<svg", "svg"), (b"ss1h ", "partial"), (b"NETID", "table"), (b"STATE", "table")):  # fmt: skip
        if first.startswith(begin):
            return kind
    if re.match(rb"(Netid|Netns|State|Recv-Q|Local Address:Port) ", first):
        return "classic"
    if re.match(rb"NAME +TYPE", first):
        return "fields"
    if re.match(rb"PROCESS +PID +FAMILY +NETID +WHY", first):
        return "unbound"
    if re.match(rb"process,family,", first):
        return "csv"
    if re.match(rb'\{"process":', first):
        return "ndjson"
    if re.match(rb" *(NETNS +)?PORT +PROTO", first):
        return "ports"
    return "nothing" if not out else "rows"


def expected(mode, option):
    """What the pair is to print."""
    has = option.features
    if has & FINAL:
        return next(iter(has & FINAL)).lower()
    if "EXPLAIN" in has or mode == "explain":
        return "explanation"
    if "LIVE" in has or mode == "live":
        return "live"
    if mode in ("watch", "capture", "redact") or option.id in ("EXISTS", "GONE", "CAPTURE"):
        return "nothing"
    form = option.format if "FORMAT" in has else None
    if "PARTIAL" in has:
        return "partial"
    if mode == "merge" or "MERGE" in has:
        return "openmetrics" if form == "prometheus" else form or "table"
    if mode == "metrics" or "METRICS" in has:
        return "openmetrics"
    mode = "doctor" if "DOCTOR" in has else "rules" if "RULES" in has else mode
    if mode in ("doctor", "rules"):
        return f"{mode} {form}" if form and (mode, form) != ("doctor", "ndjson") else "nothing" if form else mode
    form = "openmetrics" if form == "prometheus" else form  # pages begin alike
    if mode in ("fields", "overview", "ports") or has & {"FIELDS", "OVERVIEW", "PORTS"}:
        kind = next(k for k in ("fields", "overview", "ports") if mode == k or k.upper() in has)
        return "openmetrics" if form == "openmetrics" else "overview ndjson" if (kind, form) == ("overview", "ndjson") else kind if form in (None, "table") else f"{kind} {form}"
    if (mode == "summary" or "SUMMARY" in has) and form:
        return form if form in ("ndjson", "openmetrics") else f"summary {form}"
    if mode == "unbound" or "UNBOUND" in has:
        grouped = form in (None, "table") and not has & {"COLUMNS", "BY"}
        return "unbound" if grouped else form or "table"
    for other in ("summary", "schema"):
        if mode == other or other.upper() in has:
            return other
    return form or ("table" if has & SETS["COLUMNED"] or mode == "diff" or "DIFF" in has else "classic")


@pytest.fixture(scope="module")
def net(tmp_path_factory, ss):
    path = tmp_path_factory.mktemp("modes")
    net = netns.Net(builds.find_mksock(), path / "net", ["established", "listen", "udp", "unix-stream"]).start()
    (path / "filter").write_text("sport >= 0\n")
    net.paths = {"DIAG": str(path / "recording"), "FILTER": str(path / "filter"), "CAPTURE": str(path / "made"), "FROM": str(path / "samples"), "DIFF": str(path / "samples"),
                 "THRESHOLDS": str(path / "limits"), "SUPPRESS": str(path / "known")}
    (path / "limits").write_text("CLS01.count = 50\n")
    (path / "known").write_text("CLS01 until=2099-12-31 known\n")
    net.run([ss, f"--record={path / 'samples'}"])
    (path / "part").write_bytes(net.run([ss, "-tuxan", "--by=netid", "--partial"]).out)
    net.paths["MERGE"] = str(path / "part")
    with socket.socket():  # in no table
        yield net
    net.stop()


# -K would leave nothing to look at, and its question and its end are others' tests.
WORDS = {"list": [], "kill": ["-K", "--dry-run"], "overview": ["--summary=full"], "ports": ["--ports"], "watch": ["--exists"], "unbound": ["--unbound"], "events": ["-E"], "trace": ["--events=all"], "summary": ["-s"],
         "live": ["--live=plain"], "fields": ["--fields"], "doctor": ["--doctor=LSN11"], "rules": ["--rules=LSN11"], "metrics": ["--metrics"], "schema": ["--schema"], "hosts": ["--hosts=web1"], "explain": ["--explain"], "help": ["-h"],
         "version": ["-V"], "complete": ["--complete"]}  # fmt: skip
TYPED = {"kill": "-K", "live": "--live", "overview": "--summary=full", "events": "-E", "trace": "--events=all", "record": "-D", "capture": "--record", "redact": "--redact", "diff": "--diff", "summary": "-s", "doctor": "--doctor", "rules": "--rules", "merge": "--merge", "metrics": "--metrics", "hosts": "--hosts"}


def words_of(mode, net):
    own = {"record": ["-D", net.paths["DIAG"]], "capture": [f"--record={net.paths['CAPTURE']}"], "diff": [f"--diff={net.paths['DIFF']}"],
           "redact": [f"--from={net.paths['FROM']}", f"--record={net.paths['CAPTURE']}", "--redact"]}  # fmt: skip
    if mode == "redact":  # each into a file of its own
        Path(net.paths["CAPTURE"]).unlink(missing_ok=True)
    return own.get(mode) or (["--merge", net.paths["MERGE"]] if mode == "merge" else WORDS[mode])


def features_of(mode, option):
    more = {"DRY_RUN"} if mode == "kill" else {"PACED"} if mode == "trace" and option.id == "EVERY" else set()
    if mode == "redact":  # --record is that of the copy
        return (option.features - {"CAPTURE"}) | {"REDACT", "COPY", "FROM"}
    all = option.features | ({MODES[mode]} - {"NONE"}) | more
    if "METRICS" in all:  # whose page has what the doctor finds
        all -= {"DOCTOR"}
    return all | {"JUDGED"} if all & {"METRICS", "DOCTOR"} else all


def pairs(mode, net, want_refused):
    for option in options(net.paths):
        own = features_of(mode, option)
        if MODES[mode] not in option.features and refusal(own) == want_refused:
            yield option


def test_every_mode_is_here():
    assert set(WORDS) | {"record", "capture", "redact", "diff", "merge"} == set(MODES) and len(RULES) > 10 and len(SETS["RECORDS"]) == 7


@pytest.mark.parametrize("mode", MODES)
def test_refused(ss, net, mode):
    """Status 2, or 255 where both are iproute2's, both names as they were typed, and nothing printed; any order."""
    n = 0
    for option in pairs(mode, net, True):
        words = words_of(mode, net)
        for argv in ([*words, *option.words], [*option.words, *words]):
            result = net.run([ss, *argv])
            is_ours = option.is_ours or any(w.startswith("--") for w in words if w != "--dry-run")
            what = f"{argv}: {result.status} {result.err}"
            assert result.out == b"" and result.status == (2 if is_ours else 255), what
            said = re.search(rb": (\S+(?: all| with \S+)?) (?:and (\S+) do not go together: ..|is for (-K|--every|--by|--record|--from|--doctor))", result.err)
            assert said and option.typed in {w.decode() for w in said.groups() if w}, what
            mine = {TYPED.get(mode, words[0])} if words else {"-K"}
            if mode == "redact":
                mine |= {"--from", "--record"}
            other = {w.decode() for w in said.groups() if w} - {option.typed}
            # nor does --dry-run go with what is not -K
            assert other & (mine | {OTHERS[NEEDS[f]] for f in option.features & set(NEEDS)}), what
        n += 1
    assert n or mode in ("help", "version", "complete")


@pytest.mark.parametrize("mode", [m for m in MODES if m not in ("events", "trace", "record", "hosts")])
def test_taken(ss, net, mode):
    for option in pairs(mode, net, False):
        if option.features & {"EVENTS", "RECORD"} and mode not in ("help", "version"):
            continue  # theirs are below
        if option.id == "HOSTS" and mode in ("list", "doctor"):
            continue  # tests/live/test_fleet.py
        argv = [*words_of(mode, net), *option.words]
        if option.id == "KILL" and mode not in ("help", "version", "complete"):
            argv.append("--dry-run")
        if option.id == "MERGE" and mode == "list":
            argv.append(net.paths["MERGE"])
        if option.id == "EVERY" and mode not in ("help", "version", "complete"):
            argv.append("--count=1")
        if option.id == "FLIGHT" and mode not in ("help", "version", "complete"):
            argv += ["--every=0.01", "--count=1"]
        if option.id == "LIVE" and mode not in ("help", "version", "complete"):
            argv += ["--every=0.01", "--count=1"]
            argv = [w.replace("--live", "--live=plain") if w == "--live" else w for w in argv]
        if mode == "live" and option.id not in ("HELP", "VERSION", "COMPLETE"):
            argv += [word for word in ("--count=1", "--every=0.01") if word[:5] not in "".join(argv)]
        if option.id == "GONE" and mode != "complete":
            argv = [w.replace("--gone", "--gone=0.01") for w in argv]
        if mode == "complete":
            result = net.run([ss, *argv])
            assert result.status == 0 and option.words[-1].encode() in result.out or "=" in argv[-1] or len(option.words) > 1
            continue
        result = net.run([ss, *argv])
        what = f"{argv}: {result.status} {result.out[:300]} {result.err}"
        if mode == "diff" and option.id in ("THREADS", "CONTEXT", "CONTEXTS", "ALL_NETNS", "SET_OPTIONS"):
            assert result.status == 2 and result.out == b"" and re.search(rb": a recording |without -N all", result.err), what
            continue
        if option.id in ("CONTEXT", "CONTEXTS") and mode not in ("help", "version") and b"what SELinux says" in result.err:
            assert result.status in (1, 4) and result.out == b"", what
            continue
        if {mode, option.id} == {"metrics", "LIMIT"}:  # one line is too few for a page
            assert result.status == 2 and result.out == b"" and b"series" in result.err, what
            continue
        if option.id == "BPF_MAP_ID" and mode not in ("help", "version"):
            assert result.status in (0, 1, 4), what
            continue
        if option.id == "COMPLETE" and mode not in ("help", "version"):
            assert result.status == 0 and b"state\t" in result.out, what
            continue
        if mode in ("help", "version"):
            assert (result.status, kind_of(result.out)) == (0, mode), what
            continue
        if (mode == "ports" or "PORTS" in option.features) and option.id in PORTLESS:
            assert result.status == 2 and result.out == b"" and b"--ports is about" in result.err, what
            continue
        want, is_kind = expected(mode, option), kind_of(result.out)
        if option.id == "NO_HEADER" and (want in ("classic", "fields", "ports", "unbound") or mode == "diff"):
            want = "rows"
        # a host may lack what an option asks for; that is said
        if want == "rows" and mode == "diff" and not result.out:
            want = "nothing"
        is_answer = mode in ("watch", "diff") or option.id in ("GONE", "DIFF")  # there is none, or there is one
        assert result.status == 0 or (result.status in (1, 3) and (result.err or is_answer)), what
        assert is_kind == want, what
        if option.id == "LIMIT" and mode in ("list", "kill"):
            assert len(result.lines) == 2, what
        if want.split()[-1] == "json":
            json.loads(result.out)
        if mode == "summary" and option.features & {"SELECTED", "FILTERED"} and option.id not in ("ALL", "LISTENING", "BOUND"):
            assert re.search(rb"^(Netid|State|Recv-Q|Local) ", result.out.split(b"\n\n")[-1], re.M), what


# What selects sockets without ports, or others than those that wait.
PORTLESS = {"ALL", "BOUND", "PACKET", "RAW", "UNIX", "TIPC", "VSOCK", "XDP", "SMC"}


def subscribers(net):
    lines = [line.split() for line in net.run(["cat", "/proc/net/netlink"]).lines[1:]]
    return sum(words[1] == "4" and int(words[3], 16) != 0 for words in lines)


END = """
import socket
s = socket.create_server(("127.0.0.1", 7199)); c = socket.create_connection(("127.0.0.1", 7199)); d = s.accept()[0]
for it in (d, c, s): it.close()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect(("127.0.0.1", 7199)); u.close()
"""


def test_events_taken(ss, net):
    """All of them hear of the same two sockets that end."""
    procs = []
    try:
        for option in pairs("events", net, False):
            if option.features & (FINAL | RECORDED) or option.id in ("CONTEXT", "CONTEXTS", "BPF_MAP_ID"):
                continue
            argv = [ss, "-E", *option.words]
            procs.append((option, net.popen(argv, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)))
        deaf = {"PACKET", "UNIX", "TIPC", "VSOCK", "XDP", "SMC", "MPTCP", "SCTP", "DCCP", "RAW"}
        end_s = time.monotonic() + DEADLINE_S
        while subscribers(net) < sum(o.id not in deaf for o, _ in procs):
            assert time.monotonic() < end_s, "not all of them listen"
            time.sleep(0.02)
        net.run([sys.executable, "-c", END])
        for option, proc in procs:
            heard = option.id not in deaf and option.id not in ("IPV6",)
            first = proc.stdout.read(1) if heard else b""
            if proc.poll() is None and option.id not in deaf | {"LIMIT"}:
                proc.send_signal(signal.SIGTERM)
            out, err = proc.communicate(timeout=DEADLINE_S)
            what = f"-E {option}: {proc.returncode} {first + out} {err}"
            if option.id in deaf:
                assert (proc.returncode, out) == (255, b"") and b"nothing to follow" in err, what
                continue
            assert proc.returncode == 0, what
            want = expected("events", option)
            if not heard:
                assert kind_of(out) == "nothing"
            elif option.id != "NO_HEADER":
                assert kind_of(first + out) == want, what
            if option.id == "LIMIT":
                assert len(out.splitlines()) == 2, what
    finally:
        for _, proc in procs:
            if proc.poll() is None:
                proc.kill()
            proc.communicate()


def test_trace_taken(ss, net, walks):
    """Of each the connection that is there is told; what is no TCP, and what no event tells, is refused."""
    procs = []
    none = {"PACKET", "UNIX", "TIPC", "VSOCK", "XDP", "SMC", "MPTCP", "SCTP", "DCCP", "RAW", "UDP"}
    untold = {"PEER", "SET_OPTIONS"}
    try:
        for option in pairs("trace", net, False):
            if option.features & (FINAL | RECORDED) or option.id in ("CONTEXT", "CONTEXTS", "BPF_MAP_ID"):
                continue
            argv = [ss, "--events=all", *option.words]
            procs.append((option, net.popen(argv, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)))
            if len(procs) % 4 == 0:
                end_all(procs, none | untold)
        end_all(procs, none | untold)
    finally:
        for _, proc in procs:
            proc.kill()
            proc.communicate()


def end_all(procs, refused):
    while procs:
        option, proc = procs.pop()
        is_told = option.id not in refused | {"IPV6", "LISTENING", "BOUND", "BY"}
        first = proc.stdout.read(1) if is_told else b""
        while not is_told and proc.poll() is None and bpf.attached(proc.pid) < 4:
            time.sleep(0.02)
        if option.id not in refused | {"LIMIT"}:
            proc.send_signal(signal.SIGTERM)
        out, err = proc.communicate(timeout=DEADLINE_S)
        what = f"--events=all {option}: {proc.returncode} {first + out} {err}"
        if option.id in refused:
            assert (proc.returncode, out) == (2, b"") and (b"say -t" in err or b"do not go together" in err), what
        else:
            # without a program only ends are told
            assert proc.returncode == (3 if option.value == "netlink" else 0), what
            assert not is_told or (b"existing" in out) == (option.id not in ("COLUMNS",)), what


def test_record_taken(ss, net):
    for option in pairs("record", net, False):
        argv = ["-D", net.paths["DIAG"], *option.words]
        open(net.paths["DIAG"], "w").close()
        result = net.run([ss, *argv])
        with open(net.paths["DIAG"], "rb") as f:
            size = len(f.read())
        what = f"{argv}: {result.status} {result.out} {result.err} {size}"
        if option.features & FINAL:
            assert result.status == 0 and size == 0, what
        elif option.id in ("CONTEXT", "CONTEXTS", "BPF_MAP_ID"):
            assert result.status in (0, 1) and result.out == b"", what
        elif b"no tcp in filter" in result.err:
            assert option.features == {"SELECTED"} and size == 0, what
        else:
            assert (result.status, result.out) == (0, b"") and size >= 20, what


def test_options_of_records_and_the_rest(ss, net):
    """In the modes that list, what BPF stores is refused with each option of records; --sort and --limit make none."""
    for words in ("--limit=1", "--sort=netid"):
        plain, named = net.run([ss, "-tn", words]), net.run([ss, "-tnr", words])
        assert (named.status, len(named.lines)) == (plain.status, len(plain.lines)) and kind_of(named.out) == "classic"
    for option in options(net.paths):
        if option.features & SETS["COLUMNED"]:
            result = net.run([ss, "--bpf-maps", *option.words])
            assert (result.status, result.out) == (2, b""), option
            assert f"--bpf-maps and {option} do not go together".encode() in result.err


def test_fields_takes_a_word(ss, net):
    as_argument, as_word = (net.run([ss, "-H", *w]) for w in (["--fields=tcp.rtt*"], ["--fields", "tcp.rtt*"]))
    assert as_word.out == as_argument.out != b"" and len(as_word.lines) < 10
    for words in (["--fields=tcp.rtt", "x"], ["--fields", "tcp.rtt", "x"]):
        result = net.run([ss, *words])
        assert (result.status, result.out) == (2, b"") and b'"x"' in result.err
    result = net.run([ss, "--schema", "tcp.rtt"])
    assert (result.status, result.out) == (2, b"") and b'"tcp.rtt"' in result.err


def test_summary_with_a_filter_file(ss, net):
    """It lists, as it does with the same words."""
    result = net.run([ss, "-s", "-F", net.paths["FILTER"]])
    assert result.status == 0 and result.out.startswith(b"Total: ") and b"Local Address:Port" in result.out


def test_contexts_where_selinux_is(ss, net, tmp_path):
    """-Z lists where there is SELinux; it is not the end of what was asked for."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mounts").write_text(f"selinuxfs {tmp_path} selinuxfs rw 0 0\n")
    for option in ("-Z", "-z"):
        result = net.run([ss, option, "-tan"], env={"PROC_ROOT": str(tmp_path)})
        assert b"Local Address:Port" in result.out, option
