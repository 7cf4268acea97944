/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A screen as data: rows of cells, each a character with what it is there for. What that looks like is up to
 * whoever draws it. Nothing in a grid acts upon a terminal, whatever text was put there.
 */

#include "base/text.h"

/* What a cell is there for. State is told by a word or sign, too: a role never says it alone. */
enum role {
	ROLE_TEXT,
	ROLE_DIM,     /* of less weight: units, what is not known, keys that are not valid now */
	ROLE_TITLE,   /* what the screen is about */
	ROLE_HEADER,  /* names of columns */
	ROLE_SORTED,  /* the one by which rows are in order */
	ROLE_KEY,     /* a key that may be pressed */
	ROLE_NEW,     /* a row that was not there before */
	ROLE_GONE,    /* one that ended */
	ROLE_CHANGED, /* a value that is another one */
	ROLE_MATCH,   /* what was searched for */
	ROLE_GRAPH,   /* bars and sparklines */
	ROLE_WARNING,
	ROLE_CRITICAL, /* also a word that is wrong */
	ROLE_INPUT,    /* what is being typed */
	ROLE_MAX
};

enum { LIVE_CLUSTER_MAX = 20 }; /* bytes of a character with what combines with it; more of it is left out */

struct live_cell {
	char text[LIVE_CLUSTER_MAX]; /* UTF-8 without control characters, not terminated */
	uint8_t len;                 /* bytes of it; 0 in the right half of a wide character */
	uint8_t width;               /* cells: 1 or 2; 0 in the right half */
	uint8_t role;                /* enum role */
	bool is_selected;            /* part of the row that keys act upon */
};

struct live_grid {
	struct live_cell *cell; /* .height rows of .width */
	unsigned int width, height;
	int cursor_x, cursor_y; /* where text is typed; -1: nowhere */
};

/* Where text goes: at most .width cells from column .x on; 0: up to the edge. */
struct live_at {
	unsigned int y, x, width;
	enum role role;
};

/* Makes @g, all zeros at first, @width times @height blanks. Returns 0 or -ENOMEM, and it is as it was. */
int live_grid_clear(struct live_grid *g, unsigned int width, unsigned int height);
void live_grid_done(struct live_grid *g);

static inline struct live_cell *live_grid_cell(const struct live_grid *g, unsigned int y, unsigned int x)
{
	return &g->cell[(size_t)y * g->width + x];
}

/*
 * Puts @s, which may be hostile: what is no character to be shown is '.' or '?'. What is outside the grid is
 * left out, and a wide character that fits by half. Returns how many cells it took.
 */
unsigned int live_grid_put(struct live_grid *g, const struct live_at *at, struct sv s);

/* The same at the right end of the @at->width cells; those in front are left as they are. */
unsigned int live_grid_put_right(struct live_grid *g, const struct live_at *at, struct sv s);

/* Blanks with the role, @at->width of them. */
void live_grid_blank(struct live_grid *g, const struct live_at *at);

/* Marks all of line @y as the one that keys act upon. */
void live_grid_select(struct live_grid *g, unsigned int y);

/* Appends the lines as text, without blanks at their ends. */
void live_grid_text(const struct live_grid *g, struct text *ret);
