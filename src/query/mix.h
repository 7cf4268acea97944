/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where `and` and `or` meet without parentheses.
 */

#include "query/lex.h"

/* The first such place: tokens. */
struct mix {
	size_t first, first_op, second, second_op, third, end;
};

/*
 * Refuses it, with both ways to write it: in a filter with terms that no other ss knows, nobody can rely on
 * what mixing means elsewhere. Returns a negative errno.
 */
int mix_fail(const struct mix *m, const struct lexer *lx, struct err *e);
