/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The samples of a page, by family; and the page, as OpenMetrics 1.0 or in Prometheus' text format.
 */

#include "base/text.h"
#include "metrics/families.h"

enum page_form { PAGE_OPENMETRICS, PAGE_TEXT };

enum page_part { SAMPLE_VALUE, SAMPLE_BUCKET, SAMPLE_SUM, SAMPLE_COUNT };

struct page_sample {
	size_t label, label_len; /* in .labels of the page */
	enum page_part part;
	double value;
};

struct page_family {
	struct page_sample *v;
	size_t n, cap;
};

struct page {
	struct page_family families[METRIC_MAX];
	struct text labels;
	size_t n_series;
	bool has_failed; /* there was no memory for a sample */
};

/* One more sample of @id with the @labels, a="b",c="d", or none. */
void page_add(struct page *p, enum metric_id id, struct sv labels, enum page_part part, double value);

/* Whether there is a sample of @id with these. */
bool page_has(const struct page *p, enum metric_id id, struct sv labels);

/* Appends the page to @ret, whose .failed tells if there was no memory, for a sample neither. */
void page_put(const struct page *p, enum page_form form, struct text *ret);

void page_done(struct page *p);

/* What a server says the form is. */
const char *page_media_type(enum page_form form);
