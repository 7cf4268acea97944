/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The file of a recording that is written to. Blocks take the place of what is free, or go to the end; a
 * block is there when its head is, which is written last, and what it replaces is free before. So at no
 * moment is anything lost that was there, and the file does not grow beyond its bound.
 */

#include "base/notes.h"
#include "history/extent.h"
#include "history/turn.h"

struct disk {
	int fd;
	char *path;
	struct extents extents;
	uint64_t keep_bytes; /* 0: no bound */
	uint64_t next;       /* number of the next sample */
	uint64_t busy_from;  /* samples from this number on are not dropped */
	bool is_memory;      /* nothing of it is on a medium */
	struct turn turn;    /* which readers are told */
};

/* As store_write(), but more than @keep_bytes may be there until disk_trim(). */
int disk_open(struct disk *d, const char *path, uint64_t keep_bytes, struct notes *notes, struct err *e);

/* The same for one that is nowhere but in memory, and ends with the process. */
int disk_open_memory(struct disk *d, uint64_t keep_bytes, struct err *e);

/* Creates the head of a file that is empty. */
int disk_begin(struct disk *d, uint64_t now_us, struct err *e);
void disk_done(struct disk *d);

/*
 * Writes a block; .length, the sizes and the sums of @h are set here. Drops the oldest where there would be
 * too much, but none from .busy_from on. Returns 0 when it is on the medium, -EFBIG when there is no room for
 * it within .keep_bytes, or a negative errno: then what was there is there.
 */
int disk_write(struct disk *d, struct block_head *h, const struct text *times, const struct text *body,
	       struct err *e);

/* Drops the oldest until there is no more than is to be kept: of a file that had more. */
int disk_trim(struct disk *d, struct err *e);

/* Drops the oldest that may be, which there is. */
int disk_drop_oldest(struct disk *d, struct err *e);

/* The oldest extent that may be dropped, what is damaged first, or .extents.n. */
size_t disk_oldest(const struct disk *d);

/* Writes a block as disk_write(), and makes the extent @i free that it stands for. What is there already
 * counts for nothing. */
int disk_replace(struct disk *d, size_t i, struct block_head *h, const struct text *times,
		 const struct text *body, struct err *e);

/* Makes the space of the short blocks free that have some, not all, of the @n samples from @first on. */
int disk_release(struct disk *d, uint64_t first, uint64_t n, struct err *e);

/* Drops what ended before @us, and is not from .busy_from on. */
int disk_drop_before(struct disk *d, uint64_t us, struct err *e);

/* Moves what is last into what is free, so that the file has no free space, or less. */
int disk_compact(struct disk *d, struct err *e);
