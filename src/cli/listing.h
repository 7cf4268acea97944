/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Listing the sockets that were chosen, for the modes that do: those that exist, those that are destroyed,
 * and what listing them would ask.
 */

#include "cli/chosen.h"
#include "cli/watch.h"
#include "run/kill.h"

struct listing_opts {
	struct killer *killer; /* borrowed; NULL: nothing is destroyed */
	bool is_explained;     /* tell what would be asked, and do nothing */
	size_t *ret_ports;     /* borrowed, where listeners are listed: how many there were; or NULL */
	enum watch_verdict
		*ret_watch; /* borrowed: whether it came as it was waited for; or NULL, when nobody waits */
};

/* What of @x is asked for, of the files that stand in for the kernel's answers too, into @ret. */
void listing_plan(const struct cli *c, const struct chosen *x, struct plan_opts *ret);

/* Lists what the @words behind the options choose, as a mode does that has nothing more to do. Returns the
 * exit status. */
int listing_of_words(struct cli *c, const struct sv *words, size_t n_words, const struct listing_opts *o);

/* From now on as many files may be open as are allowed at all: one is for each network namespace. */
void listing_allow_many_files(void);

/* Lists what @po says, which grows by the fields that are shown. Returns the exit status. */
int listing_run(struct cli *c, struct plan_opts *po, const struct listing_opts *o);
