/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The samples that are not in a long block yet. Each is told once as what differs from the one before. Those
 * that are not on the medium become a short block, now and then: its first sample as a whole, and of the
 * others the same differences. When there are enough, all of them become a long block, and the short ones can
 * go.
 */

#include "history/block.h"
#include "history/encode.h"
#include "history/section.h"
#include "history/zstd.h"

struct frame {
	struct text bytes;
	size_t raw; /* what it unpacks to */
};

struct group {
	struct encoder encoder;
	struct section base, delta;
	struct frame first_base, tail_base; /* of the first sample, of the first that is not on the medium */
	struct text scratch, times, body;
	struct store_time *time;
	size_t n, cap;  /* samples */
	size_t n_safe;  /* those of them that are on the medium */
	size_t n_short; /* short blocks of them there */
	uint64_t first; /* the number of the first one */
	uint64_t short_bytes;
};

void group_done(struct group *g);

/* Begins anew. */
void group_clear(struct group *g);

/* Takes the sample that was collected in .encoder. Returns 0; or -E2BIG or -ENOMEM, then the group is
 * cleared. */
int group_add(struct group *g, struct zstd *z, struct store_time at);

/* Makes a block of all samples, or of those that are not on the medium, in .times and .body. Returns 0,
 * -E2BIG or -ENOMEM. */
int group_block(struct group *g, struct zstd *z, bool is_all, struct block_head *ret);
