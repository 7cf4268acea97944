/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/subflows.h"

#include <errno.h>

#include "base/hash.h"
#include "ops/keep.h"

enum { FEW = 4 };

struct connection {
	const struct cell *cells; /* of its record; NULL: none is made */
	const struct cell **part;
	size_t n_parts, cap;
	uint64_t inode, token;
	struct connection *next;
};

struct made { /* takes the records that are made of the rows */
	struct tabular tabular;
	struct subflows *x;
};

struct subflows {
	struct sink sink; /* takes the rows */
	struct sink *inner;
	struct made made;
	struct tabular *to; /* NULL: subflows are left out */
	struct keep keep;
	struct hash by_inode, by_token;
	struct connection *first, **last;
	size_t n_columns;
	bool is_open;       /* there is a list that has not ended */
	bool is_connection; /* the row at hand is one */
	struct connection
		*whose; /* the row at hand is its, or a part of it; NULL: it is a socket by itself */
	int error;
};

bool subflows_are_possible(const struct selection *sel)
{
	return sel->tables >> TABLE_TCP & 1 && sel->tables >> TABLE_MPTCP & 1;
}

static void forget(struct subflows *x)
{
	for (struct connection *c = x->first; c; c = c->next)
		free(c->part);
	keep_done(&x->keep);
	hash_clear(&x->by_inode);
	hash_clear(&x->by_token);
	x->first = NULL;
	x->last = &x->first;
	x->whose = NULL;
}

static uint64_t token_of(const struct row *row)
{
	return field_u64(row, F_MPTCP_TOKEN, 0);
}

static int put_once(struct hash *t, uint64_t key, struct connection *c)
{
	uint64_t hash = hash_u64(key);

	return !key || hash_find(t, hash, NULL, NULL) ? 0 : hash_put(t, hash, c);
}

static int add_connection(struct subflows *x, const struct row *row)
{
	const struct connection made = { .inode = field_u64(row, F_INODE, 0), .token = token_of(row) };
	struct connection *c = keep_bytes(&x->keep, &made, sizeof(made));

	if (!c || put_once(&x->by_inode, c->inode, c) < 0 || put_once(&x->by_token, c->token, c) < 0)
		return -ENOMEM;
	*x->last = c;
	x->last = &c->next;
	x->whose = c;
	/* Only the token tells its subflows, and that comes along with what is known of the connection. */
	if (!c->inode)
		x->sink.also_ask |= seg_ask[SEG_SF_TOKEN_LOC];
	return 0;
}

static struct connection *find(const struct subflows *x, const struct row *row)
{
	uint64_t token = token_of(row), inode = field_u64(row, F_INODE, 0);
	struct connection *c = token ? hash_find(&x->by_token, hash_u64(token), NULL, NULL) : NULL;

	return c || !inode ? c : hash_find(&x->by_inode, hash_u64(inode), NULL, NULL);
}

static int row_in(struct sink *s, const struct row *row)
{
	struct subflows *x = (struct subflows *)s;
	enum table table = row_dump(row)->table;

	x->whose = NULL;
	x->is_connection = table == TABLE_MPTCP;
	if (x->is_connection && x->error == 0)
		x->error = add_connection(x, row);
	else if (x->first && table == TABLE_TCP)
		x->whose = find(x, row);
	if (x->error < 0)
		return x->error;
	return x->whose && !x->is_connection && !x->to ? 0 : x->inner->ops->row(x->inner, row);
}

static void fields_used(const struct sink *s, struct fieldset *set)
{
	const struct subflows *x = (const struct subflows *)s;

	/* The inode number comes with every socket; to ask for it would forbid to count in the kernel. */
	x->inner->ops->fields(x->inner, set);
}

static int begin(struct sink *s, uint64_t at_us)
{
	struct subflows *x = (struct subflows *)s;

	forget(x);
	x->sink.also_ask = 0;
	return sink_begin(x->inner, at_us);
}

static bool can_count(const struct sink *s, struct sink_bits *ret)
{
	const struct subflows *x = (const struct subflows *)s;

	return !x->first && x->inner->ops->can_count && x->inner->ops->can_count(x->inner, ret);
}

