/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --explain: what listing, or destroying, would ask, of whom and why.
 */

#include "cli/listing.h"
#include "cli/modes.h"

int mode_explain(struct cli *c, const struct sv *words, size_t n_words)
{
	static const struct listing_opts o = { .is_explained = true };

	if (request_has(&c->q, FEATURE_KILL))
		return mode_kill(c, words, n_words);
	return listing_of_words(c, words, n_words, &o);
}
