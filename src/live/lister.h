/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The records of the few sockets that are in view, with the columns that --columns would show of them.
 */

#include "model/tabular.h"
#include "report/chain.h"
#include "sink/format/layout.h"

struct lister;

struct lister_opts {
	const char *columns; /* as --columns has them; NULL: those of the classic text */
	uint32_t show;
	bool is_everywhere;
	struct selection select;
};

/* Returns 0 or a negative errno as chain_new(), with detail. */
int lister_new(const struct lister_opts *o, struct lister **ret, struct err *e);
struct lister *lister_free(struct lister *l);

DEFINE_CLEANUP(struct lister, lister_free)

/* Adds the fields that it reads. */
void lister_needs(const struct lister *l, struct fieldset *set);

/* The columns; *@ret_n of them. */
const struct column *lister_columns(const struct lister *l, size_t *ret_n);

/* The cells of @row, valid until the next; NULL when memory ran out. */
const struct cell *lister_read(struct lister *l, const struct row *row);
