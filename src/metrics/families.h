/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The families of metrics that a page for Prometheus has, as data: families.def, which says what the members
 * are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
enum metric_id {
#define VALUE(id, ...) METRIC_##id,
#define HISTOGRAM(id, ...) METRIC_##id,
#define READ(id, ...) METRIC_##id,
#define OWN(id, ...) METRIC_##id,
#include "metrics/families.def"
	METRIC_MAX
};

enum list_id {
#define LIST(id, ...) METRIC_LIST_##id,
#include "metrics/families.def"
	METRIC_LIST_MAX
};
/* clang-format on */

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

enum metric_fold { FOLD_SUM, FOLD_MAX };

enum { BOUNDS_MAX = 16, SHARES = 1000 };

struct metric_list {
	const char *filter, *keys;
	uint32_t tables;
	unsigned int share;
	bool takes_by, has_ports, has_zero;
};

struct metric {
	const char *name, *unit, *help, *other;
	enum metric_kind kind;
	/* Of a list: */
	const char *column;
	enum list_id list; /* METRIC_LIST_MAX: of none */
	enum metric_fold fold;
	/* A histogram: .column, or as a share of .of. */
	uint32_t tables;
	const char *filter, *of;
	const double *bounds;
	size_t n_bounds;
	/* Of the kernel's: */
	const char *reading;
	bool is_in_pages, is_of_host;
};

extern const struct metric_list metric_lists[METRIC_LIST_MAX];
extern const struct metric metrics[METRIC_MAX];
