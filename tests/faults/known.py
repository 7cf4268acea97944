# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Faults that are not answered as they should be, known and not mended yet. To be empty."""

import re

# Which line, the system call and its error, what it was about; and why.
KNOWN = []


def why(line, fault):
    """Why this is known to be wrong; None when it is not known."""
    for of_line, call, error, detail, reason in KNOWN:
        if re.search(of_line, str(line)[3:] if line.program == "ss" else str(line)) and re.fullmatch(call, fault.call) \
                and re.fullmatch(error, fault.error) and re.fullmatch(detail, fault.detail):
            return reason
    return None
