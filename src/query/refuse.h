/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is said of words that make no term, and what would. Only for parse.c.
 */

#include "query/lex.h"

/* Of @t, which stands where a predicate has to: what people mean by it, where that is plain. Returns -EINVAL.
 */
int refuse_predicate(const struct lexer *lx, const struct token *t, struct err *e);

/*
 * Of @t, which stands where @name, a field or "has", needs something else. Returns -EBADMSG; -EINVAL for a
 * state word.
 */
int refuse_relation(const struct lexer *lx, const struct token *name, const struct token *t, struct err *e);