static bool can_sum(const struct sink *s, struct fieldset *ret_keys, struct fieldset *ret_sums)
{
	const struct subflows *x = (const struct subflows *)s;

	return x->inner->ops->can_sum && x->inner->ops->can_sum(x->inner, ret_keys, ret_sums);
}

static int count(struct sink *s, const struct row *row, uint64_t n)
{
	struct subflows *x = (struct subflows *)s;

	return x->inner->ops->count(x->inner, row, n);
}

static int end_rows(struct sink *s)
{
	struct subflows *x = (struct subflows *)s;
	int r = x->inner->ops->end(x->inner);

	forget(x);
	return x->error < 0 ? x->error : r;
}

static int flush_rows(struct sink *s)
{
	struct subflows *x = (struct subflows *)s;

	return x->inner->ops->flush(x->inner);
}

static const struct sink_ops sink_ops = {
	.fields = fields_used,
	.begin = begin,
	.row = row_in,
	.can_count = can_count,
	.can_sum = can_sum,
	.count = count,
	.end = end_rows,
	.flush = flush_rows,
};

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct subflows *x = ((struct made *)t)->x;

	x->n_columns = l->n;
	x->is_open = true;
	return x->to->ops->list(x->to, l);
}

static int add_part(struct connection *c, const struct cell *cells)
{
	if (c->n_parts == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : FEW;
		const struct cell **part = reallocarray(c->part, cap, sizeof(*part));

		if (!part)
			return -ENOMEM;
		c->part = part;
		c->cap = cap;
	}
	c->part[c->n_parts++] = cells;
	return 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct subflows *x = ((struct made *)t)->x;
	const struct cell *copy;

	if (!x->whose)
		return x->to->ops->record(x->to, cells);
	copy = keep_cells(&x->keep, cells, x->n_columns);
	if (copy && x->is_connection)
		x->whose->cells = copy;
	else if (!copy || add_part(x->whose, copy) < 0)
		x->error = -ENOMEM;
	return x->error;
}

/* Hands the connections on, in the order in which they came. */
static int hand_on(struct subflows *x)
{
	int r = x->error;

	for (struct connection *c = x->first; c && r == 0; c = c->next) {
		if (c->cells && c->n_parts)
			r = x->to->ops->whole(x->to, c->cells, c->part, c->n_parts);
		else if (c->cells)
			r = x->to->ops->record(x->to, c->cells);
	}
	return r == -ECANCELED ? 0 : r;
}

static int end_list(struct tabular *t)
{
	struct subflows *x = ((struct made *)t)->x;
	int r = hand_on(x), k;

	x->is_open = false;
	k = x->to->ops->list_end(x->to);
	return r < 0 ? r : k;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct subflows *x = ((struct made *)t)->x;
	struct notes all;
	int k;

	if (x->is_open)
		(void)end_list(t); /* what fails is remembered here or there */
	all = notes_of_end(notes, x->error);
	k = x->to->ops->end(x->to, &all);
	return x->error < 0 ? x->error : k;
}

static int flush(struct tabular *t)
{
	struct subflows *x = ((struct made *)t)->x;

	return x->to->ops->flush(x->to);
}

static const struct tabular_ops tabular_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
};

struct subflows *subflows_free(struct subflows *x)
{
	if (!x)
		return NULL;
	forget(x);
	hash_done(&x->by_inode);
	hash_done(&x->by_token);
	free(x);
	return NULL;
}

int subflows_new(struct tabular *to, struct subflows **ret)
{
	struct subflows *x = calloc(1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->sink.ops = &sink_ops;
	x->made = (struct made){ .tabular.ops = &tabular_ops, .x = x };
	x->to = to;
	x->last = &x->first;
	*ret = x;
	return 0;
}

struct tabular *subflows_tabular(struct subflows *x)
{
	return &x->made.tabular;
}

struct sink *subflows_wrap(struct subflows *x, struct sink *inner)
{
	x->inner = inner;
	x->sink.is_retained = inner->is_retained;
	x->sink.tells_why = inner->tells_why;
	return &x->sink;
}
