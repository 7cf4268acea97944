/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"
#include "fleet/merge_impl.h"
#include "ops/cell_text.h"
#include "ops/sum_text.h"

int merge_groups_open(struct merge *m, struct err *e)
{
	const struct question *q = merge_question(m);
	struct group_opts o = q->group;
	int r;

	o.sort = m->o.sort ? sv(m->o.sort) : q->group.sort;
	o.having = m->o.having ? sv(m->o.having) : (struct sv){};
	o.limit = merge_limit(m);
	o.seed = m->seed;
	r = bounded_new(m, m->o.to, &m->bounded);
	if (r == 0)
		r = group_new(&o, q->columns.v, m->bounded, &m->group, e);
	return r;
}

/* The first @bits of the address in @v, the others 0. */
static void mask(struct val *v, uint8_t to[16], unsigned int bits)
{
	memset(to, 0, 16);
	memcpy(to, v->s.p, v->s.len);
	for (size_t i = bits / 8; i < v->s.len; i++)
		to[i] = i == bits / 8 ? (uint8_t)(to[i] & 0xff00 >> bits % 8) : 0;
	v->s.p = (const char *)to;
}

/* The keys that the answer has for @have, those of a host. */
static void choose_keys(const struct merge *m, const struct fleet_host *h, const struct cell *have,
			uint8_t (*masked)[16], struct cell *ret)
{
	const struct question *q = merge_question(m);

	for (size_t i = 0; i < q->group.n_keys; i++) {
		const struct column *c = &q->columns.v[i];

		ret[i] = m->by.is_host[i]
				 ? (struct cell){ .is_there = true, .val = { VAL_STR, .s = sv(h->name) } }
				 : have[m->by.key[i]];
		if (ret[i].is_there && c->type == T_ADDR && ret[i].val.kind == VAL_STR)
			mask(&ret[i].val, masked[i], c->prefix[ret[i].val.s.len == 16]);
	}
}

static int make_room(struct merge *m)
{
	size_t cap = m->cap ? 2 * m->cap : 1024;
	struct slot **all;

	if (m->n < m->cap)
		return 0;
	all = reallocarray(m->all, cap, sizeof(struct slot *));
	if (!all)
		return -ENOMEM;
	m->all = all;
	m->cap = cap;
	return 0;
}

static int add_slot(struct merge *m, const struct fleet_host *h, struct sv key, struct slot **ret)
{
	struct cell have[GROUP_KEYS_MAX], keys[GROUP_KEYS_MAX] = {};
	uint8_t masked[GROUP_KEYS_MAX][16];
	struct slot s = { .host = m->by.has_host ? h->number : 0 };
	struct sv words = key;
	int r = 0;

	keep_clear(&m->scratch);
	for (size_t i = 0; i < m->own->group.n_keys && r == 0; i++) {
		struct column c = m->own->columns.v[i];

		c.part = PART_NONE;
		r = cell_read(sv_take(&words, ' '), &c, &m->scratch, &have[i]);
	}
	if (r < 0)
		return r;
	choose_keys(m, h, have, masked, keys);
	s.group = group_find(m->group, keys);
	s.key = sv_n(keep_bytes(&m->keep, key.len ? key.p : "", key.len), key.len);
	*ret = s.key.p ? keep_bytes(&m->keep, &s, sizeof(s)) : NULL;
	if (!s.group || !*ret || make_room(m) < 0 ||
	    hash_put(&m->slots, hash_bytes_of(key, m->seed ^ s.host), *ret) < 0)
		return -ENOMEM;
	m->all[m->n++] = *ret;
	return 0;
}

static void sums_done(struct sum *sums, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum_done(&sums[i]);
}

/* The sums of a line, in the order of the answer; what they keep is in @own. */
static int read_sums(struct merge *m, struct sv *words, struct sum *own, struct sum *ret)
{
	const struct question *q = merge_question(m);
	int r = 0;

	for (size_t i = 0; i < m->own->group.n_aggregates && r == 0; i++) {
		const struct aggregate_column *a = &m->own->group.aggregates[i];

		r = words->p ? sum_read(sv_take(words, ' '), a, &m->own->columns.v[a->column], &own[i])
			     : -EBADMSG;
	}
	for (size_t i = 0; i < q->group.n_aggregates && r == 0; i++)
		ret[i] = own[m->by.aggregate[i]];
	return r;
}

/* COUNT SUM... of @s, NULL: of groups without their keys. */
static int take_sums(struct merge *m, struct group_entry *g, uint64_t count, struct sv words)
{
	size_t n = m->own->group.n_aggregates;
	struct sum own[GROUP_AGGREGATES_MAX] = {}, sums[GROUP_AGGREGATES_MAX];
	int r = read_sums(m, &words, own, sums);

	if (r == 0)
		r = group_merge(m->group, g, count, sums);
	sums_done(own, n);
	return r;
}

/* How much of @words are the keys, with a blank behind each; 0 when it has no more. */
static size_t keys_len(struct sv words, size_t n_keys)
{
	const char *p = words.p, *end = words.p + words.len;

	for (size_t i = 0; i < n_keys; i++) {
		p = p < end ? memchr(p, ' ', (size_t)(end - p)) : NULL;
		if (!p)
			return 0;
		p++;
	}
	return (size_t)(p - words.p);
}

