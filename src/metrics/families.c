/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/families.h"

#include "model/segment.h"

/* clang-format off */
#define ON(table) (UINT32_C(1) << TABLE_##table)

const struct metric_list metric_lists[METRIC_LIST_MAX] = {
#define LIST(id, of, words, by, part, ...) \
	[METRIC_LIST_##id] = { .tables = (of), .filter = (words), .keys = (by), .share = (part), __VA_ARGS__ },
#include "metrics/families.def"
};

enum {
#define LIST(id, of, words, by, part, ...) SHARE_##id = (part),
#include "metrics/families.def"
	SHARE_ALL = 0
#define LIST(id, ...) + SHARE_##id
#include "metrics/families.def"
};

#define LIST_OF(bounds) (const double[]) BARE bounds
#define BARE(...) __VA_ARGS__
#define KIND_GAUGE .kind = METRIC_GAUGE
#define KIND_COUNTER .kind = METRIC_COUNTER
#define KIND_HOST_GAUGE .kind = METRIC_GAUGE, .is_of_host = true
#define KIND_HOST_COUNTER .kind = METRIC_COUNTER, .is_of_host = true
#define SCALE_ONE .is_in_pages = false
#define SCALE_PAGES .is_in_pages = true

const struct metric metrics[METRIC_MAX] = {
#define VALUE(id, of, named, how, called, in, elsewhere, text) \
	[METRIC_##id] = { .name = (called), .unit = (in), .other = (elsewhere), .help = (text), \
			  .list = METRIC_LIST_##of, .column = (named), .fold = FOLD_##how },
#define HISTOGRAM(id, on, words, named, share, edges, called, in, elsewhere, text) \
	[METRIC_##id] = { .name = (called), .unit = (in), .other = (elsewhere), .help = (text), \
			  .list = METRIC_LIST_MAX, .kind = METRIC_HISTOGRAM, .tables = (on), .filter = (words), \
			  .column = (named), .of = (share), .bounds = LIST_OF(edges), \
			  .n_bounds = sizeof(LIST_OF(edges)) / sizeof(double) },
#define READ(id, what, from, scale, called, in, elsewhere, text) \
	[METRIC_##id] = { .name = (called), .unit = (in), .other = (elsewhere), .help = (text), \
			  .list = METRIC_LIST_MAX, .reading = (from), KIND_##what, SCALE_##scale },
#define OWN(id, called, in, elsewhere, text) \
	[METRIC_##id] = { .name = (called), .unit = (in), .other = (elsewhere), .help = (text), \
			  .list = METRIC_LIST_MAX },
#include "metrics/families.def"
};
/* clang-format on */

_Static_assert((int)SHARE_ALL <= (int)SHARES, "lists share a page with what is not in lists");
