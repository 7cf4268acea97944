# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Pages for Prometheus, read by the parsers of its makers.

promtool comes in Debian's package of the server, which would run it on this machine: so it is not installed but unpacked,
into ~/.cache/sockeye/promtool. Without it, and offline, what it says is not asked for.
"""

import functools
import shutil
import subprocess

import pytest

from lib import fetched
from lib.builds import environment

UNPACK = """cd "$1" && apt-get -qq download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb |
tar -x --strip-components=3 ./usr/bin/promtool; rm -f prometheus_*.deb"""


@functools.cache
def find_promtool():
    """Its path; None when there is none to be had."""
    tool = "promtool"
    folder = fetched.cache_dir(tool)
    found = shutil.which(tool)
    if not found:
        fetched.fetch(folder, ["sh", "-c", UNPACK, "sh", folder], (folder / tool).exists)
        found = shutil.which(tool, path=folder)
    return found


def check(page):
    """What promtool has to say against @page. It takes half a second to begin."""
    if not find_promtool():
        pytest.skip("no promtool, and none to be had: it is unpacked from Debian's package of Prometheus")
    done = subprocess.run([find_promtool(), "check", "metrics"], input=page.encode(), capture_output=True, timeout=60,
                          env=environment())  # fmt: skip
    said = (done.stdout + done.stderr).decode()
    assert bool(done.returncode) == bool(said)
    return said


def read(form, page):
    """The metrics in @page of the format @form, by name, as the Python client reads them."""
    pytest.importorskip("prometheus_client", reason="python3-prometheus-client is not installed")
    from prometheus_client import openmetrics, parser
    from prometheus_client.openmetrics import parser as strict

    assert openmetrics
    families = list((strict if form == "openmetrics" else parser).text_string_to_metric_families(page))
    assert len({f.name for f in families}) == len(families) and all(f.documentation for f in families)
    samples = [(s.name, tuple(sorted(s.labels.items()))) for f in families for s in f.samples]
    assert len(set(samples)) == len(samples)
    assert all(len(v.encode()) <= 1024 for _, labels in samples for _, v in labels)
    return {f.name: f for f in families}
