/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>

#include "base/hash.h"
#include "fleet/partial_impl.h"
#include "ops/cell_text.h"
#include "ops/sum_text.h"

uint64_t partial_line_hash(struct sv line)
{
	return hash_bytes(line);
}

/* Begins a line of @kind. */
struct text *partial_begin(struct partial *p, char kind)
{
	p->line.len = 0;
	text_printf(&p->line, "ss%d%c", PARTIAL_VERSION, kind);
	return &p->line;
}

/* Writes the line, which ends with @is_last. */
int partial_finish(struct partial *p, bool is_counted)
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
	return r < 0 ? r : partial_finish(p, true);
}

void partial_put_keys(struct text *line, const struct group_taken *t, const struct group_part *g)
{
	for (size_t i = 0; i < t->o->n_keys; i++) {
		struct column key = t->columns[i];

		key.part = PART_NONE; /* one of a list */
		if (i)
			text_char(line, ' ');
		cell_put(line, &key, &g->cells[i]);
	}
}

int partial_put_group(struct partial *p, const struct group_taken *t, const struct group_part *g)
{
	struct text *line = partial_begin(p, 'g');

	if (t->o->n_keys)
		text_char(line, ' ');
	partial_put_keys(line, t, g);
	return put_sums(p, t, g->count, g->sums);
}

int partial_put_others(struct partial *p, const struct group_taken *t, const bool *is_sent)
{
	struct sum sums[GROUP_AGGREGATES_MAX] = {};
	uint64_t count = 0, n = 0;
	int r = 0;

	for (size_t i = 0; i < t->n && r == 0; i++) {
		if (is_sent[i])
			continue;
		n++;
		count += t->v[i].count;
		for (size_t k = 0; k < t->o->n_aggregates && r == 0; k++)
			r = sum_merge(&sums[k], &t->v[i].sums[k]);
	}
	text_char(partial_begin(p, 'o'), ' ');
	text_u64(&p->line, n);
	if (r == 0 && n)
		r = put_sums(p, t, count, sums);
	for (size_t k = 0; k < t->o->n_aggregates; k++)
		sum_done(&sums[k]);
	return r;
}
