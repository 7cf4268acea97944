# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""usage: tests/metrics/run [--pages=N]

A machine with two faults, in a network namespace of its own: a queue that is full, and connections that nobody closes. Prometheus and
VictoriaMetrics scrape ss, and node_exporter, whose textfile collector has the page of the network namespace outside, where the kernel
tells the limits of memory. Then: every sample of the page is there, nobody complains, every query of the dashboard has an answer, and
the alerts for the faults fire, and no others of those that could.

Last, a day's worth of pages is made one after the other: neither memory nor descriptors grow.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from lib import builds
from metrics.programs import find, get, query, running, wait_for

OURS, NODE, PROMETHEUS, VICTORIA = ("127.0.0.1:9101", "127.0.0.1:9100", "127.0.0.1:9090", "127.0.0.1:8428")
EXAMPLES = builds.ROOT / "examples"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
CONFIG = """
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}
%s
scrape_configs:
  - {job_name: ss, static_configs: [{targets: ["%s"]}]}
  - {job_name: node, static_configs: [{targets: ["%s"]}]}
"""


def make_faults():
    """The sockets, which have to be kept."""
    held = [full := socket.create_server(("127.0.0.1", 8080), backlog=3)]
    for _ in range(6):
        held.append(c := socket.socket())
        c.setblocking(False)
        c.connect_ex(("127.0.0.1", 8080))
    held.append(leaky := socket.create_server(("127.0.0.1", 8081), backlog=200))
    for _ in range(120):
        with socket.create_connection(("127.0.0.1", 8081)) as c:
            held.append(leaky.accept()[0])
            held[-1].sendall(b"x" * 100)
            c.recv(100)
    held += [c := socket.create_connection(("127.0.0.1", 8081)), leaky.accept()[0]]
    c.sendall(b"x" * 100)
    assert full
    return held


def samples_in(page):
    return sum(1 for line in page.splitlines() if line and not line.startswith("#"))


def expressions():
    dashboard = json.loads((EXAMPLES / "ss-dashboard.json").read_text())
    return [t["expr"].replace("$instance", ".*") for p in dashboard["panels"] for t in p["targets"]]


def check_queries(base, whose):
    """Each has an answer, which for a rate takes two scrapes."""
    for expr in expressions():
        wait_for(f"{whose}: {expr}", lambda expr=expr: query(base, expr.replace("[5m]", "[30s]")))
    print(f"{whose}: each of {len(expressions())} queries of the dashboard has an answer")


def check_scrapes(log):
    base = f"http://{PROMETHEUS}"
    for job in ("ss", "node"):
        wait_for(f"scrapes of {job}", lambda job=job: len(query(base, f'up{{job="{job}"}} == 1')) and query(base, f'count_over_time(up{{job="{job}"}}[1m]) > 3'))
    wrong = [t["lastError"] for t in json.loads(get(f"{base}/api/v1/targets"))["data"]["activeTargets"] if t["lastError"]]
    assert not [w for w in wrong if "deadline" not in w], wrong  # a machine that is busy may be late
    page = get(f"http://{OURS}/metrics", Accept=OPENMETRICS)
    scraped = query(base, 'scrape_samples_scraped{job="ss"}')[0][1]
    assert abs(scraped - samples_in(page)) <= 12, f"{scraped} samples of {samples_in(page)}"  # sockets come and go
    assert query(base, 'count({job="ss", __name__=~"sockeye_.*"})')[0][1] >= scraped - 12, "duplicates"
    kinds = {name: meta[0]["type"] for name, meta in json.loads(get(f"{base}/api/v1/metadata"))["data"].items() if name.startswith("sockeye_")}
    assert kinds["sockeye_tcp_listen_drops"] == "counter" or kinds["sockeye_tcp_listen_drops_total"] == "counter"
    assert kinds["sockeye_tcp_rtt_seconds"] in ("gaugehistogram", "histogram") and len(kinds) > 50
    said = [line for line in Path(log).read_text().splitlines() if re.search(r"level=(warn|error)", line)]
    assert not said, said
    print(f"prometheus: {scraped:.0f} samples a scrape, {len(kinds)} families, nothing to complain of")


def check_textfile(page):
    """What node_exporter gives is what the file has."""
    theirs = get(f"http://{NODE}/metrics")
    assert re.search(r"^node_textfile_scrape_error 0$", theirs, re.M), "the textfile collector complains"
    ours = {line.split(" ")[0] for line in page.splitlines() if line.startswith("sockeye_")}
    told = {line.split(" ")[0] for line in theirs.splitlines() if line.startswith("sockeye_")}
    assert ours and {name.split("{")[0] for name in ours} <= {name.split("{")[0] for name in told}
    print(f"node_exporter: {len(told)} samples of the file, no error")


