/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Puts a filter together from its tests as the grammar finds them: where each
 * goes on, and how the whole is printed. Only for parse.c.
 */

#include "query/filter_impl.h"

#define NONE UINT32_MAX

/* Where the ends of tests wait to be told where to go: a list through .yes and .no, of index * 2 + is_no. */
struct chain {
	uint32_t head, tail;
};

/* A part of the expression. */
struct expr {
	uint32_t first;
	struct chain yes, no;
	uint32_t canon_head, canon_tail;
	uint8_t op;  /* LEX_AND, LEX_OR, or LEX_WORD: a single term */
	bool is_not; /* all of it, when not a single term */
};

struct builder {
	struct filter *f; /* NULL while only the grammar is looked at: then nothing is done */
	struct err *e;
};

/* Appends @leaf, which stands under an odd number of negations if @is_negated; sets *@ret to it. */
int build_leaf(struct builder *b, const struct leaf *leaf, bool is_negated, struct expr *ret);

/* Makes @x "not @x". */
void build_not(struct builder *b, struct expr *x);

/* Makes @x "@x @op @y", @op one of LEX_AND and LEX_OR; @y was made last. */
int build_join(struct builder *b, struct expr *x, enum lex_kind op, struct expr *y);

/* Makes @x the whole filter; lists only @narrow families unless that is 0. */
int build_finish(struct builder *b, struct expr *x, const struct filter_env *env, uint64_t narrow);
