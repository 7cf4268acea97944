/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Numbers that look random and are the same in every run.
 */

#include <stdint.h>

static uint64_t random_seed = 1;

/* Below @n. */
static inline uint32_t pick(uint32_t n)
{
	random_seed = random_seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_seed >> 33) % n;
}
