# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""
What docs/howto/add-an-owner-part.md promises: a part of the owners is one line and the function that finds it. All is compiled
anew for it, as for a release, so test_build.py, which makes one, has it in it.
"""

import contextlib
import json
import os
import socket
import subprocess

LINE = 'READ(ROOT, "root", STR, root, part_root, "the directory that is the root of the process")\n'
LOCKED = 'READ(LOCKED, "locked", STR, locked, part_locked, "what the kernel tells nobody")\n'

# The real answer of the kernel, and how often it was asked.
FUNCTION = r"""
#include <stdio.h>
#include <unistd.h>

int part_root(const struct part_of *of, struct text *ret)
{
	char path[32], to[256];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%u/root", of->pid);
	n = readlinkat(of->root, path, to, sizeof(to));
	(void)fprintf(stderr, "asked of %u\n", of->pid);
	if (n < 0)
		return -errno;
	text_put(ret, to, (size_t)n);
	return 0;
}

int part_locked(const struct part_of *, struct text *)
{
	return -EACCES;
}
"""


def run(*argv, **more):
    done = subprocess.run([str(a) for a in argv], text=True, capture_output=True, stdin=subprocess.DEVNULL, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def run_any(*argv):
    return subprocess.run([str(a) for a in argv], text=True, capture_output=True, stdin=subprocess.DEVNULL)


def add_to(top):
    defs, code = top / "src/model/defs/part.def", top / "src/enrich/parts.c"
    before, end = defs.read_text().split("#undef PART\n")
    assert '"root"' not in before, "the example has become a part: choose another"
    defs.write_text(before + LINE + LOCKED + "#undef PART\n" + end)
    code.write_text(code.read_text() + FUNCTION)


@contextlib.contextmanager
def three_sockets():
    """A port on which three sockets of this process and nobody else's are."""
    sockets = [socket.socket() for _ in range(3)]
    try:
        sockets[0].bind(("127.0.0.1", 0))
        sockets[0].listen()
        sockets[1].connect(sockets[0].getsockname())
        sockets[2].close()
        sockets[2] = sockets[0].accept()[0]
        yield sockets[0].getsockname()[1]
    finally:
        for s in sockets:
            s.close()


def mine():
    return os.readlink("/proc/self/root")


def check_described(ss, top):
    assert "process.root" in ss("--fields").stdout
    assert "process.root" in (top / "man/ss-fields.7").read_text()
    assert "process.root" in ss("--complete", "--columns", "process.r").stdout
    schema = json.loads(ss("--schema").stdout)
    assert schema["$defs"]["process"]["properties"]["root"] == {"type": "string"}


def check_it_is_shown_when_asked_for(ss, port):
    rows = json.loads(ss("-tanj", "--columns=process.pid,process.root", f"sport = {port} or dport = {port}").stdout)
    assert len(rows["sockets"]) == 3
    for row in rows["sockets"]:
        assert {"pid": os.getpid(), "root": mine()} in row["process"]
    assert mine() in ss("-tln", "--columns=process.root", "--format=csv", f"sport = {port}").stdout.splitlines()[1:]


def check_it_is_read_once_a_process_and_only_then(ss, port):
    term = f"( sport = {port} or dport = {port} )"
    assert ss("-tan", "--columns=process.root", "--sort=process.root", f"{term} and process.root = {mine()}").stderr == (
        f"asked of {os.getpid()}\n")
    for argv in (["-tanp"], ["-tanpj"], ["-tan", "--columns=process,process.name"]):
        assert "asked" not in ss(*argv, term).stderr


def check_it_filters_and_groups(ss, top, port):
    assert ss("-Htln", f"sport = {port} and process.root = {mine()}").stdout
    assert not ss("-Htln", f"sport = {port} and process.root = /nowhere").stdout
    assert ss("-Htln", f"sport = {port} and process.root ~ /*").stdout
    groups = json.loads(ss("-tanj", "--by=process.root", f"sport = {port} or dport = {port}").stdout)["groups"]
    assert groups == [{"process": {"root": mine()}, "count": 3, "share": 1}]
    assert "did you mean process.root?" in run_any(top / "ss", "--by=process.rot").stderr


def check_what_may_not_be_read_is_told(top, port):
    for argv in (["process.locked = x"], ["--by=process.locked"], ["--sort=process.locked"]):
        done = run_any(top / "ss", "-tanj", argv[0] if argv[0].startswith("-") else f"sport = {port} and {argv[0]}")
        answer = json.loads(done.stdout)
        assert done.returncode == 3 and not answer["complete"], argv
        assert any("facts about the processes" in n["text"] for n in answer["notes"]), argv
    done = run_any(top / "ss", "-tanj", "--columns=process.pid,process.locked", f"sport = {port}")
    assert done.returncode == 0 and {"pid": os.getpid()} in json.loads(done.stdout)["sockets"][0]["process"]
    assert "facts about the processes" in done.stdout


def check(top):
    """@top: where it was compiled."""
    def ss(*argv):
        return run(top / "ss", *argv)

    check_described(ss, top)
    with three_sockets() as port:
        check_it_is_shown_when_asked_for(ss, port)
        check_it_is_read_once_a_process_and_only_then(ss, port)
        check_it_filters_and_groups(ss, top, port)
        check_what_may_not_be_read_is_told(top, port)
