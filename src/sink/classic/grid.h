/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The columns of the classic output: rows of cells are kept until about 4 MiB
 * are together or the run ends, then measured and written.
 *
 * Which widths come out, and which cell gets padding, is frozen: scripts
 * depend on it. See docs/compatibility.md, "Layout".
 */

#include "base/out.h"
#include "base/text.h"

enum column {
	COL_NETNS,
	COL_NETID,
	COL_STATE,
	COL_RECVQ,
	COL_SENDQ,
	COL_LOCAL,
	COL_LOCAL_PORT,
	COL_PEER,
	COL_PEER_PORT,
	COL_PROCESS,
	COL_EXTRA,
	COL_MAX
};

struct grid {
	struct out *out;
	uint32_t enabled;    /* bits 1 << enum column */
	unsigned int screen; /* cells in a line, 0: not known, nothing is stretched */
	bool is_terminal;    /* nobody parses: no blanks at line ends, and the extra column does not count */
	bool is_wrapped;     /* and lines break between words, where the screen ends */

	struct text store; /* the cells' bytes */
	struct text lens;  /* and their lengths: a byte, or LONG and four; in enabled columns only */
	size_t block_left; /* of the original's store, which decides when to write */
	unsigned int blocks;

	size_t header; /* bytes of .lens that are those of the header */
	bool has_rows; /* rows were written */

	/* The open row: */
	enum column col;       /* the open cell */
	size_t cell;           /* where it begins in the store */
	uint32_t len[COL_MAX]; /* of the cells before it */

	uint32_t max[COL_MAX]; /* longest cell so far, of all batches */
	enum column held;      /* where the last row's text ended; this cell is not counted yet */
	uint32_t held_len;     /* its length */
	struct text unseen;    /* takes the text of disabled columns */
};

void grid_init(struct grid *g, struct out *out, uint32_t enabled);
void grid_done(struct grid *g);

/* Forgets how wide the rows before were, all of which have been written. */
void grid_begin(struct grid *g);

/* Starts a row; writes the batch first when it is full. */
void grid_row(struct grid *g);

/*
 * Ends the open cell and goes on to column @col, which must be to the right of
 * it; returns where its text goes. The text is thrown away when the column is
 * not enabled.
 */
static inline struct text *grid_cell(struct grid *g, enum column col)
{
	if (g->col < col) {
		g->len[g->col] = (uint32_t)(g->store.len - g->cell);
		g->cell = g->store.len;
		g->col = col;
	}
	if (g->enabled >> col & 1)
		return &g->store;
	g->unseen.len = 0;
	return &g->unseen;
}

void grid_row_end(struct grid *g);

/* Ends the row otherwise: appends its cells to @ret and forgets it. A text that fails tells. */
void grid_pack(struct grid *g, struct text *ret);

/* A whole row from what grid_pack() made. */
void grid_unpack(struct grid *g, struct sv packed);

/* A row of the columns' names, behind @sign. */
void grid_header(struct grid *g, const char *sign);

/* Writes the rows held back. Returns 0, -ENOMEM, or the first write error as a negative errno. */
int grid_flush(struct grid *g);
