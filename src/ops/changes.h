/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is new, gone or different in a list that is shown again and again: marks on the records of each frame,
 * by what the frame before had.
 *
 * A record that was not there is marked new. One that is no longer there is handed on once more, marked gone,
 * behind the one that it stood behind, as long as it was among the first CHANGES_GONE_MAX. In others the
 * values that differ are marked. The first frame has no marks.
 */

#include "base/text.h"
#include "model/tabular.h"

enum { CHANGES_GONE_MAX = 1000 };

/* What is remembered from frame to frame. */
struct changes;

/* Returns NULL when memory ran out. */
struct changes *changes_new(void);
struct changes *changes_free(struct changes *c);

DEFINE_CLEANUP(struct changes, changes_free)

struct changes_opts {
	struct changes *memory; /* borrowed */
	size_t first_id, n_ids; /* the columns by which a record is known again.. */
	bool is_first_enough;   /* .. of which the first one does, where it has a value */
	size_t n_shown;         /* columns that are handed on: the first */
	/*
	 * NULL, or the first column is a text that is marked as a whole: appends @now to @ret, with signs of
	 * what is not as in @was, which has no bytes where there is nothing to compare with.
	 */
	void (*mark)(const void *ctx, struct sv was, struct sv now, enum mark m, struct text *ret);
	const void *ctx;
};

/*
 * Marks the records of one frame, a list, on their way to @next, which is borrowed; all of them are held
 * until the list ends. Returns 0 or -ENOMEM.
 */
int changes_mark(const struct changes_opts *o, struct tabular *next, struct tabular **ret);
