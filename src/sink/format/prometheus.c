/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Prometheus' text format 0.0.4, which node_exporter reads files in. Help and type belong to the name that
 * the samples have: https://prometheus.io/docs/instrumenting/exposition_formats/
 */

#include "sink/format/metrics.h"

int prometheus_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	return metrics_make(o, out, true, ret);
}
