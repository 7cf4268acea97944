# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""One answer of many hosts, over what carries it: make kit-fleet."""
