/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Reading a block, and going on with the samples of short ones.
 */

#include "history/decode.h"
#include "history/disk.h"
#include "history/group.h"

/* A block in memory. */
struct block {
	struct text bytes; /* all of it */
	struct block_head head;
	struct sv frame[2];
	size_t raw[2];
	void *unpacked[2];
};

void block_done(struct block *b);

/*
 * Reads the block at @offset, whose head has to be @head. Returns 0; -ESTALE when there is another by now,
 * -EBADMSG when it is damaged, or a negative errno.
 */
int block_read(struct block *b, int fd, uint64_t offset, const struct block_head *head);

/* The times of the samples of a block, whose bytes are at @times. False when they are damaged. */
bool block_check_times(const struct block_head *h, const char *times, struct store_time *ret);

/* Unpacks section 0 or 1, if it is not, and gives it to @d. Returns 0, -EBADMSG or -ENOMEM. */
int block_section(struct block *b, struct zstd *z, struct decoder *d, size_t i);

/*
 * Decodes the sample @i, which is the first or follows that which was decoded last. Returns 0, -EBADMSG or
 * -ENOMEM.
 */
int block_step(struct block *b, struct zstd *z, struct decoder *d, size_t i);

/* Fills @g, which is empty, with the samples that are in short blocks only, and numbers what comes next. */
int load_group(struct disk *disk, struct group *g, struct zstd *z, struct err *e);

/*
 * Drops the oldest samples of a file that has more than is to be kept: of the block that has the last of them
 * only as many as need be. Returns 0 or a negative errno with detail.
 */
int load_shorten(struct disk *disk, struct zstd *z, struct err *e);
