/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/lex.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"

enum {
	TEXT_MAX = 16 << 20,
	WORD_MAX = 8192,
};

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