int merge_group_line(struct merge *m, struct fleet_host *h, struct sv words)
{
	size_t n_keys = m->own->group.n_keys, len = keys_len(words, n_keys);
	struct sv key = sv_first(words, len - (len > 0)), rest = sv_from(words, len), number;
	struct slot *s;
	uint64_t count;
	int r = 0;

	if (n_keys && !len)
		return -EBADMSG;
	number = sv_take(&rest, ' ');
	if (!num_read(number, 10, SUM_COUNT_MAX, &count))
		return -EBADMSG;
	s = merge_slot(m, key, m->by.has_host ? h->number : 0);
	if (!s)
		r = add_slot(m, h, key, &s);
	if (r < 0)
		return r;
	if (m->own->group.n_aggregates)
		r = take_sums(m, s->group, count, rest);
	else
		r = group_merge(m->group, s->group, count, NULL);
	if (r < 0)
		return r;
	h->n_counted += count;
	s->n_told++;
	s->sent += h->bound.is_there ? val_number(&h->bound.val) : 0;
	return 0;
}

int merge_others_line(struct merge *m, struct fleet_host *h, struct sv words)
{
	struct sv n = sv_take(&words, ' '), number = words.p ? sv_take(&words, ' ') : (struct sv){};
	uint64_t unused, count;
	int r;

	if (!num_read(n, 10, SUM_COUNT_MAX, &unused) || !num_read(number, 10, SUM_COUNT_MAX, &count))
		return -EBADMSG;
	r = take_sums(m, NULL, count, words);
	h->n_counted += r < 0 ? 0 : count;
	return r;
}

static int compare_down(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* Whether a group that is not among the first @n by what is known can belong there. */
static int is_certain(struct merge *m, size_t n, bool *ret)
{
	_cleanup_free_ double *v = calloc(m->n + 1, sizeof(*v)), *sorted = calloc(m->n + 1, sizeof(*v));
	size_t n_least = 0;
	double least;

	if (!v || !sorted)
		return -ENOMEM;
	*ret = !m->bound;
	if (n > m->n || !n)
		return 0;
	for (size_t i = 0; i < m->n; i++)
		v[i] = sorted[i] = merge_value(m, m->all[i]);
	qsort(sorted, m->n, sizeof(*sorted), compare_down);
	least = sorted[n - 1];
	for (size_t i = 0; i < m->n; i++)
		n_least += v[i] >= least;
	*ret = m->bound <= least;
	for (size_t i = 0; i < m->n && *ret; i++)
		if (v[i] < least || n_least > n)
			*ret = v[i] > least || v[i] + merge_most(m, m->all[i]) <= least;
	return 0;
}

static int note_bounds(struct merge *m)
{
	size_t n = merge_limit(m) < m->n ? (size_t)merge_limit(m) : m->n;
	bool is_sure = false;
	int r = 0;

	if (m->round == 2)
		r = merge_check_rounds(m, &is_sure);
	for (size_t i = 0; i < m->roll.n && !is_sure; i++)
		m->has_bounds |= m->roll.v[i]->bound.is_there;
	if (!m->has_bounds || r < 0)
		return r;
	if (m->is_unranked) {
		notes_add(m->o.notes, NOTE_ERROR,
			  "hosts left groups out, by an order in which nothing tells how far those could "
			  "have come");
		return 0;
	}
	if (!m->o.having && merge_limit(m) <= m->n)
		r = is_certain(m, n, &is_sure);
	if (r == 0 && is_sure)
		notes_add(m->o.notes, NOTE_WARNING,
			  "hosts left groups out: which are the first %zu is certain, and at_most tells what "
			  "they can have",
			  n);
	else if (r == 0)
		notes_add(m->o.notes, NOTE_ERROR,
			  "hosts left groups out: one that is not shown can have up to %.0f, and at_most "
			  "tells what those "
			  "shown can have",
			  m->bound);
	return r;
}

/* Percentiles, and numbers of different values, that are no more than near. */
static void note_near(struct merge *m)
{
	const struct question *q = merge_question(m);

	for (size_t i = 0; i < q->group.n_aggregates; i++) {
		const struct aggregate_column *a = &q->group.aggregates[i];

		if (!group_has_near(m->group, i))
			continue;
		if (a->what == AGGREGATE_PERCENTILE)
			notes_add(m->o.notes, NOTE_WARNING,
				  "%s is right to 0.8 %% where there were more than 128 different values",
				  a->name);
		else
			notes_add(m->o.notes, NOTE_WARNING,
				  "%s is estimated above 1,024, with a standard error of 3 %%", a->name);
	}
}

int merge_groups_answer(struct merge *m)
{
	const struct question *q = merge_question(m);
	const struct listing l = { .name = "groups", .columns = q->columns.v, .n = q->columns.n };
	struct tabular *t = group_tabular(m->group);
	int r = note_bounds(m);

	note_near(m);
	if (r == 0)
		r = t->ops->list(t, &l);
	return r == 0 ? t->ops->list_end(t) : r;
}
