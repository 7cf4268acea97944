/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Ages grow by the time that passes between two readings of a socket. When that was, to the tick of the
 * kernel's clock, is not told: it is found as the moment that makes the most ages come out even, message by
 * message.
 */

#include "history/shape.h"

/* The moment when the message @word was read, which was @was at @then; @running when it does not matter. */
uint32_t clock_of(const struct shape *s, const uint32_t *word, const uint32_t *was, uint32_t then,
		  uint32_t running);

/* Makes @residual of ages what they differ from those that are expected @passed_ms after @was. True when the
 * message cannot be what was expected even if nothing differs. */
bool clock_expect(const struct shape *s, uint32_t *residual, const uint32_t *word, const uint32_t *was,
		  uint32_t passed_ms);

/* Lets @passed_ms go by for the ages of the message @word. */
static inline void clock_advance(const struct shape *s, uint32_t *word, uint32_t passed_ms)
{
	for (uint32_t i = 0; i < s->n_ages; i++) {
		uint32_t *age = &word[s->age[i].word];

		if (*age)
			*age += s->age[i].is_down ? 0 - passed_ms : passed_ms;
	}
}
