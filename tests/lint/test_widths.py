# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""How many cells a character takes: src/base/utf8_widths.h against what Python knows of Unicode, and the C library."""

import ctypes
import locale
import re
import unicodedata
from pathlib import Path

import pytest

TABLE = (Path(__file__).resolve().parents[2] / "src/base/utf8_widths.h").read_text()
JOINING = {*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)}
SHOWN = {0xAD, *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
ALSO_WIDE = {*range(0x4DC0, 0x4E00), *range(0x3248, 0x3250)}


def codes(name):
    text = TABLE.split(f"{name}[]")[1].split("};")[0]
    return {c for first, last in re.findall(r"0x(\w+), 0x(\w+)", text) for c in range(int(first, 16), int(last, 16) + 1)}


@pytest.fixture(scope="module")
def widths():
    zero, wide = codes("zero_width"), codes("wide")
    assert not zero & wide
    return lambda c: 0 if c in zero else 2 if c in wide else 1


def assigned():
    return (c for c in range(0xA0, 0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co", "Cc"))


def test_as_unicode_says(widths):
    for c in assigned():
        is_zero = unicodedata.category(chr(c)) in ("Mn", "Me", "Cf") or c in JOINING
        is_wide = unicodedata.east_asian_width(chr(c)) in "WF" or c in ALSO_WIDE
        want = 1 if c in SHOWN else 0 if is_zero else 2 if is_wide else 1
        assert widths(c) == want, f"U+{c:04X} {unicodedata.name(chr(c), '')}"


def test_as_the_library_says(widths):
    """A terminal mostly asks wcwidth(): the two may be of different versions of Unicode, by a few of some 280,000 characters."""
    libc = ctypes.CDLL(None)
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        pytest.skip("there is no locale C.UTF-8")
    try:
        others = [c for c in assigned() if libc.wcwidth(c) not in (-1, widths(c))]
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    assert len(others) < 50, [f"U+{c:04X}" for c in others[:10]]
