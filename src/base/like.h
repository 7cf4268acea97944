/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What somebody may have meant who typed a word that is none: the known word
 * that is most like it.
 */

#include "base/sv.h"

struct like {
	struct sv word; /* that was typed */
	unsigned int best;
	const char *found; /* the known word most like it so far, NULL when none is like it; borrowed */
};

/* Begins to look for what is like @word, borrowed. */
struct like like_init(struct sv word);

/* Looks at one known word. */
void like_look(struct like *l, const char *known);

/* The same for a name of parts with dots between: without what is in front of the last it is nearly as good.
 */
void like_look_dotted(struct like *l, const char *known);

/* ": did you mean X?" as three arguments of printf for LIKE_FMT, and nothing where @found is NULL. */
#define LIKE_FMT "%s%s%s"
#define LIKE_ARG(found) (found) ? ": did you mean " : "", (found) ? (found) : "", (found) ? "?" : ""
