/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --summary=full: the same listing, into the lists of report/overview.h instead of one.
 */

#include "cli/modes.h"

int mode_overview(struct cli *c, const struct sv *words, size_t n_words)
{
	return mode_list(c, words, n_words);
}
