/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/known.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCK = 256, STEPS = 8 /* of a doubling */, UNKNOWN = 255 };

/* How much of a new value goes into the average, and by which part an average has to differ to count. */
#define WEIGHT 0.3
#define RELUCTANCE 0.2

struct known_block {
	struct known_block *next;
	struct known v[BLOCK];
};

void knowns_done(struct knowns *k)
{
	while (k->blocks) {
		struct known_block *next = k->blocks->next;

		for (size_t i = 0; i < BLOCK; i++)
			free(k->blocks->v[i].history);
		free(k->blocks);
		k->blocks = next;
	}
	hash_done(&k->now);
	hash_done(&k->before);
	free(k->gone);
	*k = (struct knowns){};
}

static struct known *take_unused(struct knowns *k)
{
	struct known *known;

	if (!k->unused) {
		struct known_block *b = calloc(1, sizeof(*b));

		if (!b)
			return NULL;
		b->next = k->blocks;
		k->blocks = b;
		for (size_t i = 0; i < BLOCK; i++) {
			b->v[i].next = k->unused;
			k->unused = &b->v[i];
		}
	}
	known = k->unused;
	k->unused = known->next;
	return known;
}

void knowns_begin(struct knowns *k, int64_t now_us, bool is_first)
{
	struct hash was = k->before;

	k->before = k->now;
	k->now = was;
	hash_clear(&k->now);
	k->n_gone = 0;
	k->now_us = now_us;
	k->is_first = is_first || !k->turn;
	k->turn++;
}

unsigned int known_step(double activity)
{
	uint64_t v = activity >= 1e15 ? (uint64_t)1e15 : (uint64_t)activity + 1;
	unsigned int doublings = 63 - (unsigned int)__builtin_clzll(v), step;

	step = doublings * STEPS + (unsigned int)(v << (63 - doublings) >> 60 & (STEPS - 1));
	return step < UNKNOWN ? step : UNKNOWN - 1;
}

/* What a step stands for. */
static double value_of(unsigned int step)
{
	return (double)(((uint64_t)STEPS + step % STEPS) << step / STEPS) / STEPS - 1;
}

static void note_activity(struct known *known, double activity)
{
	uint32_t n = known->n_history;
	uint8_t *history = known->history;

	if (!history && (isnan(activity) || activity <= 0))
		return;
	if (!history) {
		history = malloc(KNOWN_HISTORY);
		if (!history)
			return;
		memset(history, known->n > 1 ? 0 : UNKNOWN, KNOWN_HISTORY);
		__atomic_store_n(&known->history, history, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&history[n % KNOWN_HISTORY],
			 isnan(activity) ? (uint8_t)UNKNOWN : (uint8_t)known_step(activity),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&known->n_history, n + 1, __ATOMIC_RELEASE);
}

double known_history(const struct known *k, size_t ago)
{
	const uint8_t *history = __atomic_load_n(&k->history, __ATOMIC_ACQUIRE);
	uint32_t n = __atomic_load_n(&k->n_history, __ATOMIC_ACQUIRE);
	uint8_t step;

	if (!history || ago >= KNOWN_HISTORY || ago >= n)
		return history && ago < KNOWN_HISTORY ? NAN : 0;
	step = __atomic_load_n(&history[(n - 1 - ago) % KNOWN_HISTORY], __ATOMIC_RELAXED);
	return step == UNKNOWN ? NAN : value_of(step);
}

static void note_value(struct known *known, double value)
{
	if (isnan(value) || isnan(known->average)) {
		known->average = known->settled = value;
		return;
	}
	known->average += WEIGHT * (value - known->average);
	if (known->average < 1e-3)
		known->average = 0;
	if (fabs(known->average - known->settled) > RELUCTANCE * fabs(known->settled))
		known->settled = known->average;
}

struct known *knowns_note(struct knowns *k, const struct noted *n)
{
	struct known *known = hash_find(&k->now, n->id, NULL, NULL);

	if (known)
		return known;
	known = hash_find(&k->before, n->id, NULL, NULL);
	if (!known) {
		uint8_t *history;

		known = take_unused(k);
		if (!known)
			return NULL;
		history = known->history;
		if (history) /* a screen may read it */
			for (size_t i = 0; i < KNOWN_HISTORY; i++)
				__atomic_store_n(&history[i], (uint8_t)UNKNOWN, __ATOMIC_RELAXED);
		__atomic_store_n(&known->n_history, 0, __ATOMIC_RELEASE);
		known->id = n->id;
		known->average = known->settled = NAN;
		known->first_us = k->now_us;
		known->gone_us = 0;
		known->n = 0;
		known->place = UINT32_MAX;
		known->is_new = !k->is_first;
	}
	if (hash_put(&k->now, n->id, known) < 0)
		return NULL;
	known->n++;
	known->seen = k->turn;
	known->index = n->index;
	note_value(known, n->value);
	note_activity(known, n->activity);
	return known;
}

int knowns_end(struct knowns *k)
{
	for (size_t i = 0; i < k->before.n_slots; i++) {
		struct known *known = k->before.slot[i].item;

		if (!known || known->seen == k->turn)
			continue;
		if (k->is_first) {
			knowns_forget(k, known);
			continue;
		}
		if (k->n_gone == k->cap_gone) {
			size_t cap = k->cap_gone ? k->cap_gone * 2 : 64;
			struct known **gone = reallocarray(k->gone, cap, sizeof(struct known *));

			if (!gone)
				return -ENOMEM;
			k->gone = gone;
			k->cap_gone = cap;
		}
		known->gone_us = k->now_us;
		k->gone[k->n_gone++] = known;
	}
	hash_clear(&k->before);
	return 0;
}

void knowns_forget(struct knowns *k, struct known *known)
{
	known->next = k->unused;
	k->unused = known;
}

void knowns_reorder(struct knowns *k)
{
	for (size_t i = 0; i < k->now.n_slots; i++) {
		struct known *known = k->now.slot[i].item;

		if (!known)
			continue;
		known->average = known->settled = NAN;
		known->place = UINT32_MAX;
	}
}
