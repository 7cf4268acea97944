/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Groups of which hosts may have left out some: how much each can have at most.
 */

#include <errno.h>
#include <stdlib.h>

#include "fleet/merge_impl.h"
#include "ops/cell_text.h"

struct bounded {
	struct tabular tabular;
	struct merge *m;
	struct tabular *to;
	struct column *columns;
	struct cell *cells;
	size_t n; /* that come */
	struct text key;
};

static bool adds(const struct bounded *b)
{
	return b->m->has_bounds && !b->m->is_unranked;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct bounded *b = (struct bounded *)t;
	struct listing with = *l;

	if (!adds(b))
		return b->to->ops->list(b->to, l);
	free(b->columns);
	free(b->cells);
	b->n = l->n;
	b->columns = calloc(l->n + 1, sizeof(*b->columns));
	b->cells = calloc(l->n + 1, sizeof(*b->cells));
	if (!b->columns || !b->cells)
		return -ENOMEM;
	memcpy(b->columns, l->columns, l->n * sizeof(*b->columns));
	b->columns[l->n] = b->m->own->rank.column;
	b->columns[l->n].name = "at_most";
	with.columns = b->columns;
	with.n = l->n + 1;
	return b->to->ops->list(b->to, &with);
}

/* The slot of the keys in @cells; NULL: of none. */
static const struct slot *find_slot(struct bounded *b, const struct cell *cells)
{
	const struct question *q = b->m->own;

	b->key.len = 0;
	for (size_t i = 0; i < q->group.n_keys; i++) {
		struct column c = q->columns.v[i];

		c.part = PART_NONE;
		if (i)
			text_char(&b->key, ' ');
		cell_put(&b->key, &c, &cells[i]);
	}
	return b->key.failed ? NULL : merge_slot(b->m, sv_n(b->key.len ? b->key.p : "", b->key.len), 0);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct bounded *b = (struct bounded *)t;
	const struct slot *s;

	if (!adds(b))
		return b->to->ops->record(b->to, cells);
	memcpy(b->cells, cells, b->n * sizeof(*cells));
	b->cells[b->n] = (struct cell){};
	s = cells[0].is_other ? NULL : find_slot(b, cells);
	if (s) {
		const struct cell *now = &cells[b->m->own->rank.at];
		double most = (now->is_there ? val_number(&now->val) : 0) + merge_most(b->m, s);

		b->cells[b->n] = (struct cell){ .is_there = true, .val = { VAL_UINT, .u = (uint64_t)most } };
		if (most >= 0x1p63)
			b->cells[b->n].val = (struct val){ VAL_REAL, .d = most };
	}
	return b->to->ops->record(b->to, b->cells);
}

static int end_list(struct tabular *t)
{
	struct bounded *b = (struct bounded *)t;

	return b->to->ops->list_end(b->to);
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct bounded *b = (struct bounded *)t;

	return b->to->ops->end(b->to, notes);
}

static int flush(struct tabular *t)
{
	struct bounded *b = (struct bounded *)t;

	return b->to->ops->flush(b->to);
}

static void done(struct tabular *t)
{
	struct bounded *b = (struct bounded *)t;

	text_done(&b->key);
	free(b->columns);
	free(b->cells);
	free(b);
}

static const struct tabular_ops bounded_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

int bounded_new(struct merge *m, struct tabular *to, struct tabular **ret)
{
	struct bounded *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	*b = (struct bounded){ .tabular.ops = &bounded_ops, .m = m, .to = to };
	*ret = &b->tabular;
	return 0;
}
