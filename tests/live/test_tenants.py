# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Who made a socket: units, containers and pods by the cgroup it was made in, or by whoever holds it."""

import json
import os
import shutil
import subprocess

import pytest

from lib import netns

NOBODY = 65534
ID = "4f1c0de5a3b29788aa11bb22cc33dd44ee55ff6600112233445566778899aabb"
OTHER = "b00b5e77c0ffee00112233445566778899aabbccddeeff001122334455667788"
UID = "0c3b2a19-1234-4abc-9def-00112233aabb"
POD = f"kubepods.slice/kubepods-pod{UID.replace('-', '_')}.slice/cri-containerd-{OTHER}.scope"

# port -> cgroup, below one that is the root of a cgroup namespace, so that these are whole paths there
CGROUPS = {7101: "system.slice/nginx.service", 7102: f"docker/{ID}", 7103: POD, 7104: "init.scope"}

# Each process makes a TCP and a Unix listener where it is. One more inherits the listener of the first process.
TEXT = """
import ctypes, json, os, subprocess, threading
TOP, CGROUPS = %r
libc = ctypes.CDLL(None, use_errno=True)

def enter(path):
    os.makedirs(path, exist_ok=True)
    with open(path + "/cgroup.procs", "w") as f:
        f.write(str(os.getpid()))

def child(work):
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

def listen(port):
    for s, at in ((socket.socket(), ("127.0.0.1", port)), (socket.socket(socket.AF_UNIX), "\\0tenant%%d" %% port)):
        s.bind(at)
        s.listen()
        keep.append(s)

def serve_one(listener):
    a = listener.accept()[0]
    a.send(b"x")
    keep.append(a)

def talk(port):
    # 7103 to 7101 by TCP; 7102 and 7103 with each other by UDP and a pair of Unix sockets
    if port == 7101:
        threading.Thread(target=serve_one, args=(keep[0],), daemon=True).start()
    if port == 7103:
        keep.append(socket.create_connection(("127.0.0.1", 7101)))
        keep[-1].recv(1)
    if port in (7102, 7103):
        udp = socket.socket(type=socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", port))
        udp.connect(("127.0.0.1", 7102 + 7103 - port))
        keep.append(udp)

enter(TOP)
pair = socket.socketpair()
if libc.unshare(0x02000000):  # CLONE_NEWCGROUP
    raise OSError(ctypes.get_errno(), "unshare")
for port, path in CGROUPS.items():
    def work():
        enter(TOP + "/" + path)
        listen(port)
        for mine, end in zip((7102, 7103), pair):
            if port != mine:
                end.close()
        talk(port)
    if path != "init.scope":
        child(work)
        continue
    work()  # and a service gets the socket from here

    def serve():
        enter(TOP + "/system.slice/activated.service")
        keep[:] = keep[-2:]
    child(serve)

# Others may run the same test: addresses and ports are this one's.
HERE = os.getpid()
CONTAINER, NOBODY = (f"172.{n}.{HERE >> 8 & 255}.{HERE & 255}" for n in (30, 31))
PUBLISHED = 20000 + HERE % 4000 * 3

def contain():  # a container in a network namespace of its own
    keep.clear()
    enter(TOP + "/docker/" + os.path.basename(CGROUPS[7102]))
    libc.unshare(0x40000000)
    subprocess.run("ip link set lo up && ip addr add " + CONTAINER + "/32 dev lo", shell=True, check=True)
    for s, port in ((socket.socket(), 80), (socket.socket(type=socket.SOCK_DGRAM), 53)):
        s.bind((CONTAINER if port == 53 else "0.0.0.0", port))
        keep.append(s)
    keep[-2].listen()

PROXY = "import ctypes, socket, sys; ctypes.CDLL(None).prctl(15, b'docker-proxy'); "
PROXY += "s = socket.socket(type=%d); s.bind(('127.0.0.1', %d)); %s; print(1, flush=True); sys.stdin.read()"

def publish():  # what docker runs for each published port; another namespace stands for the host's
    keep.clear()
    enter(TOP + "/system.slice/docker.service")
    libc.unshare(0x40000000)
    subprocess.run("ip link set lo up", shell=True, check=True)
    for proto, host, port, address in (("tcp", PUBLISHED, 80, CONTAINER), ("udp", PUBLISHED + 1, 53, CONTAINER), ("tcp", PUBLISHED + 2, 80, NOBODY)):
        words = f"-proto {proto} -host-ip 127.0.0.1 -host-port {host} -container-ip {address} -container-port {port}"
        code = PROXY % (1 if proto == "tcp" else 2, host, "s.listen()" if proto == "tcp" else "0")
        p = subprocess.Popen([sys.executable, "-c", code, *words.split()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        p.stdout.read(1)
        keep.append(p)

child(contain)
child(publish)
print(json.dumps({"pid": os.getpid(), "published": PUBLISHED}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """What stands for the machine's files: its mount of cgroups, and what docker and the kubelet have written."""
    top = tmp_path_factory.mktemp("tree")
    docker = top / "var/lib/docker/containers" / ID
    docker.mkdir(parents=True)
    (docker / "config.v2.json").write_text(json.dumps({"ID": ID, "Name": "/we\x1b[7mb", "Config": {"Labels": {}}}))
    logs = top / "var/log/containers"
    logs.mkdir(parents=True)
    (logs / f"web-7d9f_prod_nginx-{OTHER}.log").symlink_to("/nowhere")
    (top / "etc").mkdir()
    (top / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nthere:x:65534:65534::/:/bin/sh\n")
    (top / "proc").mkdir()
    (top / "sys/fs/cgroup").mkdir(parents=True)
    for d in (top, *top.parents):
        if d.stat().st_uid == os.geteuid() and d != d.parent and str(d).startswith("/tmp/"):
            d.chmod(0o755)
    (top / "var/lib/docker").chmod(0o700)
    return top


@pytest.fixture(scope="module")
def tenants(tree):
    if os.geteuid():
        pytest.skip("only root can make such cgroups")
    mounts = [line.split() for line in open("/proc/self/mounts")]
    place = next((m[1] for m in mounts if m[2] == "cgroup2" and os.access(m[1], os.W_OK)), None)
    if not place:
        pytest.skip("no cgroup2 file system is mounted here")
    top = f"{place}/test-tenants-{os.getpid()}"
    try:
        os.mkdir(top)
    except OSError as e:
        pytest.skip(f"no cgroup can be made: {e}")
    net = netns.Script(TEXT.replace("%r", repr((top, CGROUPS)), 1).replace("%%", "%"))
    try:
        yield net.start()
    finally:
        net.stop()
        for folder, _, _ in os.walk(top, topdown=False):
            remove(folder)


def remove(folder):
    for _ in range(1000):  # those in it end in their own time
        try:
            return os.rmdir(folder)
        except OSError:
            with open(f"{folder}/cgroup.procs") as f:
                if not f.read():
                    continue
            subprocess.run(["sleep", "0.01"], check=True)
    raise RuntimeError(f"{folder} cannot be removed")


def inside(tenants, tree, script, *argv, flags="-m"):
    """Runs the shell's @script, to which the tree is $0, in a namespace of mounts, and in that of the cgroups."""
    join = ["nsenter", f"--cgroup=/proc/{tenants.made[0].pid}/ns/cgroup", "unshare", *flags.split()]
    return tenants.run([*join, "sh", "-c", script, str(tree), *argv])


MOUNT = 'mount -t cgroup2 none "$0/sys/fs/cgroup" && mount --bind /proc "$0/proc" && exec '


def in_view(tenants, tree, *argv):
    """Runs it where the tree has the cgroups and processes as the namespace of cgroups has them."""
    return inside(tenants, tree, MOUNT + '"$@"', *argv)


def rows(done):
    answer = json.loads(done.out)
    assert answer["complete"] or done.status == 3, done
    return answer["sockets"]


def by_port(found):
    return {r["local"]["port"]: {k: v for k, v in r.items() if k != "local"} for r in found}


COLUMNS = "--columns=local.port,unit,slice,container.name,container.id,container.runtime,pod.name,pod.namespace,pod.uid"
WHOLE = {
    7101: {"unit": "nginx.service", "slice": "system.slice"},
    7102: {"container": {"name": "we\x1b[7mb", "id": ID, "runtime": "docker"}},
    7103: {"unit": POD.split("/")[2], "slice": POD.split("/")[1], "container": {"name": "nginx", "id": OTHER, "runtime": "containerd"},
           "pod": {"name": "web-7d9f", "namespace": "prod", "uid": UID}},
    7104: {"unit": "init.scope", "slice": "-.slice"},
}  # fmt: skip


def test_whole(ss, tenants, tree):
    done = in_view(tenants, tree, ss, f"--root={tree}", "-tlnj", COLUMNS)
    assert done.status == 0 and by_port(rows(done)) == WHOLE, done


def test_by_who_holds_it(ss, tenants, tree):
    """No Unix socket tells its cgroup; a socket that the first process made for a service is the service's."""
    done = in_view(tenants, tree, ss, f"--root={tree}", "-xlj", "--columns=unix.name,unit,container.name", "unix.name ~ @tenant*")
    assert {r["unix"].pop("name"): {k: v for k, v in r.items() if k != "unix"} for r in rows(done)} == {
        "@tenant7101": {"unit": "nginx.service"},
        "@tenant7102": {"container": {"name": WHOLE[7102]["container"]["name"]}},
        "@tenant7103": {"unit": WHOLE[7103]["unit"], "container": {"name": "nginx"}},
        "@tenant7104": {"unit": "activated.service"},
    }  # fmt: skip


def test_filter_and_group(ss, tenants, tree):
    done = in_view(tenants, tree, ss, f"--root={tree}", "-Htln", "unit = nginx.service or pod.name = web-7d9f")
    assert sorted(int(line.split()[3].rpartition(":")[2]) for line in done.lines) == [7101, 7103]
    done = in_view(tenants, tree, ss, f"--root={tree}", "-tlnj", "--by=container.runtime")
    assert {g.get("container", {}).get("runtime"): g["count"] for g in json.loads(done.out)["groups"]} == {
        None: 2, "docker": 1, "containerd": 1}  # fmt: skip


PEERS = "peer.unit,peer.slice,peer.container,peer.container.id,peer.container.runtime,peer.pod,peer.pod.namespace,peer.pod.uid"


@pytest.mark.parametrize(
    "query, own, peer",
    [
        ("-tn sport = 7101", 7101, 7103),
        ("-tn dport = 7101", 7103, 7101),
        ("-un sport = 7102", 7102, 7103),
        ("-un sport = 7103", 7103, 7102),
        ("-xn container ~ *7mb", 7102, 7103),
        ("-xn pod = web-7d9f", 7103, 7102),
        ("-xn peer.container ~ *7mb", 7103, 7102),
    ],
)
def test_other_end(ss, tenants, tree, query, own, peer):
    """Of TCP and UDP by the cgroup of the socket there, of Unix sockets by who holds it."""
    base, *words = query.split()
    done = in_view(tenants, tree, ss, f"--root={tree}", base + "j", f"{COLUMNS},{PEERS}", " ".join(words))
    (row,) = rows(done)
    assert done.status == 0, done
    there = row.pop("peer")
    row.pop("local", None)
    assert (row, there) == (WHOLE[own], WHOLE[peer])


def test_other_end_in_keys(ss, tenants, tree):
    done = in_view(tenants, tree, ss, f"--root={tree}", "-tunj", "--by=peer.unit,peer.container", "--sort=peer.unit")
    assert done.status == 0 and [(g.get("peer"), g["count"]) for g in json.loads(done.out)["groups"]] == [
        ({"unit": WHOLE[7103]["unit"], "container": {"name": "nginx"}}, 2), ({"unit": "nginx.service"}, 1),
        ({"container": {"name": WHOLE[7102]["container"]["name"]}}, 1)]  # fmt: skip


def test_published(ss, tenants, tree):
    """The container behind docker-proxy, by the address on its command line; nobody where no container has that."""
    tcp, udp, none = range(tenants.made[0].published, tenants.made[0].published + 3)
    words = ["-N", "all", f"{tcp}-{none}"]
    done = in_view(tenants, tree, ss, f"--root={tree}", "--ports", "--json", *words)
    found = {p["port"]: p for p in json.loads(done.out)["ports"]}
    whole = WHOLE[7102]["container"]
    assert {k: p.get("published") for k, p in found.items()} == {
        tcp: {"container": {"name": whole["name"], "id": ID}}, udp: {"container": {"name": whole["name"], "id": ID}}, none: None}  # fmt: skip
    assert all(p["unit"] == "docker.service" and p["process"][0]["name"] == "docker-proxy" for p in found.values())
    done = in_view(tenants, tree, ss, f"--root={tree}", "--ports", *words)
    assert sorted(line.count("we.[7mb (docker-proxy)") for line in done.lines) == [0, 0, 1, 1], done
    done = in_view(tenants, tree, ss, f"--root={tree}", "-tlnN", "all", "--json", "--columns=local.port,peer.process.pid,peer.netns_id", f"peer.container ~ *7mb and sport >= {tcp} and sport <= {none}")
    (row,) = rows(done)
    assert row["local"]["port"] == tcp and row["peer"]["netns_id"]


def test_names_do_no_harm(ss, tenants, tree):
    done = in_view(tenants, tree, ss, f"--root={tree}", "-tln", "--format=table", "--columns=container.name")
    assert b"\x1b" not in done.out and b"we.[7mb" in done.out


def test_ordinary_user(ss, tenants, tree):
    """Units, ids and pods are told to everybody; what is lacking is said, and makes an answer that needs it partial."""
    drop = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")

    def run(*argv):
        return inside(tenants, tree, f'{MOUNT}{drop} "$@"', ss, f"--root={tree}", *argv)

    done = run("-tlnj", COLUMNS)
    nameless = {**WHOLE, 7102: {"container": {"id": ID, "runtime": "docker"}}}
    assert done.status == 0 and by_port(rows(done)) == nameless
    assert b"the names of containers of 1 socket could not be seen: the files" in done.err
    done = run("-tlnj", "--columns=local.port", "container.name = nothing")
    assert done.status == 3 and b"the answer depends on them" in done.err
    done = run("-xnj", "--columns=peer.unit", "peer.container = nothing")
    assert done.status == 3 and b"the units and containers at the other end of" in done.err
    done = run("-tunj", "--columns=local.port,peer.container.id,peer.container", "peer.container.id = " + ID)
    assert done.status == 0 and [r["local"]["port"] for r in rows(done)] == [7103]
    assert b"the names of containers at the other end of 1 socket could not be seen: the files" in done.err
    done = run("-tlnj", "--columns=local.port", "unit = nginx.service")
    assert done.status == 0 and [r["local"]["port"] for r in rows(done)] == [7101]


def test_tree_out_of_sight(ss, tenants, tree):
    """Where no cgroup2 is mounted, one is that nobody else sees; the classic text stays as it is."""
    hide, alone = 'umount -l /sys && "$@"', "-m -p -f --mount-proc"  # our parent and the first process are in it too
    done = inside(tenants, tree, hide, ss, "-tlnj", "--columns=local.port,cgroup,unit", flags=alone)
    assert by_port(rows(done))[7101] == {"cgroup": "/system.slice/nginx.service", "unit": "nginx.service"}
    classic = inside(tenants, tree, hide, ss, "-Htln", "--cgroup", "sport = 7101", flags=alone)
    assert "cgroup:unreachable:" in classic.lines[0]
    left = inside(tenants, tree, hide + "; grep -c cgroup2 /proc/self/mounts", ss, "-tlnj", "--columns=unit", flags=alone)
    assert left.lines[-1] == "0", "a mount was left"


def test_root_that_is_none(ss, tenants, tree):
    for root in ("/nonexistent", "/dev/null"):
        done = tenants.run([ss, f"--root={root}", "-tlnj"])
        assert done.status == 2 and b"--root: " + root.encode() in done.err and not done.out


def test_users_of_the_tree(ss, tenants, tree):
    done = tenants.run([ss, f"--root={tree}", "-Htlnj", "--columns=user,local.port", "user = there"])
    assert rows(done) == [] and done.status == 0
    done = tenants.run([ss, f"--root={tree}", "-Htln", "user = nobody"])
    assert done.status == 2 and b"nobody" in done.err
