/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What of a table is worth a look: how colour underlines it, where there is colour. What it means is always
 * in the text as well.
 */

#include "model/tabular.h"

enum tone { TONE_NONE, TONE_GOOD, TONE_WAITS, TONE_PASSING, TONE_TROUBLE, TONE_FULL, TONE_CHANGED };

/* Whether cells of @c may have one. */
bool tone_may_be(const struct column *c);

/* That of cell @i of a record with the @n columns @c. */
enum tone tone_of(const struct column *c, const struct cell *cells, size_t n, size_t i);

/* What is written in front of a text in that tone, and behind it; "" for TONE_NONE. */
const char *tone_begin(enum tone tone);
const char *tone_end(enum tone tone);
