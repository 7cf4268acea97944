/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Terms about fields of the registry: FIELD OPERATOR VALUE, has FIELD. The
 * grammar (parse.c) finds the words, this makes tests of them.
 */

#include "query/filter_impl.h"

struct field_term {
	const struct filter_env *env;
	const struct lexer *lx;
	struct err *e;
	const struct token *name;
	const struct token *rel; /* the operator, or "has" */
	const struct token *values;
	size_t n_values;
	enum field_id field;

	/* Adds @a, or when that is not NULL "@a and @b", as one more alternative. 0 or a negative errno. */
	int (*add)(struct field_term *t, const struct leaf *a, const struct leaf *b);
	void *parser;
};

/* Finds .field, and whether .rel fits it. 0, or -EBADMSG with detail. */
int field_term_check(struct field_term *t);

/* Reads the values and adds the tests. 0 or a negative errno with detail. */
int field_term_parse(struct field_term *t);
