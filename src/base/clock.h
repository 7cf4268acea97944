/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * This run's own timer and clock. The time of the machine that is looked at is the host's to tell.
 */

#include <stdint.h>

/* Microseconds since a moment that stays the same while the system runs; no setting of the clock moves it. */
int64_t clock_monotonic_us(void);

/* Microseconds since 1970, as this machine's clock is set now. */
uint64_t clock_realtime_us(void);
