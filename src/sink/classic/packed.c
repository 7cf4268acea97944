/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/classic/packed.h"

#include <errno.h>
#include <stdlib.h>

#include "sink/classic/marked.h"

struct packed {
	struct tabular tabular;
	struct project_text text;
	struct sink *pen;  /* a classic output that makes rows, and never writes one */
	struct sink *page; /* and the one that writes them */
	struct text cells; /* the row that the pen made last */
};

static void fields_used(const void *ctx, struct fieldset *set)
{
	const struct packed *p = ctx;

	p->pen->ops->fields(p->pen, set);
}

static void begin_rows(void *ctx)
{
	classic_forget(((const struct packed *)ctx)->pen);
}

static int put_row(void *ctx, const struct row *row, struct sv *ret)
{
	struct packed *p = ctx;

	p->cells.len = 0;
	if (classic_make(p->pen, row, &p->cells) < 0)
		return -ENOMEM;
	*ret = sv_n(p->cells.p, p->cells.len);
	return 0;
}

static void mark_row(const void *ctx, struct sv was, struct sv now, enum mark m, struct text *ret)
{
	const struct packed *p = ctx;

	marked_put(classic_enabled(p->page), was, now, m, ret);
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct packed *p = (struct packed *)t;

	return p->page->ops->begin(p->page, l->at_us);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct packed *p = (struct packed *)t;

	return classic_take(p->page, cells[0].val.s);
}

static int flush(struct tabular *t)
{
	struct packed *p = (struct packed *)t;

	return p->page->ops->flush(p->page);
}

static int end(struct tabular *t, const struct notes *)
{
	return flush(t);
}

static void free_packed(struct tabular *t)
{
	struct packed *p = (struct packed *)t;

	(void)classic_free(p->pen);
	(void)classic_free(p->page);
	text_done(&p->cells);
	free(p);
}

static const struct tabular_ops packed_ops = { .list = begin_list,
					       .record = record,
					       .list_end = flush,
					       .end = end,
					       .flush = flush,
					       .free = free_packed };

int packed_new(const struct classic_opts *o, struct out *out, struct packed **ret)
{
	struct packed *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->tabular.ops = &packed_ops;
	p->text = (struct project_text){
		.fields = fields_used, .begin = begin_rows, .put = put_row, .mark = mark_row, .ctx = p
	};
	if (classic_new(o, out, &p->pen) < 0 || classic_new(o, out, &p->page) < 0) {
		free_packed(&p->tabular);
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}

const struct project_text *packed_text(const struct packed *p)
{
	return &p->text;
}

const struct sink *packed_page(const struct packed *p)
{
	return p->page;
}

struct tabular *packed_tabular(struct packed *p)
{
	return &p->tabular;
}
