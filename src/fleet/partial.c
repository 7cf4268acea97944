/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/partial.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "fleet/question.h"
#include "model/value.h"
#include "ops/cell_text.h"
#include "ops/sum_text.h"

struct partial {
	struct tabular tabular;
	struct partial_opts o;
	struct out *out;
	struct text line;
	const struct column *columns; /* of records */
	size_t n_columns;
	bool has_header;
	uint64_t n_lines, sum, total;
};

uint64_t partial_line_hash(struct sv line)
{
	return hash_bytes(line);
}

/* Begins a line of @kind. */
static struct text *begin(struct partial *p, char kind)
{
	p->line.len = 0;
	text_printf(&p->line, "ss%d%c", PARTIAL_VERSION, kind);
	return &p->line;
}

/* Writes the line, which ends with @is_last. */
static int finish(struct partial *p, bool is_counted)
{
	if (p->line.failed)
		return -ENOMEM;
	if (is_counted) {
		p->sum += partial_line_hash(sv_n(p->line.p, p->line.len));
		p->n_lines++;
	}
	text_char(&p->line, '\n');
	if (p->line.failed)
		return -ENOMEM;
	out_write(p->out, p->line.p, p->line.len);
	return p->out->error;
}

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
	struct text *t = begin(p, 'h');

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
	return finish(p, true);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct partial *p = (struct partial *)t;
	struct text *line = begin(p, 'r');

	for (size_t i = 0; i < p->n_columns; i++) {
		text_char(line, ' ');
		cell_put(line, &p->columns[i], &cells[i]);
	}
	p->total++;
	return finish(p, true);
}

/* Behind the keys of a group, or in place of them. */
static int put_sums(struct partial *p, const struct group_taken *t, uint64_t count, struct sum *sums)
{
	int r = 0;

	text_char(&p->line, ' ');
	text_u64(&p->line, count);
	for (size_t i = 0; i < t->o->n_aggregates && r == 0; i++) {
		const struct aggregate_column *a = &t->o->aggregates[i];

		text_char(&p->line, ' ');
		r = sum_put(&p->line, &sums[i], a, &t->columns[a->column]);
	}
	return r < 0 ? r : finish(p, true);
}

static int put_group(struct partial *p, const struct group_taken *t, const struct group_part *g)
{
	struct text *line = begin(p, 'g');

	for (size_t i = 0; i < t->o->n_keys; i++) {
		struct column key = t->columns[i];

		key.part = PART_NONE; /* one of a list */
		text_char(line, ' ');
		cell_put(line, &key, &g->cells[i]);
	}
	return put_sums(p, t, g->count, g->sums);
}

/* The groups from @from on, as one. */
static int put_others(struct partial *p, const struct group_taken *t, size_t from)
{
	struct sum sums[GROUP_AGGREGATES_MAX] = {};
	uint64_t count = 0;
	int r = 0;

	for (size_t i = from; i < t->n && r == 0; i++) {
		count += t->v[i].count;
		for (size_t k = 0; k < t->o->n_aggregates && r == 0; k++)
			r = sum_merge(&sums[k], &t->v[i].sums[k]);
	}
	text_char(begin(p, 'o'), ' ');
	text_u64(&p->line, t->n - from);
	if (r == 0)
		r = put_sums(p, t, count, sums);
	for (size_t k = 0; k < t->o->n_aggregates; k++)
		sum_done(&sums[k]);
	return r;
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
	r = finish(p, true);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_group(p, t, &t->v[i]);
	return r == 0 && n < t->n ? put_others(p, t, n) : r;
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
		text_str(begin(p, 'n'), kind == NOTE_ERROR ? " error " : " warning ");
		cell_put_text(&p->line, sv(note));
		r = finish(p, true);
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
	text_printf(begin(p, 'e'), " %llu %llu %s", (unsigned long long)p->n_lines,
		    (unsigned long long)p->total, !notes || notes_is_whole(notes) ? "whole" : "partial");
	if (p->line.failed)
		return -ENOMEM;
	p->sum += partial_line_hash(sv_n(p->line.p, p->line.len));
	text_printf(&p->line, " %016llx", (unsigned long long)p->sum);
	r = finish(p, false);
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
