# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""--metrics: one page about the machine, which Prometheus' own parsers read, and which says what there is."""

import re
import subprocess

import pytest

from lib import builds, netns, prometheus

# A queue that is full, connections that the program does not close, and many ports.
SOCKETS = r"""
held = [socket.create_server(("127.0.0.1", 9000 + i)) for i in range(20)]
full = socket.create_server(("127.0.0.1", 8080), backlog=3)
for _ in range(6):
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(("127.0.0.1", 8080))
    held.append(c)
leaky = socket.create_server(("127.0.0.1", 8081))
for i in range(12):
    c = socket.create_connection(("127.0.0.1", 8081))
    held.append(leaky.accept()[0])
    c.sendall(b"x" * 100)
    c.close()
c = socket.create_connection(("127.0.0.1", 9000))
a = held[0].accept()[0]
c.sendall(b"x" * 100)
a.recv(100)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 8082))
"""

FORMS = ["openmetrics", "prometheus"]


@pytest.fixture(scope="module")
def net():
    net = netns.Script(SOCKETS).start()
    yield net
    net.stop()


def ask(net, ss, *words, form="openmetrics", status=0):
    r = net.run([ss, "--metrics", f"--format={form}", *words])
    assert r.status == status and not r.err, r.err
    return r.out.decode()


def samples(page, form="openmetrics"):
    """{name: {labels: value}}"""
    found = {}
    for family in prometheus.read(form, page).values():
        for s in family.samples:
            found.setdefault(s.name, {})[tuple(sorted(s.labels.items()))] = s.value
    return found


def one(found, name, **labels):
    return found[f"sockeye_{name}"][tuple(sorted(labels.items()))]


@pytest.mark.parametrize("form", FORMS)
def test_the_page_says_what_there_is(net, ss, form):
    found = samples(ask(net, ss, form=form), form)
    assert one(found, "sockets", netid="tcp", state="listen") == 22
    assert one(found, "sockets", netid="tcp", state="close_wait") == 12
    assert one(found, "sockets", netid="udp", state="closed") == 1
    assert one(found, "sockets", netid="tcp", state="last_ack") == 0
    assert one(found, "tcp_accept_queue", local_port="8080") == 4
    assert one(found, "tcp_accept_queue_limit", local_port="8080") == 3
    assert one(found, "tcp_accept_queue_fill_ratio", local_port="8080") == pytest.approx(4 / 3)
    assert one(found, "receive_queue_bytes", netid="tcp") == 12 * 101  # a FIN counts as a byte
    assert one(found, "ephemeral_ports_first") == 32768 and one(found, "ephemeral_ports_last") == 60999
    assert one(found, "ephemeral_ports_used", netid="tcp") == 19
    assert one(found, "ephemeral_ports_used_towards_one") == 12  # those of 8081, in FIN-WAIT-2
    assert one(found, "tcp_listen_overflows_total") >= 0 and one(found, "tcp_active_opens_total") >= 16
    assert one(found, "tcp_memory_bytes") % 4096 == 0  # the limits are told in the first network namespace only
    assert one(found, "complete") == 1 and one(found, "series_folded") == 0 and one(found, "scrape_duration_seconds") > 0
    assert one(found, "doctor_findings", rule="LSN01") == 1 and one(found, "doctor_severity", rule="LSN01") >= 2
    assert one(found, "doctor_findings", rule="LSN09") == 0
    assert not any(("rule", "LSN02") in key for key in found["sockeye_doctor_findings"]), "it compares two samples"


@pytest.mark.parametrize("form", FORMS)
def test_histograms_add_up(net, ss, form):
    """OpenMetrics has a kind for what can become less, the text format none."""
    text = ask(net, ss, form=form)
    found = samples(text, form)
    kind, count = ("gaugehistogram", "gcount") if form == "openmetrics" else ("histogram", "count")
    for name in ("tcp_rtt_seconds", "tcp_retransmitted_ratio"):
        buckets = [v for _, v in sorted((float(dict(key)["le"]), v) for key, v in found[f"sockeye_{name}_bucket"].items())]
        assert buckets == sorted(buckets) and buckets[-1] == one(found, f"{name}_{count}") > 0
        assert f"# TYPE sockeye_{name} {kind}\n" in text


def test_addresses_are_no_labels(net, ss):
    assert not re.search(r'="[^"]*(127\.0\.0\.1|::)', ask(net, ss))
    assert 'local_addr="127.0.0.1"' in ask(net, ss, "--by=local.addr"), "unless named"


