# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""All network namespaces in one answer."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from lib import kernel, screen, seccomp
from lib.builds import environment
from lib.netns import Script, Unavailable

LISTEN = """
for port in (7001, 7002):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen()
    keep += [s, socket.create_connection(("127.0.0.1", port))]
six = socket.socket(socket.AF_INET6)
six.bind(("::1", 7003))
six.listen()
bound = socket.socket()
bound.bind(("127.0.0.1", 7004))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"LO")
udp.bind(("127.0.0.1", 7005))
keep += [six, bound, udp]
"""

# A namespace made in one where this sysctl is set has a table of TCP sockets of its own.
OWN_TABLE = """
import ctypes, subprocess
open("/proc/sys/net/ipv4/tcp_child_ehash_entries", "w").write("1024")
assert ctypes.CDLL(None).unshare(0x40000000) == 0
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
"""

RENAMED = """
import subprocess
for words in ("lo down", "lo name uplink", "uplink up"):
    subprocess.run(["ip", "link", "set", *words.split()], check=True)
"""


@pytest.fixture(scope="module")
def places():
    """Three namespaces with the same sockets; the third has a table of its own, the second another device."""
    made = []
    try:
        for text in (
            LISTEN.replace("LO", "lo"),
            RENAMED + LISTEN.replace("LO", "uplink"),
            OWN_TABLE + LISTEN.replace("LO", "lo"),
        ):
            place = Script(text)
            if not place.has_real_root:
                raise Unavailable("going into other network namespaces needs root")
            made.append(place.start())
            place.name = f"python3:{place.proc.pid}"
            place.ino = os.stat(f"/proc/{place.proc.pid}/ns/net").st_ino
        yield made
    finally:
        for place in made:
            place.stop()


def again(ask, is_good):
    """A namespace of another test may end while it is listed; that is said, and the answer not whole: it is asked again."""
    for _ in range(10):
        done = ask()
        if is_good(done):
            break
    return done


def listed(place, ss, *options, status=0):
    """The sockets of our three namespaces, as seen from @place."""
    done = again(lambda: place.run([ss, "--all-netns", "--format=ndjson", *options]), lambda done: done.status == status)
    assert done.status == status, done.err
    return [row for row in map(json.loads, done.lines) if "note" not in row]


def ours(places, rows):
    inos = {place.ino for place in places}
    return [r for r in rows if r["netns_id"] in inos]


# Bound ones are asked for by name: else they are left out where there are many sockets.
ALL = "-tan state all state bound-inactive"

COLUMNS = "--columns=netns,netns_id,netid,state,local.addr,local.port,peer.port,iface,cookie"


@pytest.fixture(params=["netlink", "bpf"])
def source(request):
    if request.param == "bpf":
        request.getfixturevalue("walks")
    return f"--source={request.param}"


@pytest.mark.plain
def test_everywhere_is_the_sum_of_all(ss, places, source):
    for options in (["-tuan", "state", "all", "state", "bound-inactive"], ["-tln"], ["-tn", "exclude", "bound-inactive"], ["-uan"], ["-tB"], ["-t6an"]):
        together = Counter()
        for place in places:
            done = place.run([ss, source, *options, "--format=ndjson", "--columns=netid,state,local.*,peer.*,cookie,netns_id"])
            assert done.status == 0, done.err
            together.update(json.dumps(json.loads(line)) for line in done.lines)
        rows = ours(places, listed(places[0], ss, source, *options,
                                   "--columns=netid,state,local.*,peer.*,cookie,netns_id"))  # fmt: skip
        assert sum(together.values()) >= 3 or (options == ["-tB"] and not kernel.LISTS_BOUND)
        assert Counter(map(json.dumps, rows)) == together, options


@pytest.mark.parametrize("at", [0, 1, 2])
def test_seen_from_each(ss, places, source, at):
    want = Counter((p.name, port) for p in places for port in (7001, 7002, 7003))
    rows = ours(places, listed(places[at], ss, source, "-tln", COLUMNS))
    assert Counter((r["netns"], r["local"]["port"]) for r in rows) == want


