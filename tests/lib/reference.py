# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""The ss that ours is compared with.

In this order: $SOCKEYE_REFERENCE_SS; one fetched before or now with scripts/fetch-reference-ss into
$SOCKEYE_REFERENCE_CACHE (by default ~/.cache/sockeye/reference; set SOCKEYE_REFERENCE_FETCH=0 to
stay offline); the one installed. With one older than 7.0 only what did not change since is compared.
"""

import functools
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lib import fetched
from lib.builds import ROOT, environment

INSTALLED = ("/usr/bin/ss", "/bin/ss", "/sbin/ss", "/usr/sbin/ss")


@dataclass(frozen=True)
class Reference:
    path: Path
    version: tuple

    @property
    def is_exact(self):
        """Whether its bytes are the ones promised; else rows are compared word by word."""
        return self.version >= (7, 0)

    def __str__(self):
        how = "byte for byte" if self.is_exact else "words of rows only: it is older than 7.0"
        return f"{self.path} {'.'.join(map(str, self.version))}, {how}"


def probe(path):
    try:
        out = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=20, env=environment()).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"ss utility, iproute2-([0-9]+)\.([0-9]+)", out)
    return Reference(Path(path), tuple(map(int, found.groups()))) if found else None


def cache_dir():
    return Path(os.environ.get("SOCKEYE_REFERENCE_CACHE", fetched.cache_dir("reference")))


def fetch():
    folder = cache_dir()
    fetched.fetch(folder, [ROOT / "scripts/fetch-reference-ss", folder], lambda: probe(folder / "ss"))


@functools.cache
def find():
    """The Reference, or None when this machine has no ss at all."""
    wanted = os.environ.get("SOCKEYE_REFERENCE_SS")
    if wanted:
        found = probe(wanted)
        if found is None:
            raise RuntimeError(f"SOCKEYE_REFERENCE_SS={wanted} is not an ss of iproute2")
        return found
    fetch()
    for path in (cache_dir() / "ss", *INSTALLED):
        found = probe(path)
        if found:
            return found
    return None
