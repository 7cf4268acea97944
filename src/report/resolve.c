/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/resolve.h"

#include <errno.h>

#include "base/clock.h"
#include "model/value.h"
#include "ops/keep.h"

enum { FIRST_HELD = 64, ABSENT = -1, IPV4_BITS = 32, IPV6_BITS = 128 };

/* Where the cell of a column to be handed on comes from. */
struct origin {
	size_t cell; /* of the record that came */
	int addr;    /* the cell of the address that this is the name of; ABSENT: it is none */
};

/* Of the lists with the same columns. */
struct layout {
	const struct column *in;
	size_t n_in;
	struct column *out;
	struct origin *from;
	size_t n;
	bool has_names;
	struct layout *next;
};

struct held {
	const struct cell *cells;
	const struct cell *const *parts;
	size_t n_parts;
};

struct resolve {
	struct tabular tabular;
	struct resolve_opts o;
	struct tabular *next;
	struct layout *layouts, *layout;
	struct keep keep;
	struct held *held;
	size_t n_held, cap;
	struct cell *cells; /* room for those of a record to be handed on */
	char *first;        /* name of the first list, with which a sample begins */
	int64_t left_us;    /* of the time for the names of this sample */
	size_t n_missing;   /* names, in it */
	bool is_open;
	int error;
};

/* The field of the name of the host in @f, an address; F_MAX: it is none. */
static enum field_id name_of(enum field_id f)
{
	return f == F_SRC ? F_LOCAL_NAME : f == F_DST ? F_PEER_NAME : F_MAX;
}

/* Whether @c has whole addresses of hosts. */
static bool is_host(const struct column *c)
{
	return c->type == T_ADDR && c->prefix[0] >= IPV4_BITS && c->prefix[1] >= IPV6_BITS &&
	       name_of(c->field) != F_MAX;
}

static int find_column(const struct column *v, size_t n, enum field_id f)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].field == f && (name_of(f) == F_MAX || is_host(&v[i])))
			return (int)i;
	return ABSENT;
}

/* The address whose name is in the column @c of @p; ABSENT: it is not one of a name. */
static int addr_of(const struct layout *p, const struct column *c)
{
	if (c->field == F_LOCAL_NAME)
		return find_column(p->in, p->n_in, F_SRC);
	return c->field == F_PEER_NAME ? find_column(p->in, p->n_in, F_DST) : ABSENT;
}

static void add_column(struct layout *p, const struct column *c, size_t cell, int addr)
{
	p->has_names |= addr != ABSENT;
	p->from[p->n] = (struct origin){ .cell = cell, .addr = addr };
	p->out[p->n++] = *c;
}

/* Puts a name behind each address that has none, and behind the port that belongs to it. */
static void choose(struct layout *p)
{
	int addr = ABSENT;

	for (size_t i = 0; i < p->n_in; i++) {
		const struct column *c = &p->in[i];
		bool is_pair = i && p->in[i - 1].pair;
		struct column name;

		add_column(p, c, i, addr_of(p, c));
		if (is_host(c) && find_column(p->in, p->n_in, name_of(c->field)) == ABSENT)
			addr = (int)i;
		if (addr == ABSENT || (c->pair && !is_pair))
			continue;
		name = column_of_field(name_of(p->in[addr].field));
		name.leave = LEAVE_EMPTY;
		name.rank = p->in[addr].rank;
		add_column(p, &name, 0, addr);
		addr = ABSENT;
	}
}

static struct layout *layout_free(struct layout *p)
{
	if (!p)
		return NULL;
	free(p->out);
	free(p->from);
	free(p);
	return NULL;
}

static struct layout *make_layout(const struct listing *l)
{
	struct layout *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->in = l->columns;
	p->n_in = l->n;
	p->out = calloc(2 * l->n + 1, sizeof(*p->out));
	p->from = calloc(2 * l->n + 1, sizeof(*p->from));
	if (!p->out || !p->from)
		return layout_free(p);
	choose(p);
	return p;
}

static struct layout *layout_of(struct resolve *x, const struct listing *l)
{
	struct layout *p = x->layouts;

