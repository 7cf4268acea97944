/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/rewind.h"

#include <errno.h>
#include <stdlib.h>

struct rewind {
	struct sample **v;
	size_t n, cap;
	size_t size, max_bytes;
};

struct rewind *rewind_new(size_t max_bytes)
{
	struct rewind *r = calloc(1, sizeof(*r));

	if (r)
		r->max_bytes = max_bytes;
	return r;
}

struct rewind *rewind_free(struct rewind *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < r->n; i++)
		(void)sample_unref(r->v[i]);
	free(r->v);
	free(r);
	return NULL;
}

static int64_t time_of(const struct rewind *r, size_t i)
{
	return sample_monotonic_us(r->v[i]);
}

static void drop(struct rewind *r, size_t i)
{
	r->size -= sample_size(r->v[i]);
	(void)sample_unref(r->v[i]);
	r->n--;
	memmove(r->v + i, r->v + i + 1, (r->n - i) * sizeof(*r->v));
}

/* The one that is missed least: neither the oldest nor the newest. */
static size_t least_missed(const struct rewind *r)
{
	int64_t now = time_of(r, r->n - 1);
	double least = 0;
	size_t best = 0;

	for (size_t i = 1; i + 1 < r->n; i++) {
		double gap = (double)(time_of(r, i + 1) - time_of(r, i - 1));
		double missed = gap / (double)(now - time_of(r, i) + 1);

		if (best && missed >= least)
			continue;
		best = i;
		least = missed;
	}
	return best;
}

int rewind_add(struct rewind *r, struct sample *s)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 64;
		struct sample **v = reallocarray(r->v, cap, sizeof(struct sample *));

		if (!v)
			return -ENOMEM;
		r->v = v;
		r->cap = cap;
	}
	r->v[r->n++] = sample_ref(s);
	r->size += sample_size(s);
	while (r->n > 1 && time_of(r, r->n - 1) - time_of(r, 0) > REWIND_US)
		drop(r, 0);
	while (r->n > 1 && r->size > r->max_bytes)
		drop(r, least_missed(r)); /* of two the older one */
	return 0;
}

size_t rewind_len(const struct rewind *r)
{
	return r->n;
}

struct sample *rewind_at(const struct rewind *r, size_t i)
{
	return r->v[i];
}

size_t rewind_find(const struct rewind *r, int64_t monotonic_us)
{
	size_t i = r->n;

	while (i && time_of(r, i - 1) > monotonic_us)
		i--;
	return i ? i - 1 : 0;
}

int64_t rewind_span_us(const struct rewind *r)
{
	return r->n ? time_of(r, r->n - 1) - time_of(r, 0) : 0;
}

int64_t rewind_step_us(const struct rewind *r)
{
	int64_t most = 0;

	for (size_t i = 1; i < r->n; i++)
		if (time_of(r, i) - time_of(r, i - 1) > most)
			most = time_of(r, i) - time_of(r, i - 1);
	return most;
}
