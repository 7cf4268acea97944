# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Faults and healthy populations on the real kernel, and what the doctor says of them. See main.py."""
