# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What BPF programs store with sockets: --bpf-maps and --bpf-map-id."""

import json
import re
import subprocess
import sys

import pytest

from lib import bpfmaps, builds, netns, seccomp

NUMBER = """\
LISTEN 0      128    127.0.0.1:9904 0.0.0.0:*
\tmap_id:{number} [
\t\t(int)42
\t]
"""

STRUCT = """\
LISTEN 0      128    127.0.0.1:9900 0.0.0.0:*
\tmap_id:{struct} [
\t\t(struct val){{
\t\t\t.cnt = (unsigned int)7,
\t\t\t.ts = (unsigned long long)123456789012,
\t\t\t.in = (struct inner){{
\t\t\t\t.a = (int)-1,
\t\t\t\t.four = (unsigned int[4])[
\t\t\t\t\t1,
\t\t\t\t\t2,
\t\t\t\t\t0,
\t\t\t\t\t4,
\t\t\t\t],
\t\t\t\t.mode = (enum mode)BUSY,
\t\t\t}},
\t\t}}
\t]
"""

# Versions of libbpf differ in what they write for the end of it.
TEXT = " map_id:{text}(struct text){{.name = (char[8])['h','e','l',27,'l','o',"


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    net = netns.Net(builds.find_mksock(), tmp_path_factory.mktemp("storage"), ["bound"]).start()
    script = [sys.executable, "-B", bpfmaps.__file__]
    maker = net.popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told = maker.stdout.readline()
    if not told:
        why = maker.communicate()[1].strip().splitlines()[-1:]
        net.stop()
        pytest.skip(f"no BPF maps here: {why}")
    net.ids = json.loads(told)
    yield net
    maker.communicate()
    net.stop()


@pytest.fixture
def able(ss):
    if "bpf" not in subprocess.run([ss, "-V"], capture_output=True, text=True).stdout.rstrip(")\n").split(", "):
        pytest.skip("built without libbpf")
    return ss


def show(net, ss, *args):
    done = net.run([ss, *args])
    assert (done.status, done.err) == (0, b""), done.err.decode()
    return done.out.decode()


def choose(net, *names):
    return [word for n in names for word in ("--bpf-map-id", net.ids[n])]


def test_without_libbpf(ss, net):
    if b"libbpf" not in (told := net.run([ss, "--bpf-maps"])).err:
        pytest.skip("built with libbpf")
    assert (told.status, told.out) == (255, b"")
    one = net.run([ss, "--bpf-map-id", "1"])
    assert (one.status, one.out) == (255, b"") and b"--bpf-map-id: built without libbpf" in one.err


def test_one_map(able, net):
    out = show(net, able, "-Htln4", *choose(net, "number"), "sport = 9904")
    assert out == NUMBER.format(**net.ids)
    out = show(net, able, "-Htln4", *choose(net, "struct"), "sport = 9900")
    assert out == STRUCT.format(**net.ids)


def maps_of(out):
    return re.findall(r"map_id:([0-9]+)", out)


def test_several_maps(able, net):
    number, struct = (str(net.ids[n]) for n in ("number", "struct"))
    row = ["-Htln4", "sport = 9900"]
    assert maps_of(show(net, able, *choose(net, "number", "struct"), *row)) == [number, struct]
    assert maps_of(show(net, able, *choose(net, "struct", "number"), *row)) == [struct, number]
    assert sorted(maps_of(show(net, able, "--bpf-maps", *row))) == sorted([number, struct])


def test_hostile_text(able, net):
    out = show(net, able, "-HtlnO4", "--bpf-maps", "sport = 9903")
    assert out.startswith(("LISTEN 0      128    127.0.0.1:9903 0.0.0.0:*" + TEXT).format(**net.ids))
    assert out.rstrip().isprintable()


def test_nothing_stored(able, net):
    assert "map_id" not in show(net, able, "-Htln", "--bpf-maps", "sport = 9902")


