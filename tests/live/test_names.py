# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Every name that somebody else chose, in every output: none of it may control a terminal.

A namespace is made in which each thing that has a name is called something with an escape sequence, a C1
control, a mark that turns the direction of writing, and a byte that is not UTF-8.
"""

import os
import re
import subprocess

import pytest

from lib import netns
from lib.builds import environment

# The sequence that turns colours round, RIGHT-TO-LEFT OVERRIDE, CSI as one character, and a bad byte.
EVIL = b"\x1b[7m\xe2\x80\xae\xc2\x9b\xff"
SAFE = ".[7m..?"
UNWELCOME = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# name of the source -> what is in front of EVIL there
SOURCES = {
    "interface": "dev", "service": "svc", "protocol": "pro", "host": "hst", "netlink protocol": "nlp", "user": "usr", "process": "prc",
    "unix name": "unx", "abstract name": "abs", "namespace": "nsn", "mount": "nsm", "cgroup": "cgr",
}  # fmt: skip

TEXT = r"""
import ctypes, json, os, struct, subprocess
EVIL, here = %r
libc = ctypes.CDLL(None, use_errno=True)

def mount(source, target, kind=None, flags=0):
    if libc.mount(source, target, kind, flags, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)

def cover(path, data):
    new = here + b"/" + path.replace(b"/", b"_")
    with open(new, "wb") as f:
        f.write(data)
    if os.path.exists(path):
        mount(new, path, None, 4096)

cover(b"/etc/services", b"svc" + EVIL + b" 7001/tcp\n")
cover(b"/etc/protocols", b"pro" + EVIL + b" 200 PRO\n")
cover(b"/etc/hosts", b"127.0.0.9 hst" + EVIL + b"\n")
cover(b"/etc/passwd", b"root:x:0:0::/:/bin/sh\nusr" + EVIL + b":x:4242:4242::/:/bin/sh\n")
cover(b"/etc/nsswitch.conf", b"passwd: files\nhosts: files\nservices: files\nprotocols: files\n")
os.makedirs("/etc/iproute2", exist_ok=True)
mount(b"none", b"/etc/iproute2", b"tmpfs")
with open("/etc/iproute2/nl_protos", "wb") as f:
    f.write(b"2 nlp" + EVIL + b"\n")
subprocess.run(["ip", "link", "add", b"dev" + EVIL, "type", "veth", "peer", "name", "other"], check=True)

def dev(s):
    s.setsockopt(socket.SOL_SOCKET, 25, b"dev" + EVIL)  # SO_BINDTODEVICE
    keep.append(s)
    return s

s = dev(socket.socket())
s.bind(("127.0.0.9", 7001))
s.listen()
dev(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.9", 7002))
keep.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, 200))
keep.append(p := socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0))
place = struct.pack("=H2sixx10x", socket.AF_PACKET, b"\x08\0", libc.if_nametoindex(b"dev" + EVIL))
if libc.bind(p.fileno(), place, 20):
    raise OSError(ctypes.get_errno(), "bind")
for name in (here + b"/unx" + EVIL, b"\0abs" + EVIL):
    u = socket.socket(socket.AF_UNIX)
    u.bind(name)
    u.listen()
    keep.append(u)
libc.prctl(15, b"prc" + EVIL, 0, 0, 0)
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2)
n.bind((os.getpid(), 0))
keep.append(n)

def child(work):
    # A process that has done its @work and stays.
    done, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os.write(tell, b"x")
            sys.stdin.read()
        finally:
            os._exit(0)
    os.close(tell)
    if not os.read(done, 1):
        raise RuntimeError("a child failed")
    return pid

def listen(port):
    keep.append(s := socket.socket())
    s.bind(("127.0.0.1", port))
    s.listen()

def as_user():
    os.setresuid(4242, 4242, 4242)
    listen(7003)

def elsewhere():
    libc.unshare(0x40000000)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    listen(7004)

def in_cgroup():
    with open(here + b"/cgroups/cgr" + EVIL + b"/cgroup.procs", "w") as f:
        f.write(str(os.getpid()))
    listen(7005)

child(as_user)
try:
    os.mkdir(here + b"/cgroups")
    mount(b"none", here + b"/cgroups", b"cgroup2")
    os.mkdir(here + b"/cgroups/cgr" + EVIL)
    child(in_cgroup)
