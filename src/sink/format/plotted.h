/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What charts have in common: records become values over time. Of groups it is their first aggregate, else
 * their count, named by their keys; of other lists how many records there are.
 */

#include "base/text.h"
#include "sink/format/formats.h"
#include "sink/format/series.h"

enum { PLOTTED_MAX = 8 }; /* series that are drawn, where nothing is said of --limit */

struct plotted {
	struct tabular tabular;
	struct out *out;
	struct format_opts o;
	struct series_set *set; /* .o.series, or .own */
	struct series_set *own;
	const char *list; /* whose samples are drawn; NULL: none has come */
	const struct column *columns;
	size_t n_keys, value; /* columns: the first so many name a record; that with the values */
	bool counts_records;  /* the list is no groups: */
	uint64_t n;           /* records of it */
	struct text name;
	int (*draw)(struct plotted *p);
};

/* Those that are drawn, into @ret, which has room for .o.limit or PLOTTED_MAX; returns how many. */
size_t plotted_series(const struct plotted *p, const struct series **ret, size_t cap);

/* Appends @v as people read it. */
void plotted_put_value(const struct plotted *p, struct text *t, double v);

/* Makes a chart, whose @draw writes the picture when all is known. Returns 0 or -ENOMEM. */
int plotted_new(const struct format_opts *o, struct out *out, int (*draw)(struct plotted *p),
		struct tabular **ret);
