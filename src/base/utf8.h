/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * UTF-8: how wide a text is, and how to show one that somebody else chose.
 *
 * Every name that leaves the program goes through utf8_make_safe() or utf8_put_safe(), or is escaped without
 * loss (model/value.h, sink/format/json_text.h): a service's and a user's as well as a process's, and what
 * was typed.
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

/*
 * Whether @c must not reach a terminal: C0, DEL, C1, and the separators and direction marks that terminals
 * and editors act upon.
 */
bool utf8_is_control(uint32_t c);

/*
 * Makes the text of @len bytes at @p fit to be shown: control characters, line breaks and direction marks
 * become
 * '.', bad bytes '?'. Returns its length then, which is no longer.
 */
size_t utf8_make_safe(char *p, size_t len);

/* The same of what was appended to @t since it had the length @start. */
static inline void utf8_make_safe_from(struct text *t, size_t start)
{
	if (t->len > start)
		t->len = start + utf8_make_safe(t->p + start, t->len - start);
}

/* Appends @s with control characters, line breaks and direction marks as '.', bad bytes as '?', and bytes in
 * @escape behind a backslash. */
void utf8_put_safe(struct text *t, struct sv s, const char *escape);