def test_by_adds_labels(net, ss):
    found = samples(ask(net, ss, "--by=process.name"))
    assert one(found, "sockets", netid="tcp", state="close_wait", process_name="python3") == 12
    assert one(found, "sockets_unattributed") == sum(v for k, v in found["sockeye_sockets"].items() if "process_name" not in dict(k))
    assert one(found, "sockets_unattributed") >= 10  # FIN-WAIT-2


def test_what_has_no_room_is_folded(net, ss):
    """The sums are the same, and what was folded is counted."""
    whole, folded = samples(ask(net, ss, "--by=local.port", "--limit=5000")), samples(ask(net, ss, "--by=local.port", "--limit=400"))
    n = 0
    for name in ("sockets", "receive_queue_bytes", "tcp_accept_queue", "tcp_accept_queue_limit"):
        a, b = whole[f"sockeye_{name}"], folded[f"sockeye_{name}"]
        assert sum(a.values()) == pytest.approx(sum(b.values()), abs=2), name  # our own netlink sockets
        others = {k: v for k, v in b.items() if ("local_port", r"\other") in k}
        n += len(a) - len(b) + len(others)
        assert len(others) <= 1 and (others or len(a) == len(b)), name
        assert all({v for k, v in key if k != "netns"} == {r"\other"} for key in others)
    fill = folded["sockeye_tcp_accept_queue_fill_ratio"]
    assert n and max(fill.values()) == pytest.approx(4 / 3), "the fullest one, wherever it is"
    assert one(folded, "series_folded") >= n > 0 == one(whole, "series_folded")
    assert sum(len(v) for v in folded.values()) <= 400


def test_a_filter_leaves_the_kernels_counters_out(net, ss):
    """They are of all sockets."""
    found = samples(ask(net, ss, "sport = :8081"))
    assert one(found, "sockets", netid="tcp", state="close_wait") == 12 and one(found, "sockets", netid="tcp", state="listen") == 1
    assert "sockeye_tcp_active_opens_total" not in found and "sockeye_tcp_memory_bytes" not in found


def test_rules_are_chosen(net, ss, tmp_path):
    def rules(*words):
        return {dict(k)["rule"]: v for k, v in samples(ask(net, ss, *words)).get("sockeye_doctor_findings", {}).items()}

    tmp_path.chmod(0o755)
    (tmp_path / "known").write_text("LSN01 until=2099-12-31 ticket 7\n")
    assert rules("--doctor=LSN01,LSN09") == {"LSN01": 1, "LSN09": 0}
    assert "LSN01" not in rules("--skip=LSN01") and not rules("--skip=all")
    assert rules("--doctor=LSN01", f"--suppress={tmp_path / 'known'}") == {"LSN01": 0}


def test_namespaces_are_told_apart(net, ss):
    """What all of them share is there once, without a label."""
    found = samples(net.run([ss, "--metrics", "-N", "all"]).out.decode())
    assert all("netns" in dict(key) for key in found["sockeye_sockets"])
    assert list(found["sockeye_tcp_memory_bytes"]) == [()]
    assert sum(len(v) for v in found.values()) <= 1000


def test_a_recording_has_a_page(net, ss, tmp_path):
    tmp_path.chmod(0o777)
    net.run([ss, f"--record={tmp_path / 'it'}"])
    found = samples(ask(net, ss, f"--from={tmp_path / 'it'}"))
    assert one(found, "sockets", netid="tcp", state="close_wait") == 12
    assert one(found, "tcp_accept_queue", local_port="8080") == 4 and one(found, "doctor_findings", rule="LSN01") == 1
    assert one(found, "tcp_active_opens_total") >= 16


@pytest.mark.plain
def test_promtool_has_nothing_to_say(net, ss):
    assert not prometheus.check(ask(net, ss, "--by=process.name", form="prometheus"))


def test_refused(ss):
    """What a page cannot have, and a disk that is full."""
    for words, said in ((["--by=sum(recvq)"], "has an aggregate"), (["--by=nothing"], "no field"), (["--limit=7"], "series"), (["--format=json"], "--format=prometheus"), (["--every=1"], "--every"), (["--columns=uid"], "--columns")):
        r = subprocess.run([ss, "--metrics", *words], capture_output=True, text=True, timeout=60, env=builds.environment())
        assert r.returncode == 2 and said in r.stderr and not r.stdout, words
    with open("/dev/full", "w") as full:
        r = subprocess.run([ss, "--metrics"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=builds.environment())
    assert r.returncode == 4 and "No space left" in r.stderr
