/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/clock.h"

#include <time.h>

int64_t clock_monotonic_us(void)
{
	struct timespec now = {};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
