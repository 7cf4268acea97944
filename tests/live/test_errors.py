# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Bad input, bad outputs, scarce resources: said on stderr, with the status that is documented."""

import subprocess

import pytest

from lib import builds

REFUSED = [
    (["-q"], 255),
    (["--nonsense"], 255),
    (["-f", "nonsense"], 255),
    (["-A", "nonsense"], 255),
    (["-A", "tcp,"], 255),
    (["-t", "state", "nonsense"], 255),
    (["-t", "state"], 255),
    (["-t", "sport", "="], 255),
    (["-t", "(", "sport", "=", "22"], 255),
    (["-t", "sport", "=", "22", ")"], 255),
    (["-t", "dst", "1.2.3.4/33"], 1),
    (["-t", "dst", "[::1/129]"], 1),
    (["-t", "dst", "[::1"], 1),
    (["-t", "sport", "nonsense"], 1),
    (["-t", "sport", "=", "08"], 1),
    (["-t", "dev", "nonsense"], 1),
    (["-t", "fwmark", "x"], 1),
    (["-t", "cgroup", "/nonexistent"], 1),
    (["-F", "/nonexistent"], 255),
    (["-F", "/dev/null", "-F", "/dev/null"], 255),
    (["-N", "nonexistent"], 1),
    (["-t", "-D", "/nonexistent/file"], 255),
]


@pytest.mark.parametrize("args, status", REFUSED, ids=lambda x: " ".join(x) if isinstance(x, list) else None)
def test_refused(ss, steady, args, status):
    result = steady.run([ss, *args])
    assert result.status == status
    assert result.err.strip()
    assert result.out == b""


def test_unreadable_filter_file(ss, steady, tmp_path):
    result = steady.run([ss, "-tan", "-F", tmp_path])
    assert result.status == 255 and result.out == b"" and b"Is a directory" in result.err


@pytest.mark.parametrize("variable", ["PROC_NET_SOCKSTAT", "PROC_NET_SNMP"])
def test_summary_without_counters(ss, steady, variable):
    """What could not be read is told, and nothing is computed from it."""
    result = steady.run([ss, "-s"], env={variable: "/nonexistent"})
    assert result.status == 1 and b"No such file" in result.err
    assert b"Transport Total" in result.out and b"-" not in result.out


@pytest.mark.parametrize(
    "text, ports",
    [
        ("# only this\nsport = 22\n", {"22"}),
        ("sport = 22\nor sport = 8080", {"22", "8080"}),
        ("\n\nsport = 22 or\nsport = 443\n", {"22", "443"}),
        ("sport = 22 \\\n or sport = 443\\\n", {"22", "443"}),
    ],
)
def test_filter_file(ss, steady, tmp_path, text, ports):
    path = tmp_path / "filter"
    path.write_text(text)
    result = steady.run([ss, "-Htln", "-F", path])
    assert result.status == 0
    assert {x.split()[3].rsplit(":", 1)[1] for x in result.lines} == ports


@pytest.mark.parametrize("name", ["-", "-t"])
def test_filter_from_stdin(ss, steady, tmp_path, name):
    path = tmp_path / "filter"
    path.write_text("sport = 22\n")
    with path.open("rb") as f:
        result = steady.run([ss, "-Htln", "-F", name], stdin=f)
    assert result.status == 0 and len(result.lines) == 1


@pytest.mark.parametrize("args", ["-tan", "-s", "-a", "-h", "-V", "-tanoemip"])
def test_full_device(ss, steady, args):
    with open("/dev/full", "wb") as full:
        result = steady.run([ss, args], stdout=full)
    assert result.status != 0
    assert b"No space left on device" in result.err, "a lost output must be told"


@pytest.mark.parametrize("args", ["-tan", "-a", "-s"])
def test_closed_stdout(ss, steady, args):
    result = steady.run(["sh", "-c", f"'{ss}' {args} >&-"])
    assert result.status != 0 and result.err.strip()


@pytest.mark.parametrize("args", ["-tan", "-a", "-tanoemip"])
def test_reader_goes_away(ss, steady, args):
    """A pipe that nobody reads: quiet, and by the signal or with an ordinary status, not a crash."""
    result = steady.run(["bash", "-c", f"'{ss}' {args} | head -n 0; exit ${{PIPESTATUS[0]}}"])
    assert result.err == b""
    assert result.status in (0, 1, 141)


def test_closed_stdin_and_stderr(ss, steady):
    plain = steady.run([ss, "-tan"])
    closed = steady.run(["sh", "-c", f"'{ss}' -tan <&- 2>&-"])
    assert (closed.status, closed.out) == (0, plain.out)


@pytest.mark.parametrize("limit", [3, 4, 5, 6, 8, 16])
def test_few_descriptors(build, ss, steady, limit):
    """Either all of the answer or an error that is told: never a part of it with status 0."""
    if build.is_sanitized and limit < 16:
        pytest.skip("the sanitizers need descriptors of their own")
    whole = steady.run([ss, "-tanp"])
    result = steady.run(["sh", "-c", f"ulimit -n {limit}; exec '{ss}' -tanp"])
    if result.status == 0:
        assert result.out == whole.out
    else:
        assert result.status > 0 and result.err.strip()


def starts_with(net, ss, kib):
    return net.run(["sh", "-c", f"ulimit -v {kib}; exec '{ss}' -V"]).status == 0


def test_little_memory(build, ss, steady):
    if build.is_sanitized:
        pytest.skip("the sanitizers reserve much address space")
    whole = steady.run([ss, "-tanp"])
    least = next(k for k in range(2000, 100000, 100) if starts_with(steady, ss, k))
    for kib in (least, least + 100, least + 500, least + 1000, least + 4000, least + 100000):
        result = steady.run(["sh", "-c", f"ulimit -v {kib}; exec '{ss}' -tanp"])
        assert result.status >= 0, f"killed by signal {-result.status} with {kib} KiB"
        if result.status == 0:
            assert result.out == whole.out
        else:
            assert result.err.strip()


def test_without_proc(build, ss, steady):
    """An empty /proc: no process names, but all sockets."""
    if build.is_sanitized:
        pytest.skip("LeakSanitizer needs /proc, also to read the option that turns it off")
    script = f"mount -t tmpfs none /proc && exec '{ss}' -Htan"
    result = steady.run(["unshare", "-m", "sh", "-c", script])
    rows = steady.run([ss, "-Htan"])
    assert result.status == 0 and result.out == rows.out


def test_nothing_selected(ss, steady):
    result = steady.run([ss, "-A", "!tcp"])
    assert (result.status, result.out) == (0, b"")
    assert result.err.strip()


def test_help_and_version(ss, steady):
    for args in (["-h"], ["--help"], ["-f", "help"]):
        result = steady.run([ss, *args])
        assert result.status == 0 and result.out.startswith(b"Usage: ss") and result.err == b""
    for args in (["-V"], ["--version"], ["-v"]):
        result = steady.run([ss, *args])
        assert result.status == 0 and result.out.startswith(b"ss utility, ") and result.err == b""


def test_outside_of_any_factory(ss):
    """Where the caller is, without a namespace of ours: works, whatever sockets there are."""
    done = subprocess.run([ss, "-tuan"], capture_output=True, env=builds.environment(), timeout=60)
    assert done.returncode == 0 and done.stdout.startswith(b"Netid")
