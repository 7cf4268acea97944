/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A grid to what a terminal has to be sent: what differs from what it shows. Asks no terminal: what each look
 * is set by, and the cursor moved by, is given.
 */

#include "live/grid.h"

struct live_paint {
	struct live_grid shown;
	bool is_known; /* the terminal shows it; false: nothing of it is known */
	/* Given, and valid as long as it paints. */
	struct sv look[ROLE_MAX][2]; /* what sets it, whatever was set before; and in the selected row */
	struct sv clear, clear_line; /* all, and the rest of a line, in the look of text */
	struct sv hide, show;        /* the cursor */
	void (*move)(struct text *to, unsigned int y, unsigned int x);
	bool is_utf8;       /* false: ASCII stands in for what is not */
	bool has_last_cell; /* writing it moves nothing */
};

/* Appends what makes the terminal, of @g's size, show @g; nothing when it does. Returns 0 or -ENOMEM: then
 * nothing is known of what it shows. */
int live_paint(struct live_paint *p, const struct live_grid *g, struct text *to);

void live_paint_done(struct live_paint *p);
