/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Reading numbers, all of the text or nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/sv.h"

/*
 * Reads all of @s as an unsigned number of @base (8, 10, 16, or 0 for C's
 * "0x" and "0" prefixes), without sign or blanks.
 * False when it is not one or exceeds @max; *@ret is then untouched.
 */
bool num_read(struct sv s, unsigned int base, uint64_t max, uint64_t *ret);

/* Reads 16 hexadecimal digits in lower case, as %016llx writes them. False when @s is anything else. */
bool num_read_bits(struct sv s, uint64_t *ret);
