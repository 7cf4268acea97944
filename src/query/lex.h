/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Words of the filter language: split at blanks, a backslash makes the next
 * character an ordinary one. Each remembers where it was written. Parentheses
 * and exclamation marks before a term may be glued to it.
 *
 * Around the operator of a field blanks are optional, its value may stand
 * between quotes, and ends at a closing parenthesis, "&" and "|" too; behind
 * "=", "!=" and "in" also at a comma, and another value follows.
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
	LEX_HAS,
	LEX_FIELD, /* behind LEX_HAS, or where an operator on a field follows: maybe no name that is known */
	LEX_LIKE,  /* these only behind a field */
	LEX_UNLIKE,
	LEX_IN,
	LEX_BRACE, /* around several values */
	LEX_BRACE_END,
	LEX_VALUE,
};

/* What the next word can be. */
enum lex_place {
	LEX_AT_TERM,     /* also where an operator between terms may stand */
	LEX_AT_RELATION, /* behind src, dst, ... */
	LEX_AT_OPERAND,
	LEX_AT_NAME,   /* behind has */
	LEX_AT_MATTER, /* behind a field */
	LEX_AT_VALUE,
	LEX_AT_VALUES, /* a value, or several in braces */
	LEX_IN_BRACES,
};

struct token {
	struct sv text;  /* without its backslashes */
	uint32_t at;     /* first byte in the source it comes from */
	uint32_t len;    /* bytes there */
	uint32_t closes; /* closing parentheses without a backslash at its end */
	uint8_t kind;
	bool is_escaped; /* had a backslash */
	bool has_comma;  /* a value with a comma directly behind: another one must follow */
	bool in_file;
	bool is_glued; /* a parenthesis or exclamation mark before more of its word */
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
	enum lex_place place;
	bool is_continued; /* a line of the file has a backslash at its end: something is to follow */
	bool is_list;      /* the operator at hand takes several values, with commas between */
};

/* Where in a source the lexer is. */
struct lex_cursor {
	struct sv src;
	size_t at;
	size_t base; /* of .src in its source */
	bool in_file;
	bool is_behind; /* directly behind a predicate, a field or a value */
};

/*
 * Splits the words, then the file, into tokens; the last one is LEX_END. The file must outlive the lexer.
 * Returns 0, -E2BIG, -EINVAL or -ENOMEM, with detail in @e.
 */
int lex_init(struct lexer *lx, const struct sv *words, size_t n_words, struct sv file, const char *file_name,
	     struct err *e);
void lex_done(struct lexer *lx);

static inline bool lex_is_blank(char c, bool in_file)
{
	return c == ' ' || c == '\t' || (in_file && c >= '\n' && c <= '\r');
}

/*
 * Takes what concerns fields off @c. Returns 1 when it was there, 0 when what comes is a word between blanks,
 * or a negative errno with detail. For lex.c.
 */
int lex_field(struct lexer *lx, struct lex_cursor *c, struct err *e);

/* Appends @t. For lex.c and lex_field.c. */
int lex_add(struct lexer *lx, const struct token *t, struct err *e);

enum lex_kind lex_kind(struct sv word);

/* The length of the operator of signs at the start of @s and its kind, "=" or "!~"; 0 when there is none. */
size_t lex_symbol(struct sv s, enum lex_kind *ret);
const char *lex_name(enum lex_kind kind); /* the usual spelling */

/* Sets @e to the source line of @t with @part, a part of its text, marked, and the message; returns @r. */
int lex_fail(const struct lexer *lx, const struct token *t, struct sv part, struct err *e, int r,
	     const char *fmt, ...) __attribute__((format(printf, 6, 7)));
