# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Our ss on what six kernels said, against what iproute2's ss printed on the very same bytes."""

import re

import pytest

from lib import corpus

# Events are no dump, and these totals come from /proc.
SCENARIOS = [s for s in corpus.scenarios() if s.name != "events"]
RUNS = [r for s in SCENARIOS for r in s.runs if "-s" not in r.argv and s.kernel != "6.1-nodiag"]

# Storage of BPF programs: the recordings lack the type information that its display needs.
NEWEST = [r for r in RUNS if r.is_newest and "--bpf-maps" not in r.argv]
OLDER = [r for r in RUNS if not r.is_newest]

# What the reference of 6.1 did not print, or printed in another form.
SINCE = {
    "mptcp": r" (write_seq|snd_una|rcv_nxt|local_addr_used|local_addr_max|csum_enabled|retransmits|bytes_\w+|subflows_total"
    r"|last_\w+|endp_\w+|seq|sfseq|ssnoff|maplen):\w+",
    "": r" (rcv_wnd|rehash|md5keys):\S+| no_pad_rx",
}


def ours(build, run, tmp_path, recording=".ss.bin"):
    script = tmp_path / "script"
    script.write_text(run.scenario.script(run.replies))
    return corpus.replay(build, script, run.scenario.path(recording), run.argv).stdout


def without_differences(text):
    """What docs/compatibility.md names: the label of an AF_XDP socket's memory on one line."""
    left = text.replace(b" tumem(", b" umem(")
    if left == text:
        return text
    return re.sub(rb" +", b" ", re.sub(rb" +\n", b"\n", left))


@pytest.mark.parametrize("run", NEWEST, ids=str)
def test_newest_byte_for_byte(build, run, tmp_path):
    text, want = ours(build, run, tmp_path), run.text
    if without_differences(want) != want:
        text, want = re.sub(rb" +", b" ", re.sub(rb" +\n", b"\n", text)), without_differences(want)
    assert text == want


def words(run, text):
    """Rows as words in an order of their own, without what changed since 6.1."""
    text = text[re.search(rb"\A[^\n]*?(?=Netid|State|Recv-Q)", text).end() :]
    whole = text.decode("utf-8", "surrogateescape").replace("\n\t", " ").replace("tumem(", "umem(")
    whole = re.sub(r"(timer:\(\w+,\d+\.\d+)ms", r"\1sec", whole)
    whole = re.sub(r"(?m)^`- \(null\) .*\n", "", whole)  # an SCTP endpoint that the kernel sent again
    for name, pattern in SINCE.items():
        if name in ("", run.scenario.name):
            whole = re.sub(pattern, "", whole)
    return [" ".join(line.split()) for line in whole.splitlines()[1:]]


def odd_names_left_out(lines):
    """Rows of unix sockets without names that the reference prints raw, and processes it lists backwards."""
    kept = [x for x in lines if "/run/demo/new" not in x and "@a@b@" not in x and not re.match(r'" |line\x01', x)]
    return [re.sub(r" dev:\S+| users:\(.*?fd=\d+\)\)", "", x) for x in kept]


@pytest.mark.parametrize("run", OLDER, ids=str)
def test_older_word_for_word(build, run, tmp_path):
    got, want = words(run, ours(build, run, tmp_path)), words(run, run.text)
    if run.scenario.name == "unix":
        got, want = odd_names_left_out(got), odd_names_left_out(want)
    if run.scenario.name == "netlink":
        want = list(dict.fromkeys(want))
    assert got == want
    assert got or not run.text.count(b"\n") > 1


# Without sock_diag. Details from /proc differ, and unix sockets' states: docs/compatibility.md, D11, D21 and O17.
WITHOUT_DIAG = [
    r
    for s in SCENARIOS
    for r in s.runs
    if s.kernel == "6.1-nodiag" and s.name != "unix" and (r.argv[-1] == "-an" or s.name not in ("tcp", "packet"))
    if not {"-s", "-tani"} & set(r.argv)
]


@pytest.mark.parametrize("run", WITHOUT_DIAG, ids=str)
def test_files_in_place_of_sock_diag(build, run, tmp_path):
    """The kernel has no sock_diag: the rows are those of the files, in any order."""
    (tmp_path / "net").mkdir()
    files = run.scenario.path(".proc.txt")
    for part in re.split(rb"(?m)^==> ", files.read_bytes())[1:] if files.exists() else []:
        name, _, body = part.partition(b"\n")
        (tmp_path / "net" / name.split(b"/")[-1].split()[0].decode()).write_bytes(body)
    script = tmp_path / "script"
    script.write_text(run.scenario.script([]))
    done = corpus.replay(build, script, "/dev/null", run.argv, PROC_ROOT=tmp_path)
    assert sorted(words(run, done.stdout)) == sorted(words(run, run.text))


def test_there_is_something_to_compare():
    assert len(NEWEST) >= 15 and len(OLDER) >= 80 and len(WITHOUT_DIAG) >= 15
