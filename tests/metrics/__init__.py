# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Pages of metrics and those who read them: Prometheus, node_exporter, VictoriaMetrics, as Debian has them."""
