# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Faults: each builds one state of the kernel, and names the rule that has to tell of it first."""
