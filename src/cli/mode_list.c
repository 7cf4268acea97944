/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The sockets there are: what ss does when nothing else is said.
 */

#include "cli/listing.h"
#include "cli/modes.h"

int mode_list(struct cli *c, const struct sv *words, size_t n_words)
{
	static const struct listing_opts o = {};
	struct plan_opts po;
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, false, &x, &status)) {
		chosen_settle(c, &x);
		listing_plan(c, &x, &po);
		status = listing_run(c, &po, &o);
	}
	chosen_done(&x);
	return status;
}
