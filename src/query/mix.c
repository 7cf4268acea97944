/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/mix.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The tokens from @from up to @to as they were written, or the part that is shown of them. */
static void put_words(const struct lexer *lx, struct text *t, size_t from, size_t to)
{
	enum { SHOWN = 60 };
	const struct token *a = &lx->v[from], *b = &lx->v[to > from ? to - 1 : from];
	struct sv src = a->in_file ? lx->file : sv_n(lx->line, lx->line_len);
	size_t len = a->in_file == b->in_file ? b->at + b->len - a->at : a->len;
	struct sv s = sv_first(sv_from(src, a->at), len);

	for (size_t i = 0; i < s.len && i < SHOWN; i++) {
		unsigned char c = (unsigned char)s.p[i];

		text_char(t, (char)(c < 0x20 || c == 0x7f ? ' ' : c));
	}
	if (s.len > SHOWN)
		text_str(t, "...");
}

int mix_fail(const struct mix *m, const struct lexer *lx, struct err *e)
{
	_cleanup_(text_done) struct text t = {};

	text_str(&t, "\"and\" and \"or\" meet here: write  ( ");
	put_words(lx, &t, m->first, m->second_op);
	text_str(&t, " ) ");
	if (m->third > m->second_op)
		put_words(lx, &t, m->second_op, m->third);
	else
		text_str(&t, "and");
	text_char(&t, ' ');
	put_words(lx, &t, m->third, m->end);
	text_str(&t, "  or  ");
	put_words(lx, &t, m->first, m->second);
	text_str(&t, " ( ");
	put_words(lx, &t, m->second, m->end);
	text_str(&t, " )");
	if (t.failed)
		return err_sys(e, -ENOMEM, "parsing the filter");
	return lex_fail(lx, &lx->v[m->second_op], sv_n(NULL, 0), e, -EBADMSG, "%.*s",
			SV_ARG(sv_n(t.p, t.len)));
}
