/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The sockets that a request is about: the selection with its defaults, and the filter that the words are.
 */

#include "cli/cli.h"

struct chosen {
	struct selection sel;
	struct filter *filter; /* NULL: all that is selected */
	bool has_words;        /* there were words of a filter, or a file, be it an empty one */
};

/*
 * Reads @words into @ret, to be released with chosen_done() also when there is nothing to go on with. True to
 * go on; else *@ret_status is the exit status, and what was wrong was told. @wants_states: nothing is to be
 * done without a state, as there are no columns to name.
 */
bool chosen_read(struct cli *c, const struct sv *words, size_t n_words, bool wants_states, struct chosen *ret,
		 int *ret_status);

/* What is to be known about the filter once it is sure that it counts: notes, and the states it takes. */
void chosen_settle(struct cli *c, struct chosen *x);

void chosen_done(struct chosen *x);
