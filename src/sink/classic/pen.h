/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The end of a row on a terminal: details, which go on in indented lines that break between words, and
 * owners, of which a line names as many as it has room for.
 */

#include "base/sv.h"

struct pen {
	char *d;        /* where the next byte goes; the caller has made room, see pen_room() */
	size_t col;     /* cells of the line so far, with .pending */
	size_t pending; /* blanks not written yet */
	size_t screen;  /* cells in a line */
};

/* How many bytes a text of @len takes at most. */
static inline size_t pen_room(size_t len)
{
	return 4 * len + 64;
}

/*
 * Words behind what is there, on as many lines as they take. A line break in @text stays one, and so does the
 * indent behind it.
 */
void pen_words(struct pen *p, struct sv text);

/*
 * A cell of owners, which has @width cells where the pen is: all of them, or as many as have room and "+N"
 * for the others; on a line of its own when not even one has. Other text: words.
 */
void pen_owners(struct pen *p, struct sv cell, size_t width);
