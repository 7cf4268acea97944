/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/probe.h"

#include <errno.h>

struct probe {
	struct tabular tabular;
	struct tabular *next; /* NULL: nobody reads the record */
	bool has_record;
};

static int list(struct tabular *t, const struct listing *l)
{
	struct probe *p = (struct probe *)t;

	return p->next ? p->next->ops->list(p->next, l) : 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct probe *p = (struct probe *)t;
	int r = 0;

	if (!p->has_record && p->next)
		r = p->next->ops->record(p->next, cells);
	p->has_record = true;
	return r < 0 ? r : -ECANCELED;
}

static int list_end(struct tabular *t)
{
	struct probe *p = (struct probe *)t;

	return p->next ? p->next->ops->list_end(p->next) : 0;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct probe *p = (struct probe *)t;

	return p->next ? p->next->ops->end(p->next, notes) : 0;
}

static int flush(struct tabular *t)
{
	struct probe *p = (struct probe *)t;

	return p->next ? p->next->ops->flush(p->next) : 0;
}

static void done(struct tabular *t)
{
	struct probe *p = (struct probe *)t;

	(void)tabular_free(p->next);
	free(p);
}

static const struct tabular_ops probe_ops = {
	.list = list,
	.record = record,
	.list_end = list_end,
	.end = end,
	.flush = flush,
	.free = done,
};

bool probe_has_record(const struct tabular *t)
{
	return ((const struct probe *)t)->has_record;
}

int probe_new(struct tabular *next, struct tabular **ret)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*p = (struct probe){ .tabular.ops = &probe_ops, .next = next };
	*ret = &p->tabular;
	return 0;
}
