/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/sort.h"

#include <errno.h>

#include "base/progress.h"
#include "ops/keep.h"

enum { PRUNE_LEAST = 4096, TELL_EACH = 4096 };

struct entry {
	const struct cell *cells;
	const struct cell *const *parts;
	size_t n_parts;
	uint64_t number; /* of the record, from 0 */
};

struct sort {
	struct tabular tabular;
	struct sort_opts o;
	struct tabular *next;
	struct listing l;
	struct entry *v;
	size_t n, cap;
	uint64_t n_seen;
	struct keep *keep;
	bool is_open; /* there is a list that has not ended */
	int progress; /* while one is held back */
	int error;
};

static bool holds_back(const struct sort *s)
{
	return s->o.order.n || s->o.is_held;
}

static int begin_next(struct sort *s)
{
	struct listing l = s->l;

	l.n = s->o.n_shown;
	return s->next->ops->list(s->next, &l);
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct sort *s = (struct sort *)t;

	s->l = *l;
	s->is_open = true;
	s->n_seen = 0;
	s->progress = holds_back(s) ? progress_enter("reading sockets", 0) : -1;
	return holds_back(s) ? 0 : begin_next(s);
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct entry *x = a, *y = b;
	int r = order_compare(ctx, x->cells, y->cells);

	return r ? r : x->number > y->number ? 1 : -1;
}

/* Keeps copies of the cells of @from, and of its parts. */
static int keep_entry(struct keep *k, size_t n_columns, const struct entry *from, struct entry *ret)
{
	const struct cell **parts;

	*ret = *from;
	ret->cells = keep_cells(k, from->cells, n_columns);
	if (!from->n_parts || !ret->cells)
		return ret->cells ? 0 : -ENOMEM;
	ret->parts = parts = keep_bytes(k, from->parts, from->n_parts * sizeof(*parts));
	for (size_t i = 0; parts && i < from->n_parts; i++) {
		parts[i] = keep_cells(k, parts[i], n_columns);
		if (!parts[i])
			return -ENOMEM;
	}
	return parts ? 0 : -ENOMEM;
}

static void sort_all(struct sort *s)
{
	if (s->n)
		qsort_r(s->v, s->n, sizeof(*s->v), compare, &s->o.order);
}

/* Forgets the records that cannot be among the first any more, and their bytes. */
static int prune(struct sort *s)
{
	struct keep *fresh = calloc(1, sizeof(*fresh));
	int r = fresh ? 0 : -ENOMEM;

	sort_all(s);
	s->n = (size_t)s->o.limit;
	for (size_t i = 0; i < s->n && r == 0; i++) {
		const struct entry e = s->v[i];

		r = keep_entry(fresh, s->l.n, &e, &s->v[i]);
	}
	if (r < 0) {
		/* Some entries lie in either: both stay until the end, which the error has brought. */
		s->n = 0;
		if (fresh)
			keep_done(fresh);
		free(fresh);
		return r;
	}
	keep_done(s->keep);
	free(s->keep);
	s->keep = fresh;
	return 0;
}

static int add(struct sort *s, const struct entry *e)
{
	struct entry *v = s->v;

	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 256;

		v = reallocarray(s->v, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	if (keep_entry(s->keep, s->l.n, e, &v[s->n]) < 0)
		return -ENOMEM;
	v[s->n++].number = s->n_seen++;
	if (s->n_seen % TELL_EACH == 0)
		progress_set(s->progress, s->n_seen);
	if (s->n >= PRUNE_LEAST && s->n / 2 >= s->o.limit && !s->o.is_unique)
		return prune(s);
	return 0;
}

static int hand_over(const struct sort *s, const struct entry *e)
{
	return e->n_parts ? s->next->ops->whole(s->next, e->cells, e->parts, e->n_parts)
			  : s->next->ops->record(s->next, e->cells);
}

static int take(struct sort *s, const struct entry *e)
{
	int r;

	if (s->error < 0)
		return s->error;
	if (holds_back(s)) {
		s->error = s->o.limit ? add(s, e) : 0;
		return s->error;
	}
	if (s->n_seen >= s->o.limit)
		return -ECANCELED;
	s->n_seen++;
	r = hand_over(s, e);
	return r == 0 && s->n_seen >= s->o.limit ? -ECANCELED : r;
}

static int record(struct tabular *t, const struct cell *cells)
{
	return take((struct sort *)t, &(const struct entry){ .cells = cells });
}

static int whole(struct tabular *t, const struct cell *cells, const struct cell *const *parts, size_t n)
{
	return take((struct sort *)t, &(const struct entry){ .cells = cells, .parts = parts, .n_parts = n });
}

/* Whether one of the first @n entries has the number of @cells in the column that tells them apart. */
static bool is_repeated(const struct sort *s, size_t n, const struct cell *cells)
{
	const struct cell *mine = &cells[s->o.unique];

	for (size_t i = 0; i < n && mine->is_there; i++) {
		const struct cell *other = &s->v[i].cells[s->o.unique];

		if (other->is_there && other->val.u == mine->val.u)
			return true;
	}
	return false;
}

/* Moves the entries that are to be handed on to the front. */
static void drop_repeated(struct sort *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n && kept < s->o.limit; i++)
		if (!is_repeated(s, kept, s->v[i].cells))
			s->v[kept++] = s->v[i];
	s->n = kept;
}

/* Hands on what was held back, and forgets it. */
static int hand_on(struct sort *s)
{
	int r = begin_next(s), sorting;

	if (r < 0)
		return r;
	sorting = progress_enter("putting sockets in order", 0);
	progress_set(sorting, s->n);
	sort_all(s);
	progress_leave(sorting);
	if (s->o.is_unique)
		drop_repeated(s);
	for (size_t i = 0; i < s->n && i < s->o.limit && r == 0; i++)
		r = hand_over(s, &s->v[i]);
	s->n = 0;
	keep_done(s->keep);
	return r == -ECANCELED ? 0 : r;
}

static int end_list(struct tabular *t)
{
	struct sort *s = (struct sort *)t;
	int k;

	s->is_open = false;
	progress_leave(s->progress);
	s->progress = -1;
	if (holds_back(s) && s->error == 0)
		s->error = hand_on(s);
	else if (holds_back(s) && begin_next(s) < 0)
		return s->error;
	k = s->next->ops->list_end(s->next);
	return s->error < 0 ? s->error : k;
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct sort *s = (struct sort *)t;
	struct notes all;
	int k;

	if (s->is_open)
		(void)end_list(t); /* what fails is remembered here or there */
	all = notes_of_end(notes, s->error);
	k = s->next->ops->end(s->next, &all);
	return s->error < 0 ? s->error : k;
}

static int flush(struct tabular *t)
{
	struct sort *s = (struct sort *)t;

	return s->next->ops->flush(s->next);
}

static void done(struct tabular *t)
{
	struct sort *s = (struct sort *)t;

	progress_leave(s->progress);
	if (s->keep)
		keep_done(s->keep);
	free(s->keep);
	free(s->v);
	free(s);
}

static const struct tabular_ops sort_ops = {
	.list = begin_list,
	.record = record,
	.whole = whole,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = done,
};

int sort_new(const struct sort_opts *o, struct tabular *next, struct tabular **ret)
{
	struct sort *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct sort){ .tabular.ops = &sort_ops, .o = *o, .next = next, .progress = -1 };
	s->keep = calloc(1, sizeof(*s->keep));
	if (!s->keep) {
		free(s);
		return -ENOMEM;
	}
	*ret = &s->tabular;
	return 0;
}
