/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * How two lists of sockets, or of groups of them, are compared: by which columns one is known again, and in
 * which it may differ.
 */

#include "ops/columns.h"
#include "ops/diff.h"

struct compare {
	struct diff_opts diff; /* all but .sides, .limit and .is_for_people */
	bool is_compared[COLUMNS_MAX];
	struct column groups[GROUP_KEYS_MAX + GROUP_OWN + GROUP_AGGREGATES_MAX];
};

struct compare_opts {
	const char *sort;   /* as --sort has it; NULL: not said */
	bool is_named;      /* the columns were chosen by whoever asks: what is in any of them counts */
	bool is_everywhere; /* sockets are of several network namespaces */
	bool is_one_boot;   /* whose numbers mean the same */
};

/*
 * Sockets with the columns that @c has so far; adds what is needed besides. @c and @o->sort are borrowed.
 * Returns 0 or a negative errno as columns_parse().
 */
int compare_sockets(struct compare *x, struct columns *c, const struct compare_opts *o, struct err *e);

/* The groups that @group makes of records with the columns @c. */
void compare_groups(struct compare *x, const struct columns *c, const struct group_opts *group);
