/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/group.h"

#include <errno.h>
#include <math.h>

#include "base/hash.h"
#include "base/text.h"
#include "ops/aggregate.h"
#include "ops/delta.h"
#include "ops/having.h"
#include "ops/keep.h"

struct group_entry {
	uint64_t count;
	struct sv key;      /* the keys' values as bytes */
	struct cell *cells; /* of the keys */
	struct sum *sums;   /* one for each aggregate */
};

struct group {
	struct tabular tabular;
	struct group_opts o;
	struct tabular *next;
	struct column *columns; /* handed on */
	size_t n_columns;
	struct listing l; /* that comes */
	struct order order;
	struct having *having; /* NULL: all are shown */
	struct cell *fixed;    /* the keys of groups that are always shown */
	size_t n_fixed;
	struct keep keep;
	struct hash by_key;
	struct group_entry **all; /* in the order in which they came up */
	size_t n, cap;
	uint64_t total;
	struct group_entry rest; /* of groups that came from elsewhere without their keys */
	struct sum rest_sums[GROUP_AGGREGATES_MAX];
	bool has_deltas;
	struct text key; /* of the record at hand */
	struct cell *at; /* its cells, each list reduced to one value */
	bool is_open;    /* there is a list that has not ended */
	int error;
};

size_t group_columns(const struct group_opts *o, const struct column *columns, struct column *ret)
{
	size_t n = o->n_keys;

	for (size_t i = 0; i < n; i++) {
		ret[i] = columns[i];
		ret[i].part = PART_NONE;
	}
	ret[n++] = (struct column){ .name = "count", .field = F_MAX, .type = T_UINT };
	ret[n++] = (struct column){ .name = "share", .field = F_MAX, .type = T_SHARE };
	for (size_t i = 0; i < o->n_aggregates; i++)
		ret[n++] = aggregate_column(&o->aggregates[i], columns);
	return n;
}

/* What is to be handed on of lists with @columns, and in which order. */
static int make(struct group *g, const struct column *columns, struct err *e)
{
	size_t n_keys = g->o.n_keys;
	int r = 0;

	g->columns = calloc(n_keys + GROUP_OWN + g->o.n_aggregates, sizeof(*g->columns));
	g->at = calloc(n_keys + 1, sizeof(*g->at));
	if (!g->columns || !g->at)
		return -ENOMEM;
	g->n_columns = group_columns(&g->o, columns, g->columns);
	if (g->o.sort.len)
		r = order_parse(g->o.sort, g->columns, g->n_columns, &g->order, e);
	else
		g->order = (struct order){ .key[0] = { n_keys, true }, .n = 1 };
	if (r >= 0 && g->o.having.p)
		r = having_new(g->o.having, g->columns, g->n_columns, &g->having, e);
	for (size_t i = 0; i < n_keys && g->order.n < ORDER_KEYS_MAX; i++)
		g->order.key[g->order.n++] = (struct order_key){ i, false };
	return r;
}

/* The values as bytes that are equal when the values are. */
static void put_key(struct text *t, const struct cell *c)
{
	uint32_t len;

	text_char(t, c->is_there ? (char)(c->val.kind + 1) : 0);
	if (!c->is_there)
		return;
	if (c->val.kind != VAL_STR) {
		text_put(t, &c->val.u, sizeof(c->val.u));
		return;
	}
	len = (uint32_t)c->val.s.len;
	text_put(t, &len, sizeof(len));
	text_sv(t, c->val.s);
}

static bool has_key(const void *item, const void *key)
{
	return sv_eq(((const struct group_entry *)item)->key, *(const struct sv *)key);
}

/* For one more group. */
static int make_room(struct group *g)
{
	struct group_entry **all;

	if (g->n < g->cap)
		return 0;
	all = reallocarray(g->all, g->cap ? 2 * g->cap : 128, sizeof(struct group_entry *));
	if (!all)
		return -ENOMEM;
	g->all = all;
	g->cap = g->cap ? 2 * g->cap : 128;
	return 0;
}

static struct group_entry *add_entry(struct group *g, struct sv key, const struct cell *cells)
{
	struct group_entry e = { .key.len = key.len };
	struct sum none[GROUP_AGGREGATES_MAX] = {};

	e.key.p = keep_bytes(&g->keep, key.p, key.len);
	e.cells = keep_bytes(&g->keep, cells, g->o.n_keys * sizeof(*cells));
	e.sums = keep_bytes(&g->keep, none, g->o.n_aggregates * sizeof(*none));
	if (!e.key.p || !e.cells || !e.sums)
		return NULL;
	for (size_t i = 0; i < g->o.n_keys; i++)
		if (keep_cell(&g->keep, &e.cells[i]) < 0)
			return NULL;
	return keep_bytes(&g->keep, &e, sizeof(e));
}

