# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The programs, unpacked from Debian's packages into ~/.cache/sockeye/metrics: installed they would run on this machine."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager

from lib import fetched

PACKAGES = {"prometheus": "prometheus", "prometheus-node-exporter": "prometheus-node-exporter", "victoria-metrics": "victoria-metrics"}
UNPACK = """cd "$1" && apt-get -qq download "$2" && for p in "$2"_*.deb; do dpkg-deb -x "$p" .; rm -f "$p"; done"""
DEADLINE_S = 120


def find(name):
    """Its path, or None."""
    folder = fetched.cache_dir("metrics") / name
    path = folder / "usr/bin" / name
    fetched.fetch(folder, ["sh", "-c", UNPACK, "sh", folder, PACKAGES[name]], path.exists)
    return path if path.exists() else None


@contextmanager
def running(argv, log):
    """It has ended when this is left; what it says is in @log."""
    with open(log, "w") as out:
        proc = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield proc
    finally:
        proc.terminate()
        try:
            proc.wait(30)
        except subprocess.TimeoutExpired:
            proc.kill()
            proc.wait()


def get(url, **heads):
    with urllib.request.urlopen(urllib.request.Request(url, headers=heads), timeout=30) as answer:
        return answer.read().decode()


def wait_for(what, happens):
    """What @happens gives, as soon as that is something."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        try:
            if found := happens():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {DEADLINE_S} s")


def query(base, expr):
    """[(labels, value)]"""
    answer = json.loads(get(f"{base}/api/v1/query?{urllib.parse.urlencode({'query': expr})}"))
    assert answer["status"] == "success", expr
    return [(r["metric"], float(r["value"][1])) for r in answer["data"]["result"]]
