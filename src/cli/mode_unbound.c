/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --unbound: descriptors of sockets that are in no table, by process; or as columns, keys and formats say.
 */

#include "cli/listing.h"
#include "cli/modes.h"

int mode_unbound(struct cli *c, const struct sv *words, size_t n_words)
{
	return mode_list(c, words, n_words);
}
