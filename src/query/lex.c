/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/lex.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"

enum {
	TEXT_MAX = 16 << 20,
	WORD_MAX = 8192,
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

/* Reads the word that begins at @at of @src; returns where it ends. */
static size_t read_word(struct lexer *lx, struct sv src, size_t at, struct token *ret)
{
	size_t start = lx->buf_len, i = at;

	for (; i < src.len && !lex_is_blank(src.p[i], ret->in_file); i++) {
		ret->closes = src.p[i] == ')' ? ret->closes + 1 : 0;
		if (src.p[i] == '\\') {
			if (++i == src.len)
				break;
			/* At the end of a line it says what is so anyway: the expression goes on. */
			if (ret->in_file && src.p[i] == '\n')
				break;
			ret->is_escaped = true;
		}
		lx->buf[lx->buf_len++] = src.p[i];
	}
	ret->text = sv_n(lx->buf + start, lx->buf_len - start);
	ret->kind = (uint8_t)lex_kind(ret->text);
	return i;
}

/* What a word between blanks makes of the place of the next. */
static enum lex_place next_place(enum lex_place place, enum lex_kind kind)
{
	if (place == LEX_AT_TERM && kind >= LEX_SRC && kind < LEX_AUTOBOUND)
		return LEX_AT_RELATION;
	return place == LEX_AT_RELATION && kind >= LEX_EQ && kind <= LEX_LE ? LEX_AT_OPERAND : LEX_AT_TERM;
}

static int one_word(struct lexer *lx, struct lex_cursor *c, struct err *e)
{
	struct token t = { .at = (uint32_t)(c->base + c->at), .in_file = c->in_file };
	size_t start = c->at;

	c->is_behind = false;
	c->at = read_word(lx, c->src, start, &t);
	t.len = (uint32_t)(c->at - start);
	if (t.text.len > WORD_MAX)
		return lex_fail(lx, &t, sv_first(t.text, 1), e, -EINVAL, "the word is too long");
	/* A backslash alone is a word, empty, but at the end of a line. */
	if (!t.text.len && t.in_file && c->at < c->src.len && c->src.p[c->at] == '\n') {
		lx->is_continued = true;
		return 0;
	}
	lx->place = next_place(lx->place, (enum lex_kind)t.kind);
	return lex_add(lx, &t, e);
}

/* Splits @src, which lies at @base of its source, into tokens. */
static int split(struct lexer *lx, struct sv src, size_t base, bool in_file, struct err *e)
{
	struct lex_cursor c = { .src = src, .base = base, .in_file = in_file };
	bool at_line_start = true;

	while (c.at < src.len) {
		char ch = src.p[c.at];
		int r;

		if (in_file && at_line_start && ch == '#') {
			ptrdiff_t nl = sv_find(sv_from(src, c.at), '\n');

			c.at = nl < 0 ? src.len : c.at + (size_t)nl;
			continue;
		}
		if (lex_is_blank(ch, in_file)) {
			at_line_start = at_line_start || ch == '\n';
			c.is_behind = false;
			c.at++;
			continue;
		}
		at_line_start = false;
		r = lex_field(lx, &c, e);
		if (r == 0)
			r = one_word(lx, &c, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int split_all(struct lexer *lx, const struct sv *words, size_t n_words, struct err *e)
{
	struct token end = { .kind = LEX_END };
	size_t at = 0;
	int r;

	for (size_t i = 0; i < n_words; i++) {
		r = split(lx, words[i], at, false, e);
		if (r)
			return r;
		at += words[i].len + 1;
	}
	r = split(lx, lx->file, 0, true, e);
	if (r)
		return r;
	if (lx->n) { /* just behind the last word */
		end = lx->v[lx->n - 1];
		end.at += end.len;
		end.len = 0;
		end.text = sv_n(end.text.p + end.text.len, 0);
		end.kind = LEX_END;
		end.is_escaped = false;
		end.closes = 0;
	}
	return lex_add(lx, &end, e);
}

int lex_init(struct lexer *lx, const struct sv *words, size_t n_words, struct sv file, const char *file_name,
	     struct err *e)
{
	size_t total = 0;
	int r;

	*lx = (struct lexer){ .file = file, .file_name = file_name };
	for (size_t i = 0; i < n_words && total <= TEXT_MAX; i++)
		total += words[i].len + 1;
	if (total > TEXT_MAX || file.len > TEXT_MAX)
		return err_say(e, -E2BIG, "the filter is longer than 16 MiB");
	lx->line = malloc(total + 1);
	lx->buf = malloc(total + file.len + 1);
	if (!lx->line || !lx->buf) {
		lex_done(lx);
		return err_sys(e, -ENOMEM, "reading the filter");
	}
	for (size_t i = 0; i < n_words; i++) {
		if (i)
			lx->line[lx->line_len++] = ' ';
		if (words[i].len)
			memcpy(lx->line + lx->line_len, words[i].p, words[i].len);
		lx->line_len += words[i].len;
	}
	r = split_all(lx, words, n_words, e);
	if (r)
		lex_done(lx);
	return r;
}

void lex_done(struct lexer *lx)
{
	free(lx->v);
	free(lx->buf);
	free(lx->line);
	*lx = (struct lexer){};
}