	while (p && (p->in != l->columns || p->n_in != l->n))
		p = p->next;
	if (p)
		return p;
	p = make_layout(l);
	if (p) {
		p->next = x->layouts;
		x->layouts = p;
	}
	return p;
}

/* A list that was there before begins another sample. */
static int begin_sample(struct resolve *x, const struct listing *l)
{
	if (x->first && strcmp(x->first, l->name) != 0)
		return 0;
	x->left_us = x->o.within_us;
	x->n_missing = 0;
	if (!x->first)
		x->first = strdup(l->name);
	return x->first ? 0 : -ENOMEM;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct resolve *x = (struct resolve *)t;
	struct listing named = *l;
	struct cell *cells;

	x->layout = begin_sample(x, l) < 0 ? NULL : layout_of(x, l);
	cells = x->layout ? reallocarray(x->cells, x->layout->n + 1, sizeof(*cells)) : NULL;
	if (!cells) {
		x->layout = NULL;
		return x->error = -ENOMEM;
	}
	x->cells = cells;
	x->is_open = true;
	named.columns = x->layout->out;
	named.n = x->layout->n;
	return x->next->ops->list(x->next, &named);
}

static bool is_any(struct sv addr)
{
	for (size_t i = 0; i < addr.len; i++)
		if (addr.p[i])
			return false;
	return true;
}

static int ask(struct resolve *x, const struct cell *cells)
{
	int r = 0;

	for (size_t i = 0; i < x->layout->n && r == 0; i++) {
		int addr = x->layout->from[i].addr;

		if (addr != ABSENT && cells[addr].is_there && !is_any(cells[addr].val.s))
			r = reverse_ask(x->o.reverse, cells[addr].val.s);
	}
	return r;
}