def check_alerts():
    def firing():
        alerts = json.loads(get(f"http://{PROMETHEUS}/api/v1/alerts"))["data"]["alerts"]
        return {(a["labels"]["alertname"], a["labels"].get("local_port") or a["labels"].get("rule", "")) for a in alerts
                if a["state"] == "firing" and OURS in a["labels"]["instance"]}  # fmt: skip

    want = {("AcceptQueueFull", "8080"), ("CloseWaitLeak", ""), ("DoctorFinding", "LSN01")}
    wait_for("alerts", lambda: want <= firing())
    others = {name for name, _ in firing()} - {"AcceptQueueFull", "CloseWaitLeak", "DoctorFinding", "DoctorCritical", "ListenersDrop"}
    assert not others, others
    assert {port for name, port in firing() if name == "AcceptQueueFull"} == {"8080"}
    print(f"alerts: {len(firing())} fire, those for the faults among them")


def configure(path):
    rules = re.sub(r"^ +for: .*\n", "", (EXAMPLES / "ss-rules.yaml").read_text(), flags=re.M)
    (path / "rules.yaml").write_text(rules)
    (path / "prometheus.yaml").write_text(CONFIG % (f"rule_files: [{path}/rules.yaml]", OURS, NODE))
    (path / "victoria.yaml").write_text(CONFIG.replace(", evaluation_interval: 1s", "") % ("", OURS, NODE))


def inside(ss, path, tools):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    held = make_faults()
    configure(path)
    with ExitStack() as stack:
        def start(name, *argv):
            stack.enter_context(running(argv, path / f"{name}.log"))

        start("ss", ss, f"--metrics={OURS}", "--by=process.name")
        start("node", tools["prometheus-node-exporter"], f"--web.listen-address={NODE}", "--collector.disable-defaults", "--collector.textfile", "--collector.sockstat", "--collector.netstat", f"--collector.textfile.directory={path}/textfile")
        wait_for("ss", lambda: get(f"http://{OURS}/metrics"))
        start("prometheus", tools["prometheus"], f"--config.file={path}/prometheus.yaml", f"--storage.tsdb.path={path}/tsdb", f"--web.listen-address={PROMETHEUS}")
        check_scrapes(path / "prometheus.log")
        check_textfile((path / "textfile/ss.prom").read_text())
        check_queries(f"http://{PROMETHEUS}", "prometheus")
        check_alerts()
        if tools["victoria-metrics"]:
            start("victoria", tools["victoria-metrics"], f"-httpListenAddr={VICTORIA}", f"-storageDataPath={path}/victoria", f"-promscrape.config={path}/victoria.yaml", "-search.latencyOffset=0s", "-loggerLevel=WARN")
            wait_for("victoria-metrics", lambda: query(f"http://{VICTORIA}/prometheus", 'up{job="ss"} == 1'))
            check_queries(f"http://{VICTORIA}/prometheus", "victoria-metrics")
    for s in held:
        s.close()


def make_pages(n):
    begun = time.monotonic()
    done = subprocess.run(["unshare", "-n", builds.all_builds()[0].ss.parent / "tests/metrics/pages", str(n)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"pages: {done.stdout.strip()}, {time.monotonic() - begun:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5760, help="how many: a day has 5,760, one each 15 seconds")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    args = parser.parse_args()
    ss = builds.all_builds()[0].ss
    tools = {name: find(name) for name in ("prometheus", "prometheus-node-exporter", "victoria-metrics")}
    if not tools["prometheus"] or not tools["prometheus-node-exporter"]:
        sys.exit("no Prometheus, and none to be had: it is unpacked from Debian's packages")
    if args.inside:
        inside(ss, Path(args.inside), tools)
        return
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder:
        os.makedirs(f"{folder}/textfile")
        with open(f"{folder}/textfile/ss.prom", "w") as page:  # outside, where the kernel tells all
            subprocess.run([ss, "--metrics", "--format=prometheus"], stdout=page, check=True)
        done = subprocess.run(["unshare", "-n", sys.executable, "-B", sys.argv[0], f"--inside={folder}"])
        for log in sorted(Path(folder).glob("*.log")) if done.returncode else []:
            print(f"--- {log.name}\n{log.read_text()[-3000:]}")
    if done.returncode:
        sys.exit(1)
    make_pages(args.pages)
