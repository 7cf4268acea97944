/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/lister.h"

#include <errno.h>
#include <stdlib.h>

struct lister {
	struct tabular tabular;
	struct chain *chain;
	char *names; /* of the columns, as they were said */
	const struct column *columns;
	size_t n;
	const struct cell *cells;
};

static int begin(struct tabular *t, const struct listing *list)
{
	struct lister *l = (struct lister *)t;

	l->columns = list->columns;
	l->n = list->n;
	return 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	((struct lister *)t)->cells = cells;
	return 0;
}

static int nothing(struct tabular *)
{
	return 0;
}

static int end(struct tabular *, const struct notes *)
{
	return 0;
}

static const struct tabular_ops lister_ops = {
	.list = begin, .record = record, .list_end = nothing, .end = end, .flush = nothing
};

struct lister *lister_free(struct lister *l)
{
	if (!l)
		return NULL;
	(void)chain_free(l->chain);
	free(l->names);
	free(l);
	return NULL;
}

int lister_new(const struct lister_opts *o, struct lister **ret, struct err *e)
{
	_cleanup_(lister_freep) struct lister *l = calloc(1, sizeof(*l));
	struct chain_opts co = { .show = o->show, .is_for_people = true, .is_everywhere = o->is_everywhere };
	int r = -ENOMEM;

	if (!l)
		return r;
	l->tabular.ops = &lister_ops;
	if (o->columns && !(l->names = strdup(o->columns)))
		return r;
	co.columns = l->names;
	r = chain_new(&co, &o->select, &l->tabular, &l->chain, e);
	if (r >= 0)
		r = sink_begin(chain_sink(l->chain), 0);
	if (r < 0)
		return r;
	*ret = take_ptr(l);
	return 0;
}

void lister_needs(const struct lister *l, struct fieldset *set)
{
	const struct sink *s = chain_sink(l->chain);

	s->ops->fields(s, set);
}

const struct column *lister_columns(const struct lister *l, size_t *ret_n)
{
	*ret_n = l->n;
	return l->columns;
}

const struct cell *lister_read(struct lister *l, const struct row *row)
{
	struct sink *s = chain_sink(l->chain);

	l->cells = NULL;
	return s->ops->row(s, row) < 0 ? NULL : l->cells;
}
