/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Running text in lines of a screen. */

#include "base/text.h"

/*
 * Appends @s in lines of at most @screen cells, the first behind @first, the others behind @indent blanks.
 * Words are not broken.
 */
void wrap_put(struct text *t, const char *first, size_t indent, struct sv s, unsigned int screen);

/* The same with what was made in @made, which it frees; nothing when that is empty. */
void wrap_put_made(struct text *t, const char *first, size_t indent, struct text *made, unsigned int screen);

/* The same with @lines, each beginning one of its own; at most @max of them, and nothing for NULL. */
void wrap_put_lines(struct text *t, const char *first, size_t indent, const char *lines, size_t max,
		    unsigned int screen);