except OSError as e:
    print(json.dumps({"skip": "cgroup", "why": str(e)}))
# Two more namespaces: one with a name, one known by where it is mounted.
os.makedirs("/run/netns", exist_ok=True)
mount(b"none", b"/run/netns", b"tmpfs")
for path in (b"/run/netns/nsn" + EVIL, here + b"/nsm" + EVIL):
    open(path, "wb").close()
    mount(b"/proc/%d/ns/net" % child(elsewhere), path, None, 4096)
"""


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    """The namespace, and the sources of names that could not be had, with the reason."""
    folder = tmp_path_factory.mktemp("names")
    if os.geteuid():
        pytest.skip("only root can give such names to interfaces, files in /etc and namespaces")
    net = netns.Script(TEXT.replace("%r", repr((EVIL, os.fsencode(folder))), 1)).start()
    yield net
    net.stop()
    remove = 'mount -t cgroup2 none "$1" && rmdir "$1/$2"'
    if "cgroup" not in net.skipped:
        subprocess.run(["unshare", "-m", "sh", "-c", remove, "sh", folder / "cgroups", b"cgr" + EVIL], check=True)


def check(result):
    """What was printed, with nothing in it that does more than to be read."""
    for what, data in (("output", result.out), ("errors", result.err)):
        text = data.decode("utf-8")
        found = UNWELCOME.search(text)
        assert not found, f"{result.argv}: {what} has {found.group()!r}: {text[max(found.start() - 60, 0) : found.end() + 20]!r}"
    return (result.out + result.err).decode()


CLASSIC = [
    "-a", "-ap", "-ar", "-arp", "-aep", "-an", "-anp", "-apT", "-tap", "-tlr", "-uap", "-wap", "-xap", "-xaep", "-0ap", "-f netlink -ap",
    "-f netlink -ape", "-O -ap", "-ta --cgroup", "-N all -a", "-N all -tlnp", "-s", "--summary=full", "-N all --summary=full",
    "-a --source=proc", "-tap --source=bpf",
    "--ports", "-N all --ports -j",
]  # fmt: skip
COLUMNS = "--columns=netid,netns,iface,user,cgroup,unix.name,process,local.addr,local.port"
RECORDS = [
    ["--format", f, *rest]
    for f in ("table", "json", "ndjson", "csv", "openmetrics")
    for rest in (["-N", "all", "-a", COLUMNS], ["-ap"], ["-a", "--by", "process.name"], ["-a", "--by", "iface,user"], ["-xa", "--by=unix.name"])
]


def test_names_of_everything(ss, evil):
    told = "".join(check(evil.run([ss, *line.split()])) for line in CLASSIC)
    told += "".join(check(evil.run([ss, *line])) for line in RECORDS)
    missing = [source for source, front in SOURCES.items() if source not in evil.skipped and not re.search(front + r"\.\[7m\.\.", told)]
    assert not missing, f"no output had the names of {missing}"


@pytest.mark.parametrize("columns", ["", "60"])
def test_names_on_a_terminal(ss, evil, columns):
    """There also hints are told, and the details are laid out in another way."""
    for line in ("-ap", "-N all -ap", "-ap --format=table", "-tap --explain"):
        ours, theirs = os.openpty()
        p = evil.popen([ss, *line.split()], stdout=theirs, stderr=theirs, env={"NO_COLOR": "1", **({"COLUMNS": columns} if columns else {})})
        os.close(theirs)
        data = b""
        try:
            while chunk := os.read(ours, 65536):
                data += chunk
        except OSError:
            pass
        os.close(ours)
        p.wait()
        check(netns.Result([line], p.returncode, data.replace(b"\r\n", b"\n"), b""))
        assert data


VALUES = [
    "-A", "-f", "-N", "-D", "-F", "--format", "--columns", "--sort", "--by", "--limit", "--source", "--bpf-map-id", "--query", "--socket",
]  # fmt: skip
GLUED = ["--summary=", "--fields=", "--numeric=", "--", "--n", "-", "-t", "-Z", "--complete="]


@pytest.mark.plain
@pytest.mark.parametrize(
    "value", [EVIL, b"a" + EVIL + b"/x", b"\n" + EVIL + b"\nss: all is well", b"\xff", EVIL * 400], ids=["alone", "path", "lines", "bad", "long"]
)
def test_values_of_options(ss, steady, value):
    for words in [*([o, value] for o in VALUES), *([o.encode() + value] for o in GLUED), ["-N", b"./" + value]]:
        result = run(steady, [ss, *words])
        text = check(result)
        assert "\nss: all is well" not in text, words
        if words[0] not in ("-D",):
            assert result.status and result.err, words


def run(net, argv, env=None):
    """Bytes as they are, which a namespace's run() would make text of."""
    argv = [a if isinstance(a, bytes) else os.fsencode(str(a)) for a in argv]
    inside = net.inside(["true"])[:-1]
    full = [*map(os.fsencode, inside), *argv]
    done = subprocess.run(full, env=environment(**(env or {})), capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    return netns.Result(argv, done.returncode, done.stdout, done.stderr)


FILTERS = [
    ["%s"], ["src", "%s"], ["src", "=", "%s"], ["sport", "=", "%s"], ["dev", "%s"], ["fwmark", "%s"], ["cgroup", "/%s"], ["src", "unix:%s"],
    ["src", "link:%s"], ["src", "netlink:%s"], ["state", "%s"], ["exclude", "%s"], ["tcp.%s", ">", "1"], ["has", "%s"],
    ["process", "=", "%s"], ["process", "~", "%s"], ["tcp.rtt", ">", "%s"], ["state", "=", "%s"], ["(", "sport", "=", "22", "%s"],
    ["sport", "=", "22", "or", "process", "=", "%s", "and", "sport", "=", "1"], ["sport", "%s", "5"], ["tcp.rtt", "in", "{%s", "}"],
    ["%s\u65e5\u672c", "=", "5"],
]  # fmt: skip


@pytest.mark.plain
@pytest.mark.parametrize("options", [["-a"], ["-xa"], ["-ta", "--explain"], ["-xa", "--explain"], ["--complete", "ss"], ["-ja"]], ids=" ".join)
def test_filter_words(ss, steady, options):
    told = ""
    for words in FILTERS:
        for evil in (EVIL, EVIL * 60):
            told += check(run(steady, [ss, *options, *(w.encode().replace(b"%s", evil) for w in words)]))
    assert "--complete" in options or SAFE in told


def test_mark_under_the_place(ss, steady):
    """It is where it belongs, whatever the characters before it became or how wide they are."""
    result = run(steady, [ss, "-ta", "src", "unix:\u65e5\u672c".encode() + EVIL, "and", "nonsense"])
    line, mark = result.err.decode().splitlines()[1:3]
    assert line == f"src unix:\u65e5\u672c{SAFE} and nonsense"
    assert mark.index("^") == line.index("nonsense") + 2  # two of them take two cells


def test_names_of_files(ss, steady, tmp_path):
    folder = os.fsencode(tmp_path) + b"/" + EVIL
    os.mkdir(folder)
    with open(folder + b"/filter", "wb") as f:
        f.write(b"sport = 22 or\n" + EVIL + b" = 5\n")
    for words in (["-F", folder + b"/filter"], ["-F", folder + b"/none"], ["-F", folder], ["-t", "-D", folder + b"/no/file"], ["-N", folder]):
        result = run(steady, [ss, *words])
        assert SAFE in check(result), words
    for name in ("TCPDIAG_FILE", "PROC_NET_TCP", "PROC_NET_UNIX", "PROC_NET_PACKET", "PROC_ROOT"):
        for path in (folder + b"/none", folder):
            result = run(steady, [ss, "-tx0ap"], env={name: os.fsdecode(path)})
            assert result.err, name
            check(result)


@pytest.mark.parametrize("words", [["-q"], ["-t", "nonsense"], ["-N", "nonsense"], ["-E", "-x"], ["-A", "x"], ["--limit", "x"], ["-ta", "cgroup", "/nonsense"]], ids=" ".join)
def test_what_it_is_called(ss, steady, words):
    """The name that the caller gives to the program is in front of each message."""
    script = "import os, sys; os.execv(sys.argv[1], [os.fsencode(sys.argv[2]), *sys.argv[3:]])"
    evil = b"ss" + EVIL + b"\nss: all is well"
    result = run(steady, ["/usr/bin/python3", "-c", script, ss, evil, *words])
    assert "ss" + SAFE + ".ss: all is well" in check(result) and result.status
    assert b"\nss: all" not in result.err
