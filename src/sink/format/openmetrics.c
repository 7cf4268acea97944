/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/ */

#include "sink/format/metrics.h"

int openmetrics_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	return metrics_make(o, out, false, ret);
}