/* The group of the keys in @cells, a new one when there is none yet. */
static struct group_entry *entry_of(struct group *g, const struct cell *cells)
{
	struct group_entry *e;
	struct sv key;
	uint64_t hash;

	g->key.len = 0;
	text_char(&g->key, 0); /* without a key all are one group */
	for (size_t i = 0; i < g->o.n_keys; i++)
		put_key(&g->key, &cells[i]);
	if (g->key.failed || !g->key.p)
		return NULL;
	key = sv_n(g->key.p, g->key.len);
	hash = hash_bytes_of(key, g->o.seed);
	e = hash_find(&g->by_key, hash, has_key, &key);
	if (e)
		return e;
	e = make_room(g) < 0 ? NULL : add_entry(g, key, cells);
	if (!e || hash_put(&g->by_key, hash, e) < 0)
		return NULL;
	g->all[g->n++] = e;
	return e;
}

int group_count(struct group *g, const struct cell *cells, uint64_t n)
{
	struct group_entry *e = entry_of(g, cells);

	if (!e)
		return g->error = -ENOMEM;
	e->count += n;
	g->total += n;
	return 0;
}

struct group_entry *group_find(struct group *g, const struct cell *cells)
{
	return entry_of(g, cells);
}

int group_merge(struct group *g, struct group_entry *e, uint64_t n, const struct sum *sums)
{
	e = e ? e : &g->rest;
	e->sums = e == &g->rest ? g->rest_sums : e->sums;
	e->count += n;
	for (size_t i = 0; sums && i < g->o.n_aggregates; i++)
		if (sum_merge(&e->sums[i], &sums[i]) < 0)
			return g->error = -ENOMEM;
	return 0;
}

void group_merge_total(struct group *g, uint64_t n)
{
	g->total += n;
}

bool group_has_near(const struct group *g, size_t i)
{
	bool is_near = sum_is_near(&g->rest_sums[i], &g->o.aggregates[i]);

	for (size_t k = 0; k < g->n && !is_near; k++)
		is_near = sum_is_near(&g->all[k]->sums[i], &g->o.aggregates[i]);
	return is_near;
}

int group_fix(struct group *g, const struct cell *cells)
{
	size_t n = g->o.n_keys;
	struct cell *fixed = reallocarray(g->fixed, (g->n_fixed + 1) * (n + 1), sizeof(*fixed));

	if (!fixed)
		return -ENOMEM;
	g->fixed = fixed;
	memcpy(&fixed[g->n_fixed++ * n], cells, n * sizeof(*fixed));
	return 0;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct group *g = (struct group *)t;

	g->l = *l;
	g->is_open = true;
	for (size_t i = 0; i < g->n_fixed; i++)
		if (!entry_of(g, &g->fixed[i * g->o.n_keys]))
			return g->error = -ENOMEM;
	return 0;
}

static int count_one(struct group *g, const struct cell *record, uint64_t n)
{
	struct group_entry *e = entry_of(g, g->at);

	if (!e)
		return -ENOMEM;
	e->count += n;
	for (size_t i = 0; i < g->o.n_aggregates; i++) {
		const struct aggregate_column *a = &g->o.aggregates[i];

		if (a->what == AGGREGATE_COUNT)
			continue;
		if (sum_add(&e->sums[i], a, &g->l.columns[a->column], &record[a->column]) < 0)
			return -ENOMEM;
	}
	return 0;
}

static bool is_repeated(const struct column *c, const struct val *list, size_t i, const struct val *v)
{
	for (size_t j = 0; j < i; j++) {
		struct val other;

		if (val_item(list, c->part, j, &other) && order_values(&other, v) == 0)
			return true;
	}
	return false;
}

/* Counts @record for each different value of the lists from key @i on; the keys before it are in .at. */
static int count_from(struct group *g, const struct cell *record, size_t i, uint64_t n)
{
	const struct cell *c = &record[i];
	const struct val *list = &c->val;
	bool has_any = false;
	int r = 0;

	if (i == g->o.n_keys)
		return count_one(g, record, n);
	g->at[i] = *c;
	if (!c->is_there || list->kind != VAL_OWNERS || g->l.columns[i].part == PART_NONE)
		return count_from(g, record, i + 1, n);
	for (size_t j = 0; j < list->owners.n && r == 0; j++) {
		struct val v;

		if (!val_item(list, g->l.columns[i].part, j, &v) ||
		    is_repeated(&g->l.columns[i], list, j, &v))
			continue;
		has_any = true;
		g->at[i] = (struct cell){ .is_there = true, .val = v };
		r = count_from(g, record, i + 1, n);
	}
	if (has_any)
		return r;
	g->at[i] = (struct cell){};
	return count_from(g, record, i + 1, n);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct group *g = (struct group *)t;

	if (g->error == 0) {
		g->error = count_from(g, cells, 0, 1);
		g->total++;
	}
	return g->error;
}

