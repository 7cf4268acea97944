/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Shell patterns, as fnmatch() with FNM_CASEFOLD in the C locale, but on
 * bytes with a length, and never slower than the product of the lengths.
 */

#include <stdbool.h>

#include "base/sv.h"

bool glob_match(struct sv pattern, struct sv s);

/* Whether anything in @pattern stands for other characters than itself, but for upper and lower case. */
bool glob_is_wild(struct sv pattern);

/* Whether @pattern, which is not wild, fits a part of @s. */
bool glob_find(struct sv pattern, struct sv s);
