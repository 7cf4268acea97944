/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Clocks are set back: no order of times can be relied on, so that nothing here halves. */

#include "history/store.h"

static uint64_t time_of(const struct store_reader *r, size_t i)
{
	return store_time_of(r, i).wall_us;
}

size_t store_find_at(const struct store_reader *r, uint64_t us)
{
	size_t n = store_n_samples(r);
	bool is_passed = true; /* the one behind is after @us, or there is none */

	for (size_t i = n; i-- > 0;) {
		bool is_before = time_of(r, i) <= us;

		if (is_before && is_passed)
			return i;
		is_passed = !is_before;
	}
	return n;
}

size_t store_find_since(const struct store_reader *r, uint64_t us)
{
	size_t n = store_n_samples(r), i = 0;

	while (i < n && time_of(r, i) < us)
		i++;
	return i;
}

/* The first moment not before @us in steps from @at_us; in a file's numbers there may be none. */
static uint64_t move(uint64_t at_us, uint64_t step_us, uint64_t us)
{
	uint64_t steps;

	if (us <= at_us)
		return at_us - (at_us - us) / step_us * step_us;
	steps = (us - at_us - 1) / step_us + 1;
	return steps > (UINT64_MAX - at_us) / step_us ? UINT64_MAX : at_us + steps * step_us;
}

size_t store_step(const struct store_reader *r, size_t i, size_t last, uint64_t step_us, uint64_t *at_us)
{
	uint64_t us = time_of(r, i);

	*at_us = move(*at_us, step_us, us);
	while (i < last) {
		uint64_t next = time_of(r, i + 1);

		if (next > *at_us || next < us)
			break;
		us = next;
		i++;
	}
	return i;
}
