# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""
What a case is: a function that is given a Place, builds a state of the kernel there, sees to it by evidence of its own that it is
there, and yields while it stands. It runs in namespaces of its own (network, mounts, processes): what it leaves behind ends with them.
"""

import importlib
import pkgutil
from dataclasses import dataclass, field


class NotReproduced(AssertionError):
    """The kernel is not in the state that the case is about: nothing is said about the doctor."""


@dataclass
class Case:
    name: str
    build: object
    about: str
    kind: str = "fault"
    first: str = None  # the rule that has to be the first finding
    also: tuple = ()  # rules that may be there as its consequences
    normal: tuple = ()  # rules that have to tell why what they see is normal, when all is asked for
    options: tuple = ()  # of the doctor
    thresholds: dict = field(default_factory=dict)
    from_outside: bool = False  # it is of the whole machine: asked where we came from, and about this rule only
    seconds: float = 120
    is_sampled: bool = False  # in `make test`, too


CASES = {}


def register(function, **more):
    name = function.__name__
    if name in CASES:
        raise ValueError(f"two cases are named {name}")
    CASES[name] = Case(name, function, (function.__doc__ or "").strip().split("\n")[0], **more)
    return function


def fault(first, also=(), **more):
    """Of a function that builds a state of which the rule @first has to be the first finding."""
    return lambda function: register(function, kind="fault", first=first, also=tuple(also), **more)


def healthy(**more):
    """Of a function that builds a population of which the doctor must not warn."""
    return lambda function: register(function, kind="healthy", **more)


def load():
    """All cases there are, by name, in the order of the files."""
    for folder in ("kit", "healthy"):
        package = importlib.import_module(f"doctor.{folder}")
        for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            importlib.import_module(f"doctor.{folder}.{module}")
    return CASES
