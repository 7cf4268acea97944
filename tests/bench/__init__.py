# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What ss costs, next to a bare netlink dump and to other programs. The script run is the front door."""