def test_owners(ss, places, source):
    rows = ours(places, listed(places[0], ss, source, "-tlnp", "--columns=netns_id,process.pid"))
    assert Counter((r["netns_id"], r["process"][0]["pid"]) for r in rows) == {
        (p.ino, p.proc.pid): 3 for p in places
    }


def test_interfaces_by_name(ss, places):
    for name, some in (("lo", [places[0], places[2]]), ("uplink", [places[1]])):
        for term in (["dev", name], [f"iface = {name}"], [f"not iface != {name}"]):
            rows = ours(places, listed(places[0], ss, "-uan", COLUMNS, *term))
            assert {(r["netns_id"], r["iface"]) for r in rows} == {(p.ino, name) for p in some}
    done = places[0].run([ss, "--all-netns", "-uan"])
    assert any(line.startswith(places[1].name) and "127.0.0.1%uplink:7005" in line for line in done.lines)


def test_unbound_ones_are_on_no_device(ss, places):
    """As for one namespace: a socket that is bound to no device is not on the named one."""
    rows = ours(places, listed(places[0], ss, "-tuan", COLUMNS, "not", "dev", "lo"))
    assert {r["local"]["port"] for r in rows if r["netns_id"] == places[0].ino} >= {7001, 7002, 7003}
    assert not [r for r in rows if r.get("iface") == "lo"]


@pytest.mark.parametrize("key", ["netns", "netns_id"])
def test_counts(ss, places, source, key):
    rows = ours(places, listed(places[0], ss, source, *ALL.split(), COLUMNS))
    want = Counter(r[key] for r in rows)
    found = {r[key]: r["count"] for r in listed(places[0], ss, source, *ALL.split(), f"--by={key}")}
    assert {k: found[k] for k in want} == want


def mounted(ss, name, place, *options):
    """Runs ss where @place has the name @name under /run/netns."""
    script = """
    umount -R /run/netns 2>/dev/null || mkdir -p /run/netns
    mount -t tmpfs none /run/netns && touch "/run/netns/$1" &&
    mount --bind "$2" "/run/netns/$1" && shift 2 && exec "$@"
    """
    link = f"/proc/{place.proc.pid}/ns/net"
    return subprocess.run(
        ["unshare", "-m", "sh", "-ec", script, "sh", name, link, ss, *options],
        capture_output=True, env=environment(), timeout=60,
    )  # fmt: skip


def test_names(ss, places):
    for name, shown in (("blue", "blue"), ("a b\n\x1b", "a b..")):
        done = mounted(ss, name, places[0], "-N", "all", "-Htln", "sport = :7003")
        assert done.returncode == 0, done.stderr
        lines = done.stdout.decode().splitlines()
        assert [line for line in lines if line.startswith(f"{shown} ")], lines
        done = mounted(ss, name, places[0], "-N", "all", "-tln", "--json", f"netns_id = {places[0].ino}")
        assert {s["netns"] for s in json.loads(done.stdout)["sockets"]} == {name}


def test_what_is_shown_is_taken(ss, places):
    at_home = places[1].run([ss, "-Htln"])
    for name in (places[1].name, f"net:[{places[1].ino}]"):
        done = places[0].run([ss, "-N", name, "-Htln"])
        assert (done.status, done.out) == (0, at_home.out), name
    for name in ("python3:1", "net:[1]", "nobody-has-this-name"):
        done = places[0].run([ss, "-N", name, "-tln"])
        assert (done.status, done.out) == (1, b"") and b"--netns=all shows" in done.err, name


def test_hostile_names_in_errors(ss, places):
    user = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    done = mounted("setpriv", "a\x1b]2;b", places[1], *user, ss, "-N", "all", "-Htln")
    assert done.returncode == 1 and b"a.]2;b" in done.stderr and b"\x1b" not in done.stderr, done.stderr


def test_one_that_is_called_all(ss, places):
    done = mounted(ss, "all", places[1], "-N", "all", "-tln")
    assert done.returncode == 0 and done.stdout.startswith(b"State"), done
    assert len(done.stdout.splitlines()) == 4
    done = mounted(ss, "all", places[1], "--all-netns", "-tln")
    assert done.returncode == 0 and done.stdout.startswith(b"Netns"), done


