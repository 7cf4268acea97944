/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What writes both formats for Prometheus: OpenMetrics 1.0, or its own text format 0.0.4.
 */

#include "sink/format/formats.h"

/* Most series in a page, apart from those about the answer: each costs Prometheus some KiB for hours. */
enum { METRICS_SERIES_MAX = 1000 };

/* Makes it, on @out, which is borrowed. Returns 0 or -ENOMEM. */
int metrics_make(const struct format_opts *o, struct out *out, bool is_text, struct tabular **ret);
