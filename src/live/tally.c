/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/tally.h"

#include <errno.h>
#include <stdlib.h>

#include "model/value.h"
#include "ops/order.h"

struct tally {
	struct tabular tabular;
	struct chain *chain;
	char *sort;
	struct board *to;
	size_t cap;
	struct text text;
	size_t n_keys;
	struct err *e;
};

/* The columns' names are the chain's, and the board may live longer. */
static int begin_list(struct tabular *tab, const struct listing *l)
{
	struct tally *t = (struct tally *)tab;
	struct board *b = t->to;

	b->columns = calloc(l->n, sizeof(*b->columns));
	if (!b->columns)
		return -ENOMEM;
	memcpy(b->columns, l->columns, l->n * sizeof(*b->columns));
	for (size_t i = 0; i < l->n; i++) {
		b->columns[i].name = keep_bytes(&b->keep, l->columns[i].name, strlen(l->columns[i].name) + 1);
		if (!b->columns[i].name)
			return -ENOMEM;
	}
	b->n_columns = l->n;
	while (b->n_keys < l->n && strcmp(l->columns[b->n_keys].name, "count") != 0)
		b->n_keys++;
	return 0;
}

static uint64_t identity(struct tally *t, const struct cell *cells)
{
	const struct board *b = t->to;

	t->text.len = 0;
	for (size_t i = 0; i < b->n_keys; i++) {
		if (cells[i].is_there)
			value_put_line(&t->text, &b->columns[i], &cells[i].val);
		text_char(&t->text, cells[i].is_there ? '\1' : '\2');
	}
	return hash_bytes(sv_n(t->text.p, t->text.len)) | 1;
}

static int record(struct tabular *tab, const struct cell *cells)
{
	struct tally *t = (struct tally *)tab;
	struct board *b = t->to;

	if (b->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct board_row *v = reallocarray(b->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		b->v = v;
		t->cap = cap;
	}
	b->v[b->n] = (struct board_row){ .id = identity(t, cells), .index = (uint32_t)b->n };
	b->v[b->n].cells = keep_cells(&b->keep, cells, b->n_columns);
	return b->v[b->n++].cells ? 0 : -ENOMEM;
}

static int nothing(struct tabular *)
{
	return 0;
}

static int end(struct tabular *, const struct notes *)
{
	return 0;
}

static const struct tabular_ops tally_ops = {
	.list = begin_list, .record = record, .list_end = nothing, .end = end, .flush = nothing
};

struct tally *tally_free(struct tally *t)
{
	if (!t)
		return NULL;
	(void)chain_free(t->chain);
	text_done(&t->text);
	free(t->sort);
	free(t);
	return NULL;
}

int tally_new(const struct arranged_by *by, struct tally **ret, struct err *e)
{
	_cleanup_(tally_freep) struct tally *t = calloc(1, sizeof(*t));
	struct chain_opts o = { .by = by->by, .having = by->having, .columns = by->columns };
	int r = -ENOMEM;

	if (!t)
		return r;
	t->tabular.ops = &tally_ops;
	if (by->sort && !(t->sort = strdup(by->sort)))
		return -ENOMEM;
	o.sort = t->sort;
	r = chain_new(&o, &by->select, &t->tabular, &t->chain, e);
	if (r < 0)
		return r;
	*ret = take_ptr(t);
	return 0;
}

void tally_needs(const struct tally *t, struct fieldset *set)
{
	const struct sink *s = chain_sink(t->chain);

	s->ops->fields(s, set);
}

int tally_begin(struct tally *t, struct board *b)
{
	t->to = b;
	t->cap = 0;
	return sink_begin(chain_sink(t->chain), 0);
}

int tally_row(struct tally *t, const struct row *row)
{
	struct sink *s = chain_sink(t->chain);

	return s->ops->row(s, row);
}

int tally_end(struct tally *t)
{
	struct sink *s = chain_sink(t->chain);

	return s->ops->end(s);
}

size_t tally_key(const struct tally *t, const struct board *b, bool *ret_is_descending)
{
	struct order order;
	struct err e;

	*ret_is_descending = true;
	if (t->sort && order_parse(sv(t->sort), b->columns, b->n_columns, &order, &e) == 0) {
		*ret_is_descending = order.key[0].is_descending;
		return order.key[0].column;
	}
	return b->n_keys;
}

double tally_activity(const struct board *b, const struct cell *cells)
{
	double sum = 0;
	bool is_known = false;

	for (size_t i = b->n_keys; i < b->n_columns; i++) {
		if (strcmp(b->columns[i].name, "sum(tcp.bytes_sent_rate)") != 0 &&
		    strcmp(b->columns[i].name, "sum(tcp.bytes_received_rate)") != 0)
			continue;
		is_known = true;
		sum += cells[i].is_there ? val_number(&cells[i].val) : 0;
	}
	if (!is_known && b->n_keys < b->n_columns)
		return val_number(&cells[b->n_keys].val);
	return sum;
}
