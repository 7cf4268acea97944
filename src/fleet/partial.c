/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/partial.h"

#include <errno.h>
#include <stdlib.h>

#include "fleet/partial_impl.h"
#include "fleet/question.h"
#include "ops/cell_text.h"

static void put_key(struct text *t, const char *key, struct sv value)
{
	if (!value.len)
		return;
	text_printf(t, " %s=", key);
	cell_put_text(t, value);
}

static void put_word_key(struct text *t, const char *key, const char *value)
{
	put_key(t, key, value ? sv(value) : sv(""));
}

static struct text *begin_header(struct partial *p, const char *of)
{
	struct text *t = partial_begin(p, 'h');

	put_key(t, "host", p->o.host);
	put_key(t, "boot", p->o.boot);
	text_printf(t, " id=%016llx time=%llu", (unsigned long long)p->o.id,
		    (unsigned long long)p->o.time_us);
	put_word_key(t, "version", p->o.version);
	put_word_key(t, "of", of);
	put_key(t, "asked", p->o.asked);
	put_word_key(t, "by", p->o.by);
	put_word_key(t, "sort", p->o.sort);
	if (p->o.has_limit)
		text_printf(t, " limit=%llu", (unsigned long long)p->o.limit);
	p->has_header = true;
	return t;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct partial *p = (struct partial *)t;
	struct text *line;

	p->columns = l->columns;
	p->n_columns = l->n;
	if (p->o.by) /* partial_take() knows more */
		return 0;
	line = begin_header(p, l->name);
	if (p->o.columns) {
		put_word_key(line, "columns", p->o.columns);
	} else {
		text_str(line, " columns=");
		for (size_t i = 0; i < l->n; i++) {
			text_str(line, i ? "%2c" : "");
			cell_put_text(line, sv(l->columns[i].name));
		}
	}
	return partial_finish(p, true);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct partial *p = (struct partial *)t;
	struct text *line = partial_begin(p, 'r');

	for (size_t i = 0; i < p->n_columns; i++) {
		text_char(line, ' ');
		cell_put(line, &p->columns[i], &cells[i]);
	}
	p->total++;
	return partial_finish(p, true);
}

/* The first groups, and those that are asked for then. */
static int put_groups(struct partial *p, const struct group_taken *t, const struct group_rank *rank, size_t n)
{
	_cleanup_free_ bool *is_sent = calloc(t->n + 1, sizeof(*is_sent));
	int r = is_sent ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = partial_put_group(p, t, &t->v[i]);
		is_sent[i] = true;
	}
	if (r == 0 && p->o.has_rounds)
		r = partial_rounds(p, t, rank, is_sent);
	return r == 0 ? partial_put_others(p, t, is_sent) : r;
}

int partial_take(void *ctx, const struct group_taken *t)
{
	struct partial *p = ctx;
	struct group_rank rank;
	size_t n = p->o.has_limit && p->o.limit < t->n ? (size_t)p->o.limit : t->n;
	struct text *line = begin_header(p, "groups");
	int r;

	group_rank(t->o, t->columns, &rank);
	if (n < t->n) {
		text_str(line, " bound=");
		cell_put(line, &rank.column, &t->v[n].cells[rank.at]);
	}
	p->total = t->total;
	r = partial_finish(p, true);
	return r == 0 ? put_groups(p, t, &rank, n) : r;
}

static int end_list(struct tabular *t)
{
	return ((struct partial *)t)->out->error;
}

static int put_notes(struct partial *p, const struct notes *notes)
{
	const char *note = NULL;
	enum note kind;
	int r = 0;

	while (notes && r == 0 && (note = notes_next(notes, note, &kind))) {
		if (kind == NOTE_HINT)
			continue;
		text_str(partial_begin(p, 'n'), kind == NOTE_ERROR ? " error " : " warning ");
		cell_put_text(&p->line, sv(note));
		r = partial_finish(p, true);
	}
	return r;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct partial *p = (struct partial *)t;
	int r;

	if (!p->has_header) /* what failed is told elsewhere */
		return out_flush(p->out);
	r = put_notes(p, notes);
	if (r < 0)
		return r;
	text_printf(partial_begin(p, 'e'), " %llu %llu %s", (unsigned long long)p->n_lines,
		    (unsigned long long)p->total, !notes || notes_is_whole(notes) ? "whole" : "partial");
	if (p->line.failed)
		return -ENOMEM;
	p->sum += partial_line_hash(sv_n(p->line.p, p->line.len));
	text_printf(&p->line, " %016llx", (unsigned long long)p->sum);
	r = partial_finish(p, false);
	return r < 0 ? r : out_flush(p->out);
}

static int flush(struct tabular *t)
{
	return out_flush(((struct partial *)t)->out);
}

static void done(struct tabular *t)
{
	struct partial *p = (struct partial *)t;

	text_done(&p->line);
	free(p);
}

static const struct tabular_ops partial_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

struct tabular *partial_tabular(struct partial *p)
{
	return &p->tabular;
}

int partial_new(const struct partial_opts *o, struct out *out, struct partial **ret)
{
	struct partial *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->tabular.ops = &partial_ops;
	p->o = *o;
	p->out = out;
	*ret = p;
	return 0;
}