static int count(struct tabular *t, const struct cell *cells, uint64_t n)
{
	struct group *g = (struct group *)t;

	if (g->error == 0) {
		g->error = count_from(g, cells, 0, n);
		g->total += n;
	}
	return g->error;
}

static size_t n_keys(const struct tabular *t)
{
	return ((const struct group *)t)->o.n_keys;
}

/* What is shown of @e, in @cells, where @was, NULL where there was none, is what it had in the sample before;
 * and in @now, what is to be compared with in the next. */
static void fill(const struct group *g, const struct group_entry *e, const double *was, double *now,
		 struct cell *cells)
{
	size_t n = g->o.n_keys;

	if (e->cells)
		memcpy(cells, e->cells, n * sizeof(*cells));
	cells[n++] = (struct cell){ .is_there = true, .val = { .kind = VAL_UINT, .u = e->count } };
	cells[n++] = (struct cell){ .is_there = g->total > 0,
				    .val = { .kind = VAL_REAL,
					     .d = g->total ? (double)e->count / (double)g->total : 0 } };
	for (size_t i = 0; i < g->o.n_aggregates; i++) {
		const struct aggregate_column *a = &g->o.aggregates[i];
		struct cell *c = &cells[n + i];

		if (a->what == AGGREGATE_COUNT)
			*c = cells[g->o.n_keys];
		else
			sum_cell(&e->sums[i], a, &g->columns[n + i], c);
		if (a->is_delta)
			*c = deltas_cell(g->o.deltas, a, c, was ? &was[i] : NULL, &now[i]);
	}
}

struct cell group_value(struct group *g, struct group_entry *e, size_t column)
{
	struct cell cells[GROUP_KEYS_MAX + GROUP_OWN + GROUP_AGGREGATES_MAX] = {};
	double now[GROUP_AGGREGATES_MAX];

	g->rest.sums = g->rest_sums;
	fill(g, e ? e : &g->rest, NULL, now, cells);
	return cells[column];
}

/* The same of a group that there is; what it has now is noted. */
static int fill_noted(const struct group *g, const struct group_entry *e, struct cell *cells)
{
	double now[GROUP_AGGREGATES_MAX] = {};

	if (!g->has_deltas) {
		fill(g, e, NULL, now, cells);
		return 0;
	}
	fill(g, e, deltas_find(g->o.deltas, e->key), now, cells);
	return deltas_note(g->o.deltas, e->key, now, g->o.n_aggregates);
}

/* Adds what @e had in the sample before to @was; of what is no sum nothing can be said. */
static void add_was(const struct group *g, const struct group_entry *e, double *was)
{
	const double *mine = g->has_deltas ? deltas_find(g->o.deltas, e->key) : NULL;

	for (size_t i = 0; i < g->o.n_aggregates; i++)
		was[i] += !aggregate_is_additive(&g->o.aggregates[i]) ? NAN : mine ? mine[i] : 0;
}

struct shown {
	struct cell *cells;
	struct group_entry *entry;
};

static int compare(const void *a, const void *b, void *ctx)
{
	const struct shown *x = a, *y = b;

	return order_compare(ctx, x->cells, y->cells);
}

/* Hands on what stands for the groups in @v, which have been left out. */
static int hand_on_others(struct group *g, const struct shown *v, size_t n, struct cell *cells)
{
	struct sum sums[GROUP_AGGREGATES_MAX] = {};
	double was[GROUP_AGGREGATES_MAX] = {}, now[GROUP_AGGREGATES_MAX];
	struct group_entry all = { .sums = sums };
	int r = 0;

	all.count = g->rest.count;
	for (size_t k = 0; k < g->o.n_aggregates && r == 0; k++)
		r = sum_merge(&sums[k], &g->rest_sums[k]);
	for (size_t i = 0; i < n && r == 0; i++) {
		all.count += v[i].entry->count;
		add_was(g, v[i].entry, was);
		for (size_t k = 0; k < g->o.n_aggregates && r == 0; k++)
			r = sum_merge(&sums[k], &v[i].entry->sums[k]);
	}
	for (size_t i = 0; i < g->o.n_keys; i++)
		cells[i] = (struct cell){ .is_other = true };
	if (r == 0) {
		fill(g, &all, was, now, cells);
		r = g->next->ops->record(g->next, cells);
	}
	for (size_t k = 0; k < g->o.n_aggregates; k++)
		sum_done(&sums[k]);
	return r;
}

/* Hands on the groups in @v as they are known. */
static int hand_on_parts(struct group *g, const struct shown *v, size_t n)
{
	_cleanup_free_ struct group_part *parts = calloc(n + 1, sizeof(*parts));
	struct group_taken taken = { .o = &g->o, .columns = g->l.columns, .n = n, .total = g->total };

	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		parts[i] = (struct group_part){ v[i].cells, v[i].entry->count, v[i].entry->sums };
	taken.v = parts;
	return g->o.take(g->o.take_ctx, &taken);
}

