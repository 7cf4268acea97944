/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/clockwork.h"

/* One age alone may be even by chance: only this near to the last message's moment it counts. */
enum { NEAR_MS = 20 };

/* How much time has passed by the age @i. */
static uint32_t passed(const struct shape *s, size_t i, const uint32_t *word, const uint32_t *was)
{
	uint32_t d = word[s->age[i].word] - was[s->age[i].word];

	return s->age[i].is_down ? 0 - d : d;
}

static uint32_t count(const struct shape *s, const uint32_t *word, const uint32_t *was, uint32_t passed_ms)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->n_ages; i++)
		n += was[s->age[i].word] && passed(s, i, word, was) == passed_ms;
	return n;
}

uint32_t clock_of(const struct shape *s, const uint32_t *word, const uint32_t *was, uint32_t then,
		  uint32_t running)
{
	uint32_t best = running, n_best = count(s, word, was, running - then), n_ages = 0;

	for (size_t i = 0; i < s->n_ages; i++)
		n_ages += was[s->age[i].word] != 0;
	if (n_best == n_ages)
		return running;
	for (size_t i = 0; i < s->n_ages; i++) {
		uint32_t ms, n;

		if (!was[s->age[i].word])
			continue;
		ms = passed(s, i, word, was);
		n = count(s, word, was, ms);
		if (n > n_best && (n > 1 || then + ms - running + NEAR_MS <= 2 * NEAR_MS)) {
			best = then + ms;
			n_best = n;
		}
	}
	return best;
}

bool clock_expect(const struct shape *s, uint32_t *residual, const uint32_t *word, const uint32_t *was,
		  uint32_t passed_ms)
{
	bool has_stopped = false;

	for (size_t i = 0; i < s->n_ages; i++) {
		uint32_t w = s->age[i].word;

		if (!was[w])
			continue;
		residual[w] += s->age[i].is_down ? passed_ms : 0 - passed_ms;
		has_stopped |= !word[w];
	}
	return has_stopped;
}
