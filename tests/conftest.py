# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Fixtures: the builds under test, the reference to compare with, namespaces full of sockets."""

import collections
import itertools
import os
import shutil
import signal
import tempfile
import zlib
from pathlib import Path

import pytest

from lib import bpf, builds, limits, loaded, netns, reference

# Names that print badly are in a namespace of their own: there the output differs on purpose.
ODD = ["odd-names", "unix-odd"]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    with limits.limited(f"preparing {item.nodeid}", limits.seconds_for(item)):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    with limits.limited(item.nodeid, limits.seconds_for(item)):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item):
    with limits.limited(f"tidying up after {item.nodeid}", limits.seconds_for(item)):
        yield


def pytest_configure():
    """A shell has what it runs in the background ignore SIGINT, and so would all that the tests start."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


SANITIZED_SHARE = 3
WHOLE = bool(os.environ.get("SOCKEYE_SANITIZE_ALL"))


def is_left_out(items):
    """
    Those of tests/live that differ in their parameters only, as words of one kind of question: by the build with sanitizers a share
    of them, drawn by name, and at least one. What they have in common is the way that is gone; the words themselves are also those
    of the unit tests, the recordings and the faults. `make kit-sanitized` leaves out none.
    """
    families = collections.defaultdict(list)
    for item in items:
        build = item.callspec.params.get("build") if hasattr(item, "callspec") else None
        if build and build.ss.exists() and build.is_sanitized and item.path.parent.name == "live":
            families[item.path, item.originalname].append(item)
    left_out = set()
    for family in families.values():
        drawn = sorted(family, key=lambda item: zlib.crc32(item.name.encode()))
        left_out.update(drawn[-(-len(drawn) // SANITIZED_SHARE) :])
    return left_out


def pytest_collection_modifyitems(config, items):
    """
    The C programs take longest. They do not come last, when who has nothing left to do waits for them, and not all at once,
    since who tests beside others begins with a part of the list: they are strewn over its first quarter.
    """
    left_out = set() if WHOLE or len(builds.all_builds()) < 2 else is_left_out(items)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]
    long = [item for item in items if item.path.name == "test_units.py"]
    others = iter([item for item in items if item.path.name != "test_units.py"])
    between = len(items) // 4 // (len(long) + 1)
    items[:] = [*itertools.chain.from_iterable([item, *itertools.islice(others, between)] for item in long), *others]


def pytest_report_header(config):
    lines = ["builds: " + ", ".join(str(b.dir) for b in builds.all_builds())]
    lines.append(f"reference: {reference.find()}")
    return lines


# What compares bytes, counts or measures: a sanitizer would find there what it finds in the other folders, later.
PLAIN_FOLDERS = ("diff", "guard")


def builds_for(metafunc):
    """Each build; where there is one without sanitizers, none with them for what is `plain`."""
    every = builds.all_builds()
    is_plain = metafunc.definition.get_closest_marker("plain") or metafunc.definition.path.parent.name in PLAIN_FOLDERS
    return [b for b in every if not (b.ss.exists() and b.is_sanitized)] or every if is_plain else every


def pytest_generate_tests(metafunc):
    if "build" in metafunc.fixturenames:
        every = builds_for(metafunc)
        metafunc.parametrize("build", every, ids=[b.name for b in every], scope="session", indirect=True)


@pytest.fixture(scope="session")
def build(request):
    if not request.param.ss.exists():
        pytest.fail(f"{request.param.ss} does not exist: build first")
    return request.param


@pytest.fixture(scope="session")
def ss(build):
    """The path of the program under test, once for each build."""
    return build.ss


@pytest.fixture
def ss_of_all(ss):
    """A copy of the program where an ordinary user can run it."""
    folder = Path(tempfile.mkdtemp(prefix="sockeye-test-"))
    folder.chmod(0o755)
    shutil.copy(ss, folder / "ss")
    (folder / "ss").chmod(0o755)
    loaded.COPIES[folder / "ss"] = ss
    yield folder / "ss"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def walks(ss):
    """Skips where BPF programs cannot walk the kernel's tables, by what this machine has and lets this user do."""
    why = bpf.obstacle(ss)
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
def ref():
    """The ss to compare with."""
    found = reference.find()
    if found is None:
        pytest.skip("no ss to compare with: set SOCKEYE_REFERENCE_SS")
    return found


def scenario_names(mksock, group):
    import subprocess

    out = subprocess.run([mksock, "-l"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in out.splitlines() if line.split()[1] == group]


def start_net(tmp_path_factory, name, scenarios, **more):
    return netns.Net(builds.find_mksock(), tmp_path_factory.mktemp(name), scenarios, **more).start()


@pytest.fixture
def script():
    """Starts a netns.Script, which ends with the test."""
    made = []

    def make(*args):
        made.append(netns.Script(*args))
        return made[-1].start()

    yield make
    for net in made:
        net.stop()


@pytest.fixture(scope="session")
def steady(tmp_path_factory, ref):
    """Sockets of which nothing changes with time."""
    names = [n for n in scenario_names(builds.find_mksock(), "steady") if n not in ODD]
    net = start_net(tmp_path_factory, "steady", names)
    net.wait_quiet(ref.path)
    yield net
    net.stop()


@pytest.fixture(scope="session")
def odd(tmp_path_factory):
    """Processes and unix sockets whose names are hard to print."""
    net = start_net(tmp_path_factory, "odd", ODD)
    yield net
    net.stop()


@pytest.fixture(scope="session")
def moving_net(tmp_path_factory):
    net = start_net(tmp_path_factory, "moving", ["moving"], has_small_tables=False)
    yield net
    net.stop()


@pytest.fixture
def moving(moving_net):
    """TCP in the states that a timer drives, made less than 40 seconds ago."""
    moving_net.refresh(max_age_s=40)
    return moving_net
