/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What columns are called in the formats for Prometheus: an amount is a metric, everything else a label.
 */

#include "base/text.h"
#include "model/tabular.h"

/* Longest value of a label in bytes, as a reader has it: VictoriaMetrics refuses lines above 256 KiB. */
enum { LABEL_VALUE_MAX = 1024 };

struct metric_name {
	struct text sample; /* what its samples are called */
	size_t family;      /* length of that without what the kind of metric adds */
	const char *kind;   /* "gauge", "counter", ... */
	const char *unit;   /* "seconds"; NULL: none */
	struct text help;   /* never empty: promtool complains of metrics without */
};

/* Into *@ret, which owns it also when its texts have failed: of the amounts in @c. */
void metric_name_column(const struct column *c, struct metric_name *ret);

/* Of @records that are only counted: "sockets". */
void metric_name_records(const char *records, struct metric_name *ret);

/* Appends what stands above the samples. In the text format all of it is about the name of the samples. */
void metric_name_put_head(const struct metric_name *n, bool is_text, struct text *ret);

void metric_name_done(struct metric_name *n);

bool metric_name_has_failed(const struct metric_name *n);

/* Appends the name of a column as that of a label: letters, digits and single underscores. */
void metric_put_word(struct text *t, const char *name);

/*
 * Appends label="value", and a comma before it where there is something. @value is as value_put_line() writes
 * it; behind LABEL_VALUE_MAX bytes it is cut, and ends with "...". Returns whether it was.
 */
bool metric_put_label(struct text *t, struct sv label, struct sv value);
