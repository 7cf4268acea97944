/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --exists, --wait and --gone: whether there are such sockets, now or in some time.
 */

#include "cli/listing.h"
#include "cli/modes.h"
#include "cli/tell.h"

enum { EXIT_NO = 1 };

int mode_watch(struct cli *c, const struct sv *words, size_t n_words)
{
	enum watch_verdict verdict = WATCH_NO;
	const struct listing_opts o = { .ret_watch = &verdict };
	struct plan_opts po;
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, false, &x, &status)) {
		chosen_settle(c, &x);
		listing_plan(c, &x, &po);
		status = listing_run(c, &po, &o);
		if (!status)
			status = verdict == WATCH_NO       ? EXIT_NO
				 : verdict == WATCH_UNSEEN ? EXIT_NEW_INCOMPLETE
							   : 0;
	}
	chosen_done(&x);
	return status;
}
