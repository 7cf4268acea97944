/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The sockets there are: what ss does when nothing else is said.
 */

#include "cli/listing.h"
#include "cli/modes.h"

int mode_list(struct cli *c, const struct sv *words, size_t n_words)
{
	static const struct listing_opts o = {};

	return listing_of_words(c, words, n_words, &o);
}