@pytest.mark.parametrize("options", [["-K"], ["-E"], ["-D", "-"], ["-s"]], ids=" ".join)
def test_one_at_a_time(ss, places, options):
    done = places[0].run([ss, "--all-netns", "-t", *options, "dst 192.0.2.1"])
    assert done.status != 0 and b"name it with -N" in done.err and done.out == b""


def test_without_privilege(ss, places):
    done = places[0].run([ss, "-N", "all", "-Htln"], uid=65534)
    assert done.status == 1 and b"run as root" in done.err
    assert sorted(line.split()[4] for line in done.lines) == ["127.0.0.1:7001", "127.0.0.1:7002", "[::1]:7003"]


def test_root_of_a_user_namespace_only(ss, places):
    done = places[0].run(["unshare", "-U", "-r", ss, "-N", "all", "-Htln"])
    if b"unshare" in done.err:
        pytest.skip(done.err.decode())
    assert done.status == 1 and b"run as root" in done.err and len(done.lines) == 3


def test_explain(ss, places):
    done = places[0].run([ss, "--all-netns", "-tan", "--explain"])
    first = done.lines[0].split()
    assert first[:2] == ["network", "namespaces:"] and int(first[2]) >= 4


def test_not_from_files(ss, places, tmp_path):
    (tmp_path / "tcp").write_text("")
    done = places[0].run([ss, "--all-netns", "-tan"], env={"PROC_NET_TCP": tmp_path / "tcp"})
    assert done.status == 1 and b"one network namespace" in done.err and done.out == b""


def test_too_many(ss, places):
    """Those for which no descriptor is left are missing, and that is told."""
    done = places[0].run(["sh", "-c", 'ulimit -n 6 && exec "$0" "$@"', ss, "--all-netns", "-Htln"])
    assert done.status == 1 and b"Too many open files" in done.err
    assert any("127.0.0.1:7001" in line for line in done.lines)


# More than 64 KiB of mounts, and then one of a namespace.
MANY_MOUNTS = """
import ctypes, os, subprocess, sys
link, name, last, *argv = sys.argv[1:]
folder = "/run/netns"
if subprocess.run(["umount", "-R", folder], stderr=subprocess.DEVNULL).returncode:
    os.makedirs(folder, exist_ok=True)
subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
for i in range(300):
    os.mkdir(f"{folder}/{i}-{name}")
    assert ctypes.CDLL(None).mount(name.encode(), f"{folder}/{i}-{name}".encode(), b"tmpfs", 0, None) == 0
open(f"{folder}/{last}", "w").close()
subprocess.run(["mount", "--bind", link, f"{folder}/{last}"], check=True)
assert len(open("/proc/self/mountinfo").read()) > 70000
os.execv(argv[0], argv)
"""


def test_behind_many_mounts(ss, places):
    """The table of mounts is read to its end."""
    link = f"/proc/{places[0].proc.pid}/ns/net"
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", MANY_MOUNTS, link, "x" * 120, "last",
         ss, "-N", "all", "-tln", "--json", f"netns_id = {places[0].ino}"],
        capture_output=True, env=environment(), timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {s["netns"] for s in told["sockets"]} == {"last"} and told["complete"]
    assert not [n for n in told["notes"] if n["level"] != "hint"]


def test_odd_mount_paths(ss, places):
    """Of all bytes only blank, tab, line feed and backslash are written as numbers in the table of mounts."""
    for name in ("a\rb", "a\vb\fc", "a\\040b", "\t \n\\", '"#\x7f\u00e9\x1b'):
        done = mounted(ss, name, places[0], "-N", "all", "-tln", "--json", f"netns_id = {places[0].ino}")
        assert done.returncode == 0 and done.stderr == b"", done.stderr
        assert {s["netns"] for s in json.loads(done.stdout)["sockets"]} == {name}


