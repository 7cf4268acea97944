# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What has threads, run by a build with ThreadSanitizer: reading ahead, early questions, owners, the library."""

import json
import os
import shutil
import subprocess

import pytest

from lib import builds, netns

SOCKETS = 21000  # from 20,000 on owners are read while sockets are listed, and questions are asked early
CROWD = """
import json, subprocess
maker = subprocess.Popen([{maker!r}, "tcp", "20", "{sockets}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(json.dumps({{"n": int(maker.stdout.readline())}}))
"""
FOUND = 66  # the exit status when there was a race
UNIT_TESTS = ["reader", "procs"]
LISTS = ["-tanp", "-tanp --source=netlink", "-tanp --source=bpf", "-tanpie --sort=local.port --limit=9",
         "-ta --by=process.name", "-tan process.name = nobody", "-N all -tanp", "-N all -tan --source=netlink",
         "-anpeim", "-s", "--summary=full"]  # fmt: skip

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def tsan():
    found = builds.Build(builds.ROOT / os.environ.get("SOCKEYE_TSAN_BUILD", "build-tsan"))
    if not found.ss.exists():
        pytest.skip(f"{found.dir} has no ss: make tsan builds it")
    return found


@pytest.fixture(scope="module")
def crowd(tsan):
    maker = str(tsan.dir / "tests/bench/bench-sockets")
    net = netns.Script(CROWD.format(maker=maker, sockets=SOCKETS)).start()
    yield net
    net.stop()


def options():
    return {"TSAN_OPTIONS": f"exitcode={FOUND}:halt_on_error=0"}


def check_quiet(result):
    err = result.err.decode(errors="replace")
    assert "ThreadSanitizer" not in err and result.status != FOUND, err[:8000]


def test_the_build_finds_races(tsan, tmp_path):
    """Or else none of the others could fail."""
    source = tmp_path / "race.c"
    source.write_text("""
#include <pthread.h>
static int shared;
static void *work(void *arg) { shared++; return arg; }
int main(void)
{
	pthread_t t;
	pthread_create(&t, 0, work, 0);
	shared++;
	return pthread_join(t, 0);
}
""")
    cc = os.environ.get("CC", "cc")
    subprocess.run([cc, "-fsanitize=thread", "-pthread", source, "-o", tmp_path / "race"], check=True)
    done = subprocess.run([tmp_path / "race"], env=builds.environment(**options()), capture_output=True, timeout=60)
    assert done.returncode == FOUND, done.stderr
    assert b"__tsan_init" in tsan.ss.read_bytes()


@pytest.mark.parametrize("words", LISTS)
def test_lists(tsan, crowd, words):
    if "bpf" in words and "bpf-walk" not in subprocess.run([tsan.ss, "-V"], capture_output=True, text=True).stdout:
        pytest.skip("built without BPF programs")
    result = crowd.run([tsan.ss, *words.split()], env=options(), timeout=300)
    check_quiet(result)
    assert result.out
    if words == "-tanp":
        assert result.status == 0 and len(result.lines) > SOCKETS - 100
        assert sum(b"users:((" in line for line in result.out.splitlines()) > SOCKETS - 100


def test_library(tsan, crowd, tmp_path):
    if not shutil.which("pkg-config") or not (tsan.dir / "src/lib/libsockeye.so").exists():
        pytest.skip(f"{tsan.name} has no library")
    program, lib = tmp_path / "races", tsan.dir / "src/lib"
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-Wall", "-Werror", "-fsanitize=thread", "-pthread",
                    "-I", builds.ROOT / "include", builds.ROOT / "tests/abi/races.c", "-o", program,
                    "-L", lib, "-lsockeye", f"-Wl,-rpath,{lib}"], check=True)  # fmt: skip
    result = crowd.run([program, crowd.made[0].n - 100], env=options(), timeout=300)
    check_quiet(result)
    assert (result.status, result.out, result.err) == (0, b"", b"")


@pytest.mark.parametrize("name", UNIT_TESTS)
def test_units(tsan, tmp_path, name):
    done = subprocess.run([tsan.dir / f"tests/unit/test-{name}"], env=builds.environment(**options()), cwd=tmp_path,
                          capture_output=True, text=True, errors="replace", timeout=300)  # fmt: skip
    assert done.returncode in (0, 77) and "ThreadSanitizer" not in done.stderr, done.stderr[:8000]
