/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * One run, several lists: each row goes into the chains whose filters it
 * fits, and they end in the order in which they were added.
 */

#include "query/filter.h"
#include "report/chain.h"

struct branch;

/* Returns 0 or -ENOMEM. */
int branch_new(struct branch **ret);
struct branch *branch_free(struct branch *b);

DEFINE_CLEANUP(struct branch, branch_free)

/*
 * One more list, of @c, of the rows of @tables, bits 1 << TABLE_*, that @f accepts; NULL: all. Takes both
 * over, also when it fails. Chains that write to the same output are made as .is_one_of_many. Returns 0 or
 * -ENOMEM.
 */
int branch_add(struct branch *b, struct chain *c, struct filter *f, uint32_t tables);

/* Whether list @i, in the order in which they were added, is there in the runs from now on; at first each is.
 */
void branch_turn(struct branch *b, size_t i, bool is_on);

/* Adds the fields that decide which sockets are in its lists, and where, to @keys. */
void branch_needs(const struct branch *b, struct fieldset *keys);

/* Where the rows go, as long as it lives. */
struct sink *branch_sink(struct branch *b);