/* Keeps @h, and asks for its names. */
static int hold(struct resolve *x, const struct held *h)
{
	const struct cell **parts = NULL;
	struct held kept = { .n_parts = h->n_parts };
	int r;

	kept.cells = keep_cells(&x->keep, h->cells, x->layout->n_in);
	if (h->n_parts)
		parts = keep_bytes(&x->keep, h->parts, h->n_parts * sizeof(*parts));
	if (!kept.cells || (h->n_parts && !parts))
		return -ENOMEM;
	r = ask(x, kept.cells);
	for (size_t i = 0; i < h->n_parts && r == 0; i++) {
		parts[i] = keep_cells(&x->keep, parts[i], x->layout->n_in);
		r = parts[i] ? ask(x, parts[i]) : -ENOMEM;
	}
	kept.parts = parts;
	if (r == 0 && x->n_held == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : FIRST_HELD;
		struct held *v = reallocarray(x->held, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		x->held = v;
		x->cap = cap;
	}
	if (r == 0)
		x->held[x->n_held++] = kept;
	return r;
}

/* The cells of @from, with names among them, into @to. */
static void fill(struct resolve *x, const struct cell *from, struct cell *to)
{
	for (size_t i = 0; i < x->layout->n; i++) {
		const struct origin *o = &x->layout->from[i];
		const struct cell *addr = o->addr == ABSENT ? NULL : &from[o->addr];
		struct sv name;

		if (!addr) {
			to[i] = from[o->cell];
			continue;
		}
		to[i] = (struct cell){ .is_other = addr->is_other, .mark = addr->mark };
		if (!x->o.reverse || !addr->is_there ||
		    reverse_name(x->o.reverse, addr->val.s, &name) != REVERSE_NAMED)
			continue;
		to[i].is_there = true;
		to[i].val = (struct val){ .kind = VAL_STR, .s = name };
	}
}

static int hand_over(struct resolve *x, const struct held *h)
{
	_cleanup_free_ const struct cell **parts = calloc(h->n_parts + 1, sizeof(*parts));
	_cleanup_free_ struct cell *cells = calloc(h->n_parts * x->layout->n + 1, sizeof(*cells));

	fill(x, h->cells, x->cells);
	if (!h->n_parts)
		return x->next->ops->record(x->next, x->cells);
	if (!parts || !cells)
		return -ENOMEM;
	for (size_t i = 0; i < h->n_parts; i++) {
		fill(x, h->parts[i], cells + i * x->layout->n);
		parts[i] = cells + i * x->layout->n;
	}
	return x->next->ops->whole(x->next, x->cells, parts, h->n_parts);
}

static int take(struct resolve *x, const struct held *h)
{
	if (x->error == 0 && x->layout->has_names && x->o.reverse)
		x->error = hold(x, h);
	else if (x->error == 0)
		return hand_over(x, h);
	return x->error;
}

static int record(struct tabular *t, const struct cell *cells)
{
	return take((struct resolve *)t, &(const struct held){ .cells = cells });
}

static int whole(struct tabular *t, const struct cell *cells, const struct cell *const *parts, size_t n)
{
	return take((struct resolve *)t,
		    &(const struct held){ .cells = cells, .parts = parts, .n_parts = n });
}

/* Waits for what names there is still time for. */
static void await(struct resolve *x)
{
	int64_t since = clock_monotonic_us();

	x->n_missing += reverse_wait(x->o.reverse, x->left_us);
	x->left_us -= clock_monotonic_us() - since;
	if (x->left_us < 0)
		x->left_us = 0;
}

static int hand_on(struct resolve *x)
{
	int r = x->error;

	if (x->n_held && r == 0)
		await(x);
	for (size_t i = 0; i < x->n_held && r == 0; i++)
		r = hand_over(x, &x->held[i]);
	x->n_held = 0;
	keep_done(&x->keep);
	x->error = r == -ECANCELED ? 0 : r;
	return x->error;
}

static void tell_missing(const struct resolve *x)
{
	if (!x->n_missing || !x->o.notes)
		return;
	notes_add(
		x->o.notes, NOTE_WARNING,
		"%zu name%s of hosts did not come in time: a name server is slow, refuses, or is not there; "
		"addresses are all shown",
		x->n_missing, x->n_missing == 1 ? "" : "s");
	x->o.notes->is_partial = true;
}

static int end_list(struct tabular *t)
{
	struct resolve *x = (struct resolve *)t;
	int r = hand_on(x), k;

	x->is_open = false;
	tell_missing(x);
	k = x->next->ops->list_end(x->next);
	return r < 0 ? r : k;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct resolve *x = (struct resolve *)t;
	struct notes all;
	int k;

	if (x->is_open)
		(void)end_list(t); /* what fails is remembered here or there */
	all = notes_of_end(notes, x->error);
	all.is_partial |= notes && x->o.notes && x->o.notes->is_partial;
	k = x->next->ops->end(x->next, &all);
	return x->error < 0 ? x->error : k;
}

/* What has come is wanted now. */
static int flush(struct tabular *t)
{
	struct resolve *x = (struct resolve *)t;
	int r = x->is_open ? hand_on(x) : 0;

	if (r == 0 && x->is_open) {
		tell_missing(x);
		x->left_us = x->o.within_us;
		x->n_missing = 0;
	}
	return r < 0 ? r : x->next->ops->flush(x->next);
}

static void done(struct tabular *t)
{
	struct resolve *x = (struct resolve *)t;

	while (x->layouts) {
		struct layout *next = x->layouts->next;

		(void)layout_free(x->layouts);
		x->layouts = next;
	}
	keep_done(&x->keep);
	free(x->held);
	free(x->cells);
	free(x->first);
	(void)tabular_free(x->next);
	free(x);
}

static const struct tabular_ops nesting_ops = {
	.list = begin_list,
	.record = record,
	.whole = whole,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

static const struct tabular_ops flat_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

int resolve_new(const struct resolve_opts *o, struct tabular *next, struct tabular **ret)
{
	struct resolve *x = calloc(1, sizeof(*x));

	if (!x) {
		(void)tabular_free(next);
		return -ENOMEM;
	}
	x->tabular.ops = next->ops->whole ? &nesting_ops : &flat_ops;
	x->o = *o;
	x->next = next;
	*ret = &x->tabular;
	return 0;
}