static int hand_on(struct group *g)
{
	_cleanup_free_ struct shown *v = calloc(g->n + 1, sizeof(*v));
	_cleanup_free_ struct cell *cells = calloc((g->n + 1) * g->n_columns, sizeof(*cells));
	size_t n = 0, n_shown;
	int r = 0;

	if (!v || !cells)
		return -ENOMEM;
	for (size_t i = 0; i < g->n; i++) {
		v[n] = (struct shown){ &cells[n * g->n_columns], g->all[i] };
		if (fill_noted(g, v[n].entry, v[n].cells) < 0)
			return -ENOMEM;
		n += !g->having || having_fits(g->having, v[n].cells);
	}
	n_shown = g->o.limit < n ? (size_t)g->o.limit : n;
	if (n)
		qsort_r(v, n, sizeof(*v), compare, &g->order);
	if (g->o.take)
		return hand_on_parts(g, v, n);
	for (size_t i = 0; i < n_shown && r == 0; i++)
		r = g->next->ops->record(g->next, v[i].cells);
	if (r == 0 && (n_shown < n || g->rest.count))
		r = hand_on_others(g, v + n_shown, n - n_shown, &cells[g->n * g->n_columns]);
	return r;
}

/* Forgets all groups. */
static void clear(struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->o.n_aggregates; k++)
			sum_done(&g->all[i]->sums[k]);
	for (size_t k = 0; k < g->o.n_aggregates; k++)
		sum_done(&g->rest_sums[k]);
	g->rest.count = 0;
	keep_done(&g->keep);
	hash_clear(&g->by_key);
	g->n = 0;
	g->total = 0;
}

static int end_list(struct tabular *t)
{
	struct group *g = (struct group *)t;
	struct listing l = g->l;
	int r;

	l.columns = g->columns;
	l.n = g->n_columns;
	g->is_open = false;
	/* Only now: several may share one output, one after the other. */
	r = g->next->ops->list(g->next, &l);
	if (r < 0)
		return r;
	if (g->error == 0)
		g->error = hand_on(g);
	if (g->has_deltas)
		deltas_turn(g->o.deltas, g->error == 0 || g->error == -ECANCELED);
	clear(g);
	if (g->error == -ECANCELED)
		g->error = 0; /* the output had enough of this list */
	r = g->next->ops->list_end(g->next);
	return r < 0 ? r : g->error;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct group *g = (struct group *)t;
	struct notes all;
	int r;

	if (g->is_open)
		(void)end_list(t); /* what fails is remembered here or there */
	all = notes_of_end(notes, g->error);
	r = g->next->ops->end(g->next, &all);
	return r < 0 ? r : g->error;
}

static int flush(struct tabular *t)
{
	struct group *g = (struct group *)t;

	return g->next->ops->flush(g->next);
}

static void done(struct tabular *t)
{
	struct group *g = (struct group *)t;

	clear(g);
	text_done(&g->key);
	(void)having_free(g->having);
	free(g->fixed);
	free(g->columns);
	hash_done(&g->by_key);
	free(g->all);
	free(g->at);
	free(g);
}

static const struct tabular_ops group_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

/* Without aggregates that need each record. */
static const struct tabular_ops count_ops = {
	.list = begin_list,
	.record = record,
	.count = count,
	.n_keys = n_keys,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

struct tabular *group_tabular(struct group *g)
{
	return &g->tabular;
}

static bool needs_records(const struct group_opts *o)
{
	for (size_t i = 0; i < o->n_aggregates; i++)
		if (!aggregate_is_additive(&o->aggregates[i]))
			return true;
	return false;
}

/* Whether what is wanted has something to be compared with. */
static int check_deltas(struct group *g, struct err *e)
{
	for (size_t i = 0; i < g->o.n_aggregates; i++) {
		if (!g->o.aggregates[i].is_delta)
			continue;
		if (!g->o.deltas)
			return err_say(
				e, -EINVAL,
				"%s is what changes from one sample to the next: say how often with --every",
				g->o.aggregates[i].name);
		g->has_deltas = true;
	}
	return 0;
}

int group_new(const struct group_opts *o, const struct column *columns, struct tabular *next,
	      struct group **ret, struct err *e)
{
	struct group *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	g->tabular.ops = needs_records(o) ? &group_ops : &count_ops;
	g->o = *o;
	g->next = next;
	r = check_deltas(g, e);
	if (r >= 0)
		r = make(g, columns, e);
	if (r < 0) {
		done(&g->tabular);
		return r;
	}
	*ret = g;
	return 0;
}
