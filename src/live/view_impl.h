/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The inside of the view, for its files. */

#include "live/view.h"
#include "sink/format/layout.h"

struct view {
	struct lane *lanes;
	size_t n;
	size_t n_columns;
	const struct column *columns; /* that the lanes are of */
	char *of;                     /* the list of columns that they are of; of groups --by */
	unsigned int width;
	struct text text;  /* what is put next */
	struct text store; /* the cells of all rows in view */
};

enum {
	SPARK = 20 /* cells of a sparkline behind a row */,
	SPARK_FROM = 110 /* of a screen that has room for it */
};

/* Puts @s and returns the column behind it. */
unsigned int view_put(struct live_grid *g, unsigned int y, unsigned int x, enum role role, const char *s);

/* The table of rows from line @y on, @lines of them with the header. Returns 0 or -ENOMEM. */
int view_table(struct view *v, struct live_model *m, struct live_grid *g, unsigned int y, unsigned int lines);

/* A page in place of the table. */
int view_page(struct view *v, struct live_model *m, struct live_grid *g, unsigned int y, unsigned int lines);
