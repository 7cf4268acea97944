# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Faults injected into the program: docs/faults.md."""
