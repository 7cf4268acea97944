/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/clock.h"

#include <time.h>

static int64_t read_us(clockid_t clock)
{
	struct timespec now = {};

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

uint64_t clock_realtime_us(void)
{
	return (uint64_t)read_us(CLOCK_REALTIME);
}
