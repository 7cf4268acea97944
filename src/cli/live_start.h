/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the live view begins with: the part of the command that it does not change, and what is asked for at
 * first.
 */

#include "cli/chosen.h"
#include "live/model.h"

struct live_start {
	struct text command;     /* terminated: the program, options and words of states */
	struct text subject;     /* terminated: whose sockets they are */
	struct text columns;     /* terminated: where nobody says */
	struct live_about about; /* which borrows from these */
	struct live_ask ask;
};

/* Reads the request of @c, @words and what was chosen by them. Returns 0 or -ENOMEM; live_start_done() is due
 * in both cases. */
int live_start_read(struct cli *c, const struct sv *words, size_t n_words, const struct chosen *chosen,
		    struct live_start *ret);
void live_start_done(struct live_start *s);
