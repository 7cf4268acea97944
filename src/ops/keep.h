/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Copies of cells that outlive their rows.
 */

#include "model/tabular.h"

/* Where the copied bytes lie; grows, and ends all at once. All zeros is an empty one. */
struct keep {
	struct keep_block *block;
	size_t used;
};

void keep_done(struct keep *k);

/* Forgets what was kept; some of the memory stays. */
void keep_clear(struct keep *k);

/* A copy of @n bytes, aligned for a pointer; NULL when memory ran out. */
void *keep_bytes(struct keep *k, const void *p, size_t n);

/* Makes the copied cell @c own its bytes. Returns 0 or -ENOMEM. */
int keep_cell(struct keep *k, struct cell *c);

/* A copy of @n cells that own their bytes; NULL when memory ran out. */
struct cell *keep_cells(struct keep *k, const struct cell *cells, size_t n);
