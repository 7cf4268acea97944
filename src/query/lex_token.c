/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Tokens: what words mean, keeping them, and showing where in its source one lies. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "query/filter.h"
#include "query/lex.h"

enum {
	TOKENS_MAX = 2 << 20,
	SHOWN_BEFORE = 160, /* of a long line, around the place */
	SHOWN = 240,
};

static const struct {
	const char *word;
	enum lex_kind kind;
} spellings[] = {
	/* of each kind the usual one first */
	{ "not", LEX_NOT },       { "!", LEX_NOT },
	{ "and", LEX_AND },       { "&", LEX_AND },
	{ "&&", LEX_AND },        { "or", LEX_OR },
	{ "|", LEX_OR },          { "||", LEX_OR },
	{ "(", LEX_OPEN },        { ")", LEX_CLOSE },
	{ "=", LEX_EQ },          { "==", LEX_EQ },
	{ "eq", LEX_EQ },         { "!=", LEX_NE },
	{ "ne", LEX_NE },         { "neq", LEX_NE },
	{ ">", LEX_GT },          { "gt", LEX_GT },
	{ "<", LEX_LT },          { "lt", LEX_LT },
	{ ">=", LEX_GE },         { "ge", LEX_GE },
	{ "geq", LEX_GE },        { "<=", LEX_LE },
	{ "le", LEX_LE },         { "leq", LEX_LE },
	{ "src", LEX_SRC },       { "dst", LEX_DST },
	{ "sport", LEX_SPORT },   { "dport", LEX_DPORT },
	{ "dev", LEX_DEV },       { "fwmark", LEX_FWMARK },
	{ "cgroup", LEX_CGROUP }, { "autobound", LEX_AUTOBOUND },
};

enum { SPELLING_MAX = 9 };

/* Copies @s to @buf, which has room, as it may be shown. Returns its length there. */
static size_t show(char *buf, struct sv s)
{
	for (size_t i = 0; i < s.len; i++)
		buf[i] = lex_is_blank(s.p[i], true) ? ' ' : s.p[i];
	return utf8_make_safe(buf, s.len);
}

/* The cells that @s takes when it is shown. */
static size_t count_cells(struct sv s)
{
	char buf[SHOWN];

	return utf8_width(sv_n(buf, show(buf, sv_first(s, SHOWN))));
}

static bool is_inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The line of @t's source around it, and where in that line @t lies. */
static struct sv source_line(const struct lexer *lx, const struct token *t, size_t *ret_at,
			     size_t *ret_number)
{
	struct sv all = t->in_file ? lx->file : sv_n(lx->line, lx->line_len);
	struct sv before = sv_first(all, t->at);
	ptrdiff_t nl = t->in_file ? sv_rfind(before, '\n') : -1;
	struct sv line = sv_from(all, (size_t)(nl + 1));
	size_t at = before.len - (size_t)(nl + 1);
	ptrdiff_t end = t->in_file ? sv_find(line, '\n') : -1;
	size_t len;

	*ret_number = 1;
	for (size_t i = 0; t->in_file && i < before.len; i++)
		*ret_number += before.p[i] == '\n';
	if (end >= 0)
		line = sv_first(line, (size_t)end);
	if (at > SHOWN_BEFORE) {
		line = sv_from(line, at - SHOWN_BEFORE);
		at = SHOWN_BEFORE;
	}
	for (; at && is_inside_character(line.p[0]); at--)
		line = sv_from(line, 1);
	*ret_at = at;
	if (line.len <= SHOWN)
		return line;
	len = SHOWN;
	while (len > SHOWN_BEFORE && is_inside_character(line.p[len]))
		len--;
	return sv_first(line, len);
}

int lex_fail(const struct lexer *lx, const struct token *t, struct sv part, struct err *e, int r,
	     const char *fmt, ...)
{
	char shown[SHOWN + 1], marks[2 * SHOWN + 1], name[121] = "", where[160] = "", say[320];
	size_t at, number, n, len = part.len;
	struct sv line;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(say, sizeof(say), fmt, ap);
	va_end(ap);
	say[utf8_make_safe(say, strlen(say))] = '\0';
	line = source_line(lx, t, &at, &number);
	(void)snprintf(name, sizeof(name), "%s", lx->file_name ? lx->file_name : "");
	name[utf8_make_safe(name, strlen(name))] = '\0';
	if (t->in_file)
		(void)snprintf(where, sizeof(where), "%s, line %zu:\n", name, number);
	if (t->is_escaped || !part.p || part.p < t->text.p) /* what is marked cannot be found in the source */
		len = t->len;
	else
		at += (size_t)(part.p - t->text.p);
	if (at > line.len)
		at = line.len;
	if (len > line.len - at)
		len = line.len - at;
	shown[show(shown, line)] = '\0';
	n = count_cells(sv_first(line, at));
	memset(marks, ' ', n);
	len = count_cells(sv_first(sv_from(line, at), len));
	if (!len)
		len = 1;
	memset(marks + n, '^', len);
	marks[n + len] = '\0';
	return err_lines(e, r, "%s%s\n%s %s", where, shown, marks, say);
}

enum lex_kind lex_kind(struct sv word)
{
	for (size_t i = 0; word.len <= SPELLING_MAX && i < ARRAY_SIZE(spellings); i++)
		if (sv_is(word, spellings[i].word))
			return spellings[i].kind;
	return LEX_WORD;
}

const char *lex_name(enum lex_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		if (spellings[i].kind == kind)
			return spellings[i].word;
	return "";
}

int lex_add(struct lexer *lx, const struct token *t, struct err *e)
{
	if (lx->n == TOKENS_MAX)
		return lex_fail(lx, t, t->text, e, -E2BIG, "too many words");
	if (lx->n == lx->cap) {
		size_t cap = lx->cap ? 2 * lx->cap : 64;
		struct token *v = reallocarray(lx->v, cap, sizeof(*v));

		if (!v)
			return err_sys(e, -ENOMEM, "reading the filter");
		lx->v = v;
		lx->cap = cap;
	}
	lx->v[lx->n++] = *t;
	return 0;
}

bool filter_is_relation(struct sv word)
{
	enum lex_kind kind = lex_kind(word);

	return (kind >= LEX_EQ && kind <= LEX_LE) || sv_is(word, "in") ||
	       (word.len && strchr("=!<>~", word.p[0]));
}
