/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * UTF-8: how wide a text is, and how to show one that somebody else chose.
 */

#include "base/text.h"

/*
 * Reads the first character of @s, which is not empty, into @ret and returns
 * its length in bytes. What is not valid UTF-8 (RFC 3629) is one byte long and
 * gives UTF8_BAD.
 */
size_t utf8_next(struct sv s, uint32_t *ret);

#define UTF8_BAD 0xfffffffful

/* Cells @s takes on a terminal: 2 for wide characters, 0 for combining and control ones, 1 for a bad byte. */
size_t utf8_width(struct sv s);

/* Appends @s with control characters, line breaks and direction marks as '.', bad bytes as '?', and bytes in
 * @escape behind a backslash. */
void utf8_put_safe(struct text *t, struct sv s, const char *escape);
