/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The samples that can be gone back to: bounded, and coarser the longer ago they are. */

#include "check.h"
#include "live/rewind.h"

enum { SECOND = 1000000, SECONDS = 600 };

static void add(struct rewind *r, int64_t at_us)
{
	struct sample *s = sample_new();

	CHECK(s);
	sample_set_time(s, at_us, 0);
	CHECK(rewind_add(r, s) == 0);
	(void)sample_unref(s);
}

static size_t size_of_one(void)
{
	struct sample *s = sample_new();
	size_t size = sample_size(s);

	(void)sample_unref(s);
	return size;
}

static void check_all(void)
{
	struct rewind *r = rewind_new(REWIND_BYTES);

	CHECK(rewind_len(r) == 0 && rewind_span_us(r) == 0 && rewind_step_us(r) == 0);
	for (int64_t i = 0; i < SECONDS; i++)
		add(r, i * SECOND);
	CHECK(rewind_len(r) == SECONDS && rewind_step_us(r) == SECOND);
	CHECK(rewind_find(r, 5 * SECOND + 1) == 5 && rewind_find(r, 5 * SECOND) == 5);
	CHECK(rewind_find(r, -1) == 0 && rewind_find(r, INT64_MAX) == SECONDS - 1);
	add(r, REWIND_US + 10 * SECOND);
	CHECK(sample_monotonic_us(rewind_at(r, 0)) == 10 * SECOND);
	(void)rewind_free(r);
}

/* With room for few of many the oldest is kept, the newest are, and steps grow with age. */
static void check_thinned(void)
{
	enum { ROOM = 40 };
	struct rewind *r = rewind_new(ROOM * size_of_one());
	int64_t near, far;
	size_t n;

	for (int64_t i = 0; i < SECONDS; i++) {
		add(r, i * SECOND);
		CHECK(rewind_len(r) <= ROOM);
	}
	n = rewind_len(r);
	CHECK(n == ROOM);
	CHECK(rewind_span_us(r) == (int64_t)(SECONDS - 1) * SECOND);
	near = sample_monotonic_us(rewind_at(r, n - 1)) - sample_monotonic_us(rewind_at(r, n - 3));
	far = sample_monotonic_us(rewind_at(r, 2)) - sample_monotonic_us(rewind_at(r, 0));
	CHECK(near <= 6 * SECOND && far > 2 * near);
	CHECK(rewind_step_us(r) < 200 * (int64_t)SECOND);
	(void)rewind_free(r);
}

/* One that is larger than all the room there is. */
static void check_narrow(void)
{
	struct rewind *r = rewind_new(1);

	add(r, SECOND);
	add(r, 2 * SECOND);
	CHECK(rewind_len(r) == 1 && sample_monotonic_us(rewind_at(r, 0)) == 2 * SECOND);
	(void)rewind_free(r);
}

int main(void)
{
	check_all();
	check_thinned();
	check_narrow();
	return 0;
}
