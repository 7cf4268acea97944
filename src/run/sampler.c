/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/sampler.h"

#include <errno.h>

#include "base/hash.h"

enum { PLACES_MIN = 64 };

/*
 * The sockets, in open addressing: base/hash.h would take a pointer and an allocation for each. One that was
 * not in the last sample keeps its place until the table is full, and counts for nothing.
 */
struct seen {
	size_t n, cap; /* places in use, and all */
	uint64_t *key; /* of the socket */
	uint32_t *at;  /* the number of the last sample that had it; 0: the place is free */
	uint64_t *v;   /* .n_used of each: what the counters were, UINT64_MAX when absent */
};

struct sampler {
	struct seen seen;
	enum rate used[RATE_MAX];
	size_t n_used;
	uint32_t sample; /* the number of this one: 1 is the first */
	int64_t now_us;
	double seconds;         /* since the sample before */
	struct seg_rates rates; /* of the row at hand */
};

static void seen_done(struct seen *t)
{
	free(t->key);
	free(t->at);
	free(t->v);
	*t = (struct seen){};
}

struct sampler *sampler_free(struct sampler *s)
{
	if (s)
		seen_done(&s->seen);
	free(s);
	return NULL;
}

static void choose(struct sampler *s, const struct fieldset *set)
{
	enum rate used[RATE_MAX];
	size_t n = 0;

	for (enum rate r = 0; r < RATE_MAX; r++)
		if (fieldset_has(set, counter_rates[r].rate))
			used[n++] = r;
	if (n == s->n_used && !memcmp(used, s->used, n * sizeof(*used)))
		return;
	seen_done(&s->seen);
	memset(&s->rates, 0xff, sizeof(s->rates));
	memcpy(s->used, used, n * sizeof(*used));
	s->n_used = n;
}

int sampler_begin(struct sampler **ret, const struct fieldset *set, int64_t now_us)
{
	struct sampler *s = *ret ? *ret : calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	choose(s, set);
	s->seconds = (double)(now_us - s->now_us) / 1e6;
	s->now_us = now_us;
	s->sample++;
	*ret = s;
	return 0;
}

/* The place of @key, or the free one where it belongs. */
static size_t find(const struct seen *t, uint64_t key)
{
	size_t i = (size_t)((hash_u64(key) >> 32) * t->cap >> 32);

	while (t->at[i] && t->key[i] != key)
		i = i + 1 < t->cap ? i + 1 : 0;
	return i;
}

static bool is_live(const struct sampler *s, size_t i)
{
	return s->seen.at[i] && s->sample - s->seen.at[i] <= 1;
}

/* Four fifths are full: makes it five eighths full of those that still count. Both are there for a moment. */
static int make_room(struct sampler *s)
{
	const struct seen *old = &s->seen;
	struct seen t = {};

	if (old->cap && old->n < old->cap / 5 * 4)
		return 0;
	for (size_t i = 0; i < old->cap; i++)
		t.n += is_live(s, i);
	t.cap = t.n < PLACES_MIN / 2 ? PLACES_MIN : t.n + t.n / 5 * 3;
	t.key = calloc(t.cap, sizeof(*t.key));
	t.at = calloc(t.cap, sizeof(*t.at));
	t.v = calloc(t.cap, s->n_used * sizeof(*t.v));
	if (!t.key || !t.at || !t.v) {
		seen_done(&t);
		return -ENOMEM;
	}
	for (size_t i = 0; i < old->cap; i++) {
		size_t to;

		if (!is_live(s, i))
			continue;
		to = find(&t, old->key[i]);
		t.key[to] = old->key[i];
		t.at[to] = old->at[i];
		memcpy(&t.v[to * s->n_used], &old->v[i * s->n_used], s->n_used * sizeof(*t.v));
	}
	seen_done(&s->seen);
	s->seen = t;
	return 0;
}

/* What the socket is known by in the next sample. */
static uint64_t key_of(const struct row *row)
{
	struct {
		uint64_t table, inode, ports;
		uint8_t addr[2][16];
	} ends = { .table = row_dump(row)->table };
	struct val v;

	if (field_get(row, F_COOKIE, &v))
		return v.u;
	ends.inode = field_u64(row, F_INODE, 0);
	ends.ports = field_u64(row, F_SPORT, 0) << 16 | field_u64(row, F_DPORT, 0);
	if (field_get_sent(row, F_SRC, &v))
		memcpy(ends.addr[0], v.s.p, v.s.len);
	if (field_get_sent(row, F_DST, &v))
		memcpy(ends.addr[1], v.s.p, v.s.len);
	return hash_bytes(sv_n(&ends, sizeof(ends)));
}

/* How many of the unit of a rate one of the counter's makes. */
static double scale_of(enum type type)
{
	switch (type) {
	case T_BYTES: return 1;
	case T_USEC: return RATE_ONE / 1e6;
	case T_MSEC: return RATE_ONE / 1e3;
	default: return RATE_ONE;
	}
}

static uint64_t rate_of(const struct sampler *s, enum rate r, uint64_t now, uint64_t before)
{
	if (now == UINT64_MAX || before == UINT64_MAX || now < before || s->seconds <= 0)
		return UINT64_MAX;
	return (uint64_t)((double)(now - before) * scale_of(fields[counter_rates[r].counter].type) /
				  s->seconds +
			  0.5);
}

int sampler_add(struct sampler *s, struct row *row)
{
	uint64_t key = key_of(row), *before;
	bool was_there;
	size_t i;

	if (make_room(s) < 0)
		return -ENOMEM;
	i = find(&s->seen, key);
	was_there = s->seen.at[i] && s->sample - s->seen.at[i] == 1;
	s->seen.n += !s->seen.at[i];
	s->seen.key[i] = key;
	s->seen.at[i] = s->sample;
	before = &s->seen.v[i * s->n_used];
	for (size_t k = 0; k < s->n_used; k++) {
		enum rate r = s->used[k];
		struct val v;
		uint64_t now = field_get(row, counter_rates[r].counter, &v) ? v.u : UINT64_MAX;

		s->rates.v[r] = was_there ? rate_of(s, r, now, before[k]) : UINT64_MAX;
		before[k] = now;
	}
	if (was_there)
		row_put(row, SEG_RATES, &s->rates, sizeof(s->rates));
	return 0;
}