# A namespace that nothing but a mount holds, and that mount below another one.
COVERED = """
umount -R /run/netns 2>/dev/null || mkdir -p /run/netns
mount -t tmpfs none /run/netns && touch /run/netns/below
unshare --net=/run/netns/below true
if [ "$1" = covered ]; then mount -t tmpfs none /run/netns; fi
shift && exec "$@"
"""


HIDDEN = b"may not be looked into"


@pytest.mark.parametrize("how", ["open", "covered"])
def test_covered_mount(ss, places, how):
    """One that no path leads to any more is told of, unless the kernel itself leads there; what lies there instead is
    not taken for it."""
    is_reached = how == "open" or kernel.LISTS_NETNS

    def run(*options):
        argv = ["unshare", "-m", "sh", "-ec", COVERED, "sh", how, ss, "-N", "all", "-tln", *options]
        done = again(lambda: subprocess.run(argv, capture_output=True, env=environment(), timeout=60),
                     lambda done: done.returncode == 0 if is_reached else HIDDEN not in done.stdout + done.stderr)  # fmt: skip
        if not is_reached and HIDDEN in done.stdout + done.stderr:
            pytest.skip("a process of others hides, and what is missing may be where it is")
        return done

    done = run("--json")
    told = json.loads(done.stdout)
    told["notes"] = [n for n in told["notes"] if "mounted" in n["text"]]
    if is_reached:
        assert done.returncode == 0 and told["complete"] and told["notes"] == [], done.stderr
    else:
        assert done.returncode == 3 and not told["complete"] and len(told["notes"]) == 1
        assert told["notes"][0]["text"].startswith("1 network namespace is not listed: ")
    done = run()
    assert (done.returncode, b"is not listed" in done.stderr) == ((0, False) if is_reached else (1, True))


NETNS_ID = "--columns=netns_id"


def lacks(done, *told):
    """The answer names what it lacks, and is not called whole."""
    answer = json.loads(done.out)
    assert done.status == 3 and not answer["complete"], done.err
    texts = [n["text"] for n in answer["notes"] if n["level"] == "error"]
    assert len(texts) == 1 and all(t in texts[0] for t in told), texts
    return answer


def test_mounts_that_cannot_be_read(ss, places):
    """Reading the memory of a process from its beginning is an error."""
    script = 'mount --bind /proc/$$/mem /proc/$$/mountinfo || exit 77; exec "$@"'
    done = places[0].run(["unshare", "-m", "sh", "-c", script, "sh", ss, "-N", "all", "-tln", "--json", NETNS_ID])
    if done.status == 77:
        pytest.skip(done.err.decode())
    answer = lacks(done, "only a mount holds may be missing", "self/mountinfo: Input/output error")
    assert {s["netns_id"] for s in answer["sockets"]} >= {p.ino for p in places}


def test_processes_that_cannot_be_listed(ss, places):
    done = places[0].run([*seccomp.without("getdents"), ss, "-N", "all", "-tln", "--json", NETNS_ID])
    answer = lacks(done, "may be missing", "listing the processes: Operation not permitted")
    assert {s["netns_id"] for s in answer["sockets"]} >= {places[0].ino}


@pytest.mark.parametrize("words", [ALL, "-uan", "-tln", f"{ALL} --by=state", f"{ALL} --by=netns"])
def test_one_answer_in_a_process_namespace(ss, places, walks, words):
    """Where other processes are not to be seen, no walk shows what netlink cannot be asked for; both say so."""
    inside = 'umount -R /run/netns 2>/dev/null; exec "$@"'  # others may have namespaces mounted there

    def run(source):
        done = places[0].run(["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", inside, "sh", ss, "-N", "all",
                              f"--source={source}", *words.split(), "--json"])  # fmt: skip
        assert done.status == 3, done.err
        answer = json.loads(done.out)
        assert answer["complete"] is False
        texts = [n["text"] for n in answer["notes"] if n["level"] == "warning"]
        assert any(t.startswith("not all processes of this machine are to be seen here") for t in texts), texts
        rows = answer.get("sockets") or answer["groups"]
        return Counter(json.dumps({k: v for k, v in r.items() if k != "netns"}) for r in rows), texts

    by_netlink, _ = run("netlink")
    by_walk, texts = run("bpf")
    assert by_netlink == by_walk and by_netlink
    if words != "-tln":
        assert any("left out: no process and no mount" in t for t in texts), texts


