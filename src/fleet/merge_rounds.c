/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The first groups exactly, without all of them. When each of m hosts has told of its first ones, what the
 * last of those wanted has by then is no more than what it has in all. Whatever has as much has an m-th part
 * of it on some host: all of those are sent next. By then few are left that can be among the first and that
 * not every host has told of, and those are asked for by name.
 */

#include <errno.h>
#include <stdlib.h>

#include "fleet/merge_impl.h"
#include "ops/cell_text.h"

int merge_waiting_line(struct merge *m, struct fleet_host *h, struct sv words)
{
	struct cell bound;
	int r = cell_read(sv_take(&words, ' '), &m->own->rank.column, &m->keep, &bound);

	if (r < 0)
		return r;
	m->bound -= h->bound.is_there ? val_number(&h->bound.val) : 0;
	h->bound = bound;
	m->bound += h->bound.is_there ? val_number(&h->bound.val) : 0;
	h->is_waiting = true;
	return 0;
}

bool merge_is_waiting(const struct merge *m)
{
	for (size_t i = 0; i < m->roll.n; i++) {
		const struct fleet_host *h = m->roll.v[i];

		if ((h->state == HOST_ASKED || (h->state == HOST_OPEN && !h->is_waiting)) && !h->is_gone)
			return false;
	}
	return true;
}

static int compare_down(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* What the last of those wanted has by now, 0 when there are not so many. */
static int find_last(struct merge *m, double *ret)
{
	_cleanup_free_ double *v = calloc(m->n + 1, sizeof(*v));
	uint64_t n = merge_limit(m);

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++)
		v[i] = merge_value(m, m->all[i]);
	qsort(v, m->n, sizeof(*v), compare_down);
	*ret = n && n <= m->n ? v[n - 1] : 0;
	return 0;
}

/* Hosts that wait, and the most that a group can have that one of them has not told of. */
static size_t count_waiting(const struct merge *m, double *ret_most)
{
	size_t n = 0;

	*ret_most = 0;
	for (size_t i = 0; i < m->roll.n; i++) {
		const struct fleet_host *h = m->roll.v[i];
		double bound = h->bound.is_there ? val_number(&h->bound.val) : 0;

		if (!h->is_waiting)
			continue;
		n++;
		*ret_most = bound > *ret_most ? bound : *ret_most;
	}
	return n;
}

static int ask_above(struct merge *m, struct text *ret)
{
	double last, most;
	size_t n = count_waiting(m, &most);
	uint64_t least;
	int r = find_last(m, &last);

	if (r < 0)
		return r;
	least = n ? (uint64_t)(last / (double)n) : 0;
	least += (double)least * (double)n < last; /* so that less everywhere is less in all */
	text_printf(ret, "ss1t %llu\n", (unsigned long long)(least ? least : 1));
	return 0;
}

/* Those that have ended have told of all, and count as if they had not: it is safe to ask for too much. */
static size_t count_answers(const struct merge *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->roll.n; i++)
		n += m->roll.v[i]->state == HOST_OPEN;
	return n + roll_answered(&m->roll);
}

/* How much more than is known the group of @s can have; NULL: one that no host has told of. */
static double more_of(const struct merge *m, const struct slot *s, double most)
{
	size_t n = count_answers(m);

	if (!s)
		return m->bound;
	return s->is_asked || n <= s->n_told ? 0 : (double)(n - s->n_told) * most;
}

static int ask_named(struct merge *m, struct text *ret)
{
	double last, most;
	int r = find_last(m, &last);

	(void)count_waiting(m, &most);

	for (size_t i = 0; i < m->n && r == 0 && most > 0; i++) {
		struct slot *s = m->all[i];
		double more = more_of(m, s, most);

		if (more <= 0 || merge_value(m, s) + more < last)
			continue;
		s->is_asked = true;
		text_str(ret, "ss1k ");
		text_sv(ret, s->key);
		text_char(ret, '\n');
	}
	text_str(ret, "ss1d\n");
	return r;
}

int merge_ask(struct merge *m, struct text *ret)
{
	int r;

	if (!m->group || m->round == 2)
		return 0;
	r = m->round ? ask_named(m, ret) : ask_above(m, ret);
	m->round++;
	for (size_t i = 0; i < m->roll.n; i++)
		m->roll.v[i]->is_waiting = false;
	return r < 0 || ret->failed ? -ENOMEM : 1;
}

bool merge_is_asked(const struct merge *m)
{
	return m->round == 2;
}

int merge_check_rounds(struct merge *m, bool *ret)
{
	double last, most = 0;
	int r = find_last(m, &last);

	for (size_t i = 0; i < m->roll.n; i++) {
		const struct cell *c = &m->roll.v[i]->bound;

		most = c->is_there && val_number(&c->val) > most ? val_number(&c->val) : most;
	}
	*ret = m->bound < last || m->bound == 0;
	for (size_t i = 0; i < m->n && *ret && r == 0; i++) {
		double more = more_of(m, m->all[i], most);

		*ret = more <= 0 || merge_value(m, m->all[i]) + more < last;
	}
	return r;
}
