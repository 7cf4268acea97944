# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Populations that look busy, odd or frightening, and are as they should be."""
