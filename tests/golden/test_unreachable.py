# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A recording is shown the same where this machine's kernel cannot be asked: nothing of it is in the answer.

/proc and /sys are empty, the network namespace is new, whoever opens a netlink socket or calls bpf() is killed, and
strace tells who looked for a file of the machine.
"""

import json
import re
import shutil

import pytest

from lib import corpus, seccomp
from test_corpus import RUNS

# What a replay may open: its own program, its files, and what the names of ports and protocols are for whoever looks.
OURS = (
    r"/etc/(ld\.so|services$|protocols$|nsswitch\.conf$|iproute2/nl_protos$|localtime$)|/usr/share/iproute2/nl_protos$"
    r"|/$|/lib|/usr/lib|/usr/local/lib|/var/run/nscd/socket$"
)
MORE = {
    "summary": ["-s"],
    "overview": ["--summary=full"],
    "overview-json": ["--summary=full", "--json"],
    "ports": ["--ports"],
    "ports-nobody": ["--ports", "1", "nosuch"],
    "listeners": ["-tl", "--columns=local.port,accept.*,reuseport.*"],
    "explained": ["-tan", "--explain"],
    "explained-owners": ["-tap", "--explain", "--source=bpf"],
    "owners": ["-tapn"],
    "threads": ["-tapnT"],
    "extended": ["-tae"],
    "resolved": ["-tar"],
    "memory": ["-taim"],
    "names": ["-ja", "--columns=netid,iface,user,cgroup.path,netns,process", "-A", "tcp,unix,netlink"],
    "device": ["-ta", "dev", "lo"],
    "device-unknown": ["-ta", "dev", "nosuch"],
    "user": ["-ta", "user = root"],
    "cgroup": ["-ta", "cgroup", "/"],
    "autobound": ["-ta", "autobound"],
    "counted": ["-ta", "--by=state,process.name"],
    "bpf": ["-ta", "--source=bpf"],
    "everywhere": ["-ta", "--all-netns"],
    "namespace": ["-ta", "-N", "1"],
    "killed": ["-ta", "-K", "sport = 22"],
    "events": ["-E"],
    "contexts": ["-taZ"],
}  # fmt: skip


@pytest.fixture(scope="session")
def plain(build, tmp_path_factory):
    """Sanitizers read /proc for themselves."""
    if build.is_sanitized:
        pytest.skip("sanitizers read /proc themselves")
    if not shutil.which("strace"):
        pytest.fail("strace is not installed: scripts/install-deps test")
    script = tmp_path_factory.mktemp("plain") / "script"
    script.write_text("")
    try:
        corpus.replay(build, script, "/dev/null", ["-V"], before=seccomp.without("kernel")).check_returncode()
    except Exception:
        pytest.skip("this user has no mounts of its own")
    return build


def both(plain, tmp_path, scenario, replies, recording, argv):
    """What comes out here, and where nothing can be asked; and who was looked for there."""
    script, told = tmp_path / "script", tmp_path / "told"
    script.write_text(scenario.script(replies))
    here = corpus.replay(plain, script, recording, argv)
    strace = ["strace", "-f", "-qq", "-e", "trace=%file,socket,bpf", "-o", told]
    there = corpus.replay(plain, script, recording, argv, before=[*strace, *seccomp.without("kernel")])
    calls = told.read_text()
    calls = calls[calls.index("tests/golden/replay") :].splitlines()[1:]
    return here, there, calls


def looked_for(calls, tmp_path, recording):
    """Lines about files that are neither ours nor the replay's, and about sockets and BPF."""
    def is_ours(line):
        path = re.search(r'"([^"]*)"', line)
        if re.match(r"\d+ +(bpf|socket)\(", line):
            return "AF_UNIX" in line  # the C library asks its cache over one
        return not path or not path[1] or re.match(OURS, path[1]) or path[1].startswith((str(tmp_path), str(recording)))

    return [line for line in calls if not is_ours(line)]


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_same_bytes(plain, tmp_path, run):
    recording = run.scenario.path(".ss.bin")
    here, there, calls = both(plain, tmp_path, run.scenario, run.replies, recording, run.argv)
    assert (there.stdout, there.stderr, there.returncode) == (here.stdout, here.stderr, here.returncode)
    assert looked_for(calls, tmp_path, recording) == []


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("scenario", ["6.1-tcp", "6.1-unix"])
def test_nothing_of_this_machine(plain, tmp_path, scenario, name):
    run = next(r for s in corpus.scenarios() if str(s) == scenario for r in s.runs)
    recording = run.scenario.path(".ss.bin")
    here, there, calls = both(plain, tmp_path, run.scenario, run.replies, recording, MORE[name])
    assert (there.stdout, there.stderr, there.returncode) == (here.stdout, here.stderr, here.returncode)
    assert looked_for(calls, tmp_path, recording) == []


def ask(plain, tmp_path, *argv, scenario="6.1-tcp"):
    run = next(r for s in corpus.scenarios() if str(s) == scenario for r in s.runs)
    script = tmp_path / "script"
    script.write_text(run.scenario.script(run.replies))
    return run, corpus.replay(plain, script, run.scenario.path(".ss.bin"), argv)


def test_owners_are_the_recordings(plain, tmp_path):
    run, done = ask(plain, tmp_path, "-tap", "--json", "--columns=process,user")
    recorded = {(p["comm"], p["pid"]) for p in run.scenario.meta["processes"]}
    found = json.loads(done.stdout)["sockets"]
    owners = {(p["name"], p["pid"]) for s in found for p in s.get("process", [])}
    assert owners and owners <= recorded
    assert {s["user"] for s in found if "user" in s} <= {str(n) for n in range(1 << 16)}


def test_what_cannot_be_done_to_it(plain, tmp_path):
    for argv, why in {("-tK", "sport = 22"): b"what was recorded cannot be destroyed",
                      ("-t", "-N", "blue"): b"-N blue: a recording is of one network namespace",
                      ("-t", "-N", "all"): b"a recording is of one network namespace"}.items():  # fmt: skip
        done = ask(plain, tmp_path, *argv)[1]
        assert done.returncode and why in done.stderr and not done.stdout