# Its sockets hold a namespace that no process is in any more. A walk is for those who have sockets to be walked.
LEFT = LISTEN.replace("LO", "lo") + """
import ctypes, json, os, subprocess
home = os.open("/proc/self/ns/net", os.O_RDONLY)
libc = ctypes.CDLL(None)
assert libc.unshare(0x40000000) == 0
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
left = os.stat("/proc/self/ns/net").st_ino
""" + LISTEN.replace("LO", "lo") + """
assert libc.setns(home, 0x40000000) == 0
os.close(home)
print(json.dumps({"left": left}))
"""


@pytest.fixture(scope="module")
def left(places):
    place = Script(LEFT).start()
    yield place
    place.stop()


@pytest.mark.parametrize("words", [ALL, "-uan", f"{ALL} --by=state,netns_id", f"{ALL} --by=netns_id"])
def test_one_that_only_sockets_hold(ss, left, walks, words):
    """It is listed as any other, whoever answers."""
    def run(source):
        argv = [ss, "-N", "all", f"--source={source}", *words.split(), "--json", *([] if "--by" in words else [COLUMNS])]
        done = again(lambda: left.run(argv), lambda done: done.status == 0)
        answer = json.loads(done.out)
        assert done.status == 0 and answer["complete"], done.err
        rows = answer.get("sockets") or answer["groups"]
        return Counter(json.dumps({**r, "share": 0}) for r in rows if r["netns_id"] == left.made[0].left)

    by_netlink = run("netlink")
    assert by_netlink and by_netlink == run("bpf")


def test_who_may_find_it(ss_of_all, left):
    """Its owner is told; to others it is not there, and that something may be missing is said."""
    of_it = f"netns_id = {left.made[0].left}"
    done = left.run([ss_of_all, "-N", "all", "-tln", of_it, "--json", "--columns=netns,local.port,process.pid"])
    found = json.loads(done.out)["sockets"]
    assert {s["local"]["port"] for s in found} == {7001, 7002, 7003} and done.status == 0
    assert {p["pid"] for s in found for p in s["process"]} == {left.proc.pid}
    for argv, uid, told in (
        ([], 65534, "run as root"),
        (seccomp.without("getfd"), None, "may not be asked where they are: network namespaces that only they hold are not listed"),
    ):
        done = left.run([*argv, ss_of_all, "-N", "all", "-tln", of_it, "--json", "--source=proc"], uid=uid)
        answer = json.loads(done.out)
        assert answer["sockets"] == [] and any(told in n["text"] for n in answer["notes"]), answer


def test_counts_from_one_without_sockets(ss, places, walks):
    """One count is of all places, also where home has nothing to be counted: none is counted again."""
    def counts(source):
        done = places[0].run(["unshare", "-n", ss, "-N", "all", f"--source={source}", *ALL.split(),
                              "--by=netns_id", "--json"])  # fmt: skip
        assert done.status == 0, done.err
        found = {g["netns_id"]: g["count"] for g in json.loads(done.out)["groups"]}
        return {p.ino: found[p.ino] for p in places}

    assert counts("bpf") == counts("netlink")


def test_an_empty_list_says_where_else(build):
    """A terminal is told that nothing listens, and that there are other namespaces; a pipe is not."""
    net = Script("").start()
    try:
        for words, said in (["-tl"], "no socket listens here; there "), (["-tl", "sport = 1"], "no listening socket fits here; there "):
            seen = screen.show([build.ss, *words], run=net.popen)
            assert seen.startswith("State") and said in seen and "other network namespace" in seen and "-N all" in seen
            assert max(screen.widths(seen.splitlines()[0])) <= 80
        assert "no socket" not in screen.show([build.ss, "-ta"], run=net.popen)
        assert net.run([build.ss, "-tl"]).err == b""
    finally:
        net.stop()
