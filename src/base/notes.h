/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the user has to know about an answer: collected while it is made, told
 * when it has been given.
 */

#include <stdbool.h>

#include "base/text.h"

enum note {
	NOTE_HINT,    /* told on a terminal only */
	NOTE_WARNING, /* the answer leaves something out */
	NOTE_ERROR,   /* the answer is incomplete by a failure */
};

struct notes {
	struct text text; /* per note: its enum note as a byte, its text, a NUL */
	size_t told;      /* bytes of .text that were told */
	bool has_error;
	bool is_partial; /* which records there are depends on what could not be seen */
};

/* Whether the answer is all of what was asked for. */
static inline bool notes_is_whole(const struct notes *n)
{
	return !n->has_error && !n->is_partial;
}

/* Adds a note, once: the same text again makes it as grave as the gravest of both. Without memory for
 * it there is one error instead of all of them. */
void notes_add(struct notes *n, enum note kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds to @to the notes that @from has, and what they mean for the answer. */
void notes_join(const struct notes *from, struct notes *to);

/* The note after @at, the first for NULL; NULL after the last. Sets *@kind. */
const char *notes_next(const struct notes *n, const char *at, enum note *kind);

/*
 * @n, or none for NULL, as those of an answer that ended with @r: a negative errno makes it incomplete, but
 * -ECANCELED, by which the output has enough. Borrows what @n holds; not to be added to, nor freed.
 */
struct notes notes_of_end(const struct notes *n, int r);

/* Forgets the notes, but not what they mean for the answer. */
void notes_clear(struct notes *n);

void notes_done(struct notes *n);
