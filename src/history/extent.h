/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where in a recording its blocks are, found by their heads alone, and what is free or damaged between them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "history/block.h"

struct extent {
	uint64_t offset;
	struct block_head
		head; /* of what is damaged: its length, and what its head said of its samples, or 0 */
	bool is_cut;  /* damaged: its head is there, its end is not */
};

/* In the order of the file, without gaps. */
struct extents {
	struct extent *at;
	size_t n, cap;
};

void extents_done(struct extents *x);

static inline uint64_t extents_end(const struct extents *x)
{
	return x->n ? x->at[x->n - 1].offset + x->at[x->n - 1].head.length : BLOCK_HEAD;
}

/* Puts @e in place @i, before what is there. Returns 0 or -ENOMEM. */
int extents_insert(struct extents *x, size_t i, const struct extent *e);
void extents_remove(struct extents *x, size_t i);

/*
 * Reads the head of the file and those of all blocks. Returns 0; -EBADMSG with the reason when it is no
 * recording or a newer one; or a negative errno. *ret_damaged says whether the head of the file is.
 */
int extents_scan(int fd, const char *path, struct extents *ret, bool *ret_damaged, struct err *e);

/* The same while another program may write to it: as it was at one moment, without what is not finished. */
int extents_scan_beside(int fd, const char *path, struct extents *ret, bool *ret_damaged, struct err *e);

/* pread() of all @n bytes. Returns 0, -ENODATA where the file ends before, or a negative errno. */
int pread_all(int fd, void *to, size_t n, uint64_t offset);
