/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Words of the filter language: split at blanks, a backslash makes the next
 * character an ordinary one. Each remembers where it was written.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sv.h"

enum lex_kind {
	LEX_WORD, /* none of the others */
	LEX_END,
	LEX_NOT,
	LEX_AND,
	LEX_OR,
	LEX_OPEN,
	LEX_CLOSE,
	LEX_EQ,
	LEX_NE,
	LEX_GT,
	LEX_LT,
	LEX_GE,
	LEX_LE,
	LEX_SRC,
	LEX_DST,
	LEX_SPORT,
	LEX_DPORT,
	LEX_DEV,
	LEX_FWMARK,
	LEX_CGROUP,
	LEX_AUTOBOUND,
};

struct token {
	struct sv text;  /* without its backslashes */
	uint32_t at;     /* first byte in the source it comes from */
	uint32_t len;    /* bytes there */
	uint32_t closes; /* closing parentheses without a backslash at its end */
	uint8_t kind;
	bool is_escaped; /* had a backslash */
	bool in_file;
};

struct lexer {
	struct token *v;
	size_t n, cap;
	char *buf; /* the words' text */
	size_t buf_len;
	char *line; /* the words of the command line with blanks between */
	size_t line_len;
	struct sv file;
	const char *file_name;
};

/*
 * Splits the words, then the file, into tokens; the last one is LEX_END. The file must outlive the lexer.
 * Returns 0, -E2BIG, -EINVAL or -ENOMEM, with detail in @e.
 */
int lex_init(struct lexer *lx, const struct sv *words, size_t n_words, struct sv file, const char *file_name,
	     struct err *e);
void lex_done(struct lexer *lx);

enum lex_kind lex_kind(struct sv word);
const char *lex_name(enum lex_kind kind); /* the usual spelling */

/* Sets @e to the source line of @t with @part, a part of its text, marked, and the message; returns @r. */
int lex_fail(const struct lexer *lx, const struct token *t, struct sv part, struct err *e, int r,
	     const char *fmt, ...) __attribute__((format(printf, 6, 7)));
