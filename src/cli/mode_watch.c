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
	int status = listing_of_words(c, words, n_words, &o);

	if (status)
		return status;
	return verdict == WATCH_NO ? EXIT_NO : verdict == WATCH_UNSEEN ? EXIT_NEW_INCOMPLETE : 0;
}