@pytest.mark.parametrize("port, n", [(9905, 2), (9906, 3)])
def test_long_values_are_whole(able, net, port, n):
    """Three of 30,000 bytes are more than the length of an attribute can say."""
    if f"long{n}" not in net.ids:
        pytest.skip("this kernel stores no values of that length")
    row = show(net, able, "-HtlnO4i", "--bpf-maps", f"sport = {port}")
    assert row.count("\n") == 1
    for i in range(n):
        text = f" map_id:{net.ids[f'long{i + 1}']}(struct longer){{.first = (int)-5,.n = (unsigned int[7499])[0,"
        assert text in row
    assert row.count("0,") >= n * 7499
    assert " cwnd:" in row


def test_every_row_is_there(able, net):
    ports = lambda out: sorted(line.split()[3] for line in out.splitlines())
    assert ports(show(net, able, "-HtlnO", "--bpf-maps")) == ports(show(net, able, "-HtlnO"))


def test_refused(able, net):
    n = str(net.ids["number"])
    both = b"--bpf-maps and --bpf-map-id do not go together"
    for args, status, words in (
        (["--bpf-map-id", "x"], 1, b"--bpf-map-id x: a BPF map has a number"),
        (["--bpf-map-id", "0"], 1, b"--bpf-map-id 0: a BPF map has a number"),
        (["--bpf-map-id", "4294967296"], 1, b"--bpf-map-id 4294967296: a BPF map has a number"),
        (["--bpf-map-id", "4294967295"], 1, b"BPF map 4294967295: there is none"),
        (choose(net, "array"), 1, b"its type is 2, not 24"),
        (["--bpf-maps", "--bpf-map-id", n], 1, both),
        (["--bpf-map-id", n, "--bpf-maps"], 255, both),
    ):
        done = net.run([able, *args])
        assert (done.status, done.out) == (status, b"") and words in done.err, args


def test_same_map_twice(able, net):
    once = show(net, able, "-tln", *choose(net, "number"))
    assert show(net, able, "-tln", *choose(net, "number", "number")) == once


def test_too_many_maps(able, net):
    done = net.run([able, "-Htln4", *choose(net, *(f"many{i}" for i in range(33))), "sport = 9902"])
    assert done.status == 0
    assert f"more than 32 BPF maps: map ID {net.ids['many32']} is left out" in done.err.decode()


def test_without_the_privilege(able, net):
    done = net.run([able, "-tln", "--bpf-maps"], uid=65534)
    assert b"BPF storage is not shown: " in done.err
    assert done.out.decode() == show(net, able, "-tln")
    one = net.run([able, *choose(net, "number")], uid=65534)
    assert one.status == 1 and b"needs CAP_SYS_ADMIN" in one.err


def test_maps_that_cannot_be_looked_at(able, net):
    done = net.run([*seccomp.without("bpf"), able, "-Htln4O", "--bpf-maps", "sport = 9904"])
    assert done.status == 0
    for name in {"number", "long1"} & set(net.ids):
        assert f"\n\tmap_id: {net.ids[name]} failed to fetch info, skipping\n" in done.out.decode()
        assert f"BPF map {net.ids[name]}: what it holds cannot be found out" in done.err.decode()


# Without the long values, which the reference cuts, and arrays of characters, which versions of libbpf write differently.
SAME = ["-tln", "-tlnO", "-Htln", "-tlni", "-tlniO", "-tlnp", "-tlnpO", "-tlnQ", "-tuxan", "-uan", "-xl"]


@pytest.mark.plain
@pytest.mark.parametrize("options", SAME)
@pytest.mark.parametrize("columns", [None, "80"])
@pytest.mark.parametrize("maps", [["number"], ["number", "struct"], ["zero", "struct", "number"]], ids=",".join)
def test_same_bytes_as_the_reference(able, net, ref, options, columns, maps):
    if not ref.is_exact or net.run([ref.path, "-V", "--bpf-maps"]).status:
        pytest.skip("the reference does not have --bpf-maps")
    argv = [options, *choose(net, *maps)]
    theirs = net.run([ref.path, *argv], env={"COLUMNS": columns})
    assert net.run([able, *argv], env={"COLUMNS": columns}).out == theirs.out
    assert options in ("-uan", "-xl") or b"map_id:" in theirs.out
