/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/plotted.h"

#include <errno.h>
#include <stdlib.h>

#include "model/value.h"

static const struct column count_column = { .name = "count", .field = F_MAX, .type = T_UINT };

/* Which column has the values: of groups those behind "count" and "share", or "count". */
static void choose(struct plotted *p, const struct listing *l)
{
	p->columns = l->columns;
	p->counts_records = true;
	for (size_t i = 0; i < l->n; i++) {
		if (l->columns[i].field != F_MAX || strcmp(l->columns[i].name, "count") != 0)
			continue;
		p->n_keys = i;
		p->value = i + 2 < l->n ? i + 2 : i;
		p->counts_records = false;
		return;
	}
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct plotted *p = (struct plotted *)t;
	const struct column *c;

	if (p->list && strcmp(p->list, l->name) != 0)
		return -EINVAL;
	p->list = l->name;
	choose(p, l);
	c = p->counts_records ? &count_column : &l->columns[p->value];
	p->n = 0;
	p->name.len = 0;
	if (p->counts_records)
		text_str(&p->name, l->name);
	return series_begin(p->set, c, l->at_us, p->counts_records || p->value == p->n_keys);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct plotted *p = (struct plotted *)t;
	const struct cell *value = &cells[p->value];

	p->n++;
	if (p->counts_records || !value_is_there(value))
		return 0;
	p->name.len = 0;
	for (size_t i = 0; i < p->n_keys; i++) {
		text_str(&p->name, i ? " " : "");
		if (cells[i].is_other)
			text_str(&p->name, "(other)");
		else if (value_is_there(&cells[i]))
			value_put_human(&p->name, &p->columns[i], &cells[i].val);
		else
			text_char(&p->name, '-');
	}
	if (p->name.failed)
		return -ENOMEM;
	return series_put(p->set, sv_n(p->name.p, p->name.len), val_number(&value->val));
}

static int end_list(struct tabular *t)
{
	struct plotted *p = (struct plotted *)t;

	if (!p->counts_records)
		return p->out->error;
	if (p->name.failed)
		return -ENOMEM;
	return series_put(p->set, sv_n(p->name.p, p->name.len), (double)p->n);
}

static int end(struct tabular *t, const struct notes *)
{
	struct plotted *p = (struct plotted *)t;
	int r = p->draw(p);

	return r < 0 ? r : out_flush(p->out);
}

/* The picture is drawn at the end. */
static int flush(struct tabular *)
{
	return 0;
}

static void free_plotted(struct tabular *t)
{
	struct plotted *p = (struct plotted *)t;

	(void)series_free(p->own);
	text_done(&p->name);
	free(p);
}

static const struct tabular_ops ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_plotted,
};

size_t plotted_series(const struct plotted *p, const struct series **ret, size_t cap)
{
	size_t n = p->o.has_limit ? p->o.limit : PLOTTED_MAX;

	return series_largest(p->set, ret, n < cap ? n : cap);
}

void plotted_put_value(const struct plotted *p, struct text *t, double v)
{
	struct val val = { .kind = VAL_REAL, .d = v };

	if (__builtin_isnan(v)) {
		text_char(t, '-');
		return;
	}
	if (p->set->value.type == T_UINT && v < 1e15 && v >= 0 && v == (double)(uint64_t)v)
		val = (struct val){ .kind = VAL_UINT, .u = (uint64_t)v };
	value_put_human(t, &p->set->value, &val);
}

int plotted_new(const struct format_opts *o, struct out *out, int (*draw)(struct plotted *p),
		struct tabular **ret)
{
	struct plotted *p = malloc(sizeof(*p));
	int r = 0;

	if (!p)
		return -ENOMEM;
	*p = (struct plotted){ .tabular.ops = &ops, .out = out, .o = *o, .draw = draw };
	if (!o->series)
		r = series_new(&p->own);
	p->set = o->series ? o->series : p->own;
	if (r < 0) {
		free_plotted(&p->tabular);
		return r;
	}
	*ret = &p->tabular;
	return 0;
}
