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
	enum field_id other; /* the same of the other side, for a name that means either; else F_MAX */

	/* Adds the @n tests in @all, which all have to hold, as one more alternative. 0 or a negative errno.
	 */
	int (*add)(struct field_term *t, const struct leaf *all, size_t n);
	void *parser;
};

/* Finds .field and .other, and whether .rel fits it. 0, or -EBADMSG with detail. */
int field_term_check(struct field_term *t);

/* Whether @rel can stand between @f and a value. */
bool field_term_fits(enum field_id f, enum lex_kind rel);

/* Says in @e what to do about @name, which is none; returns -EBADMSG. */
int field_term_unknown(const struct lexer *lx, const struct token *name, const char *what, struct err *e);

/* The test whether there is .field. */
struct leaf field_term_has(const struct field_term *t);

/* Reads the values and adds the tests. 0 or a negative errno with detail. */
int field_term_parse(struct field_term *t);
