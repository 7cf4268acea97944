/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What comes from a file or a pipe, line by line to a merger.
 */

#include "fleet/merge.h"

struct feed {
	char *buf;
	size_t n; /* bytes of a line that has no end yet */
};

/* All zeros is an empty one. */
void feed_done(struct feed *f);

/*
 * Reads some bytes of @fd, once, and has @m take them; *@ret_is_end: there are no more, and merge_end() was
 * called. Returns 0, or a negative errno with detail; -EIO: @fd cannot be read on, which is its end.
 */
int feed_some(struct feed *f, struct merge *m, int fd, bool *ret_is_end, struct err *e);
