/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which columns of a table a screen has room for, and how wide each becomes.
 */

#include "base/text.h"
#include "model/tabular.h"

enum {
	LAYOUT_GAP = 2,    /* cells between columns */
	LAYOUT_LEAST = 16, /* what is left of a column that is cut, unless .least says otherwise */
	LAYOUT_PAIR = 21,  /* the same of an address with its port: any of IPv4 */
};

struct lane {                        /* a column of the table */
	const struct column *column; /* what stands in it; with .pair the next one does, too */
	struct sv header;            /* borrowed; none counts as no cells */
	size_t wide;                 /* the widest cell so far, in cells of the screen; the header counts */
	size_t room;                 /* what it gets: less than .wide when it is cut */
	bool has_value;              /* a record had one */
	bool may_stand_out;          /* its cells may have a tone: sink/format/tone.h */
	bool may_repeat;             /* many records say the same at some length */
	bool is_plain;               /* numbers and words, nothing of which stands out */
	bool is_right;               /* layout_is_right() */
	bool is_open;                /* it says something, and has no place yet */
	bool is_shown;
};

struct layout_opts {
	unsigned int screen; /* cells in a line; 0: any number */
	bool is_fitted;      /* somebody looks at it: columns that say nothing are left out */
	bool is_whole;       /* no more records will come: a column without a value has none */
	const char
		*more; /* what shows the columns that do not fit, told behind the headers; NULL: nothing is */
};

/* Whether a cell of @c may be cut: text that somebody chose, and lists. */
bool layout_may_cut(const struct column *c);

/* Whether the values of @c stand at the right of their column. */
bool layout_is_right(const struct column *c);

/* Sets .is_open of the @n lanes: those that say something, and one at least. */
void layout_open(struct lane *lanes, size_t n, const struct layout_opts *o);

/*
 * Sets .is_shown and .room: of the open lanes all, or when the screen is too narrow the first of them by rank
 * that fit it, and one at least. Returns how many did not fit.
 */
size_t layout_choose(struct lane *lanes, size_t n, const struct layout_opts *o);

/*
 * Sets .room of the lanes that are shown: each its widest cell where a line of @screen cells, 0 for any
 * number, has room for all of them, else the first of them.
 */
void layout_share(struct lane *lanes, size_t n, unsigned int screen);

/* Appends what stands behind the headers when @n columns did not fit. Returns its cells. */
size_t layout_note(struct text *t, size_t n, const struct layout_opts *o);

/* What stands above lane @i: the short name of its column, or all of it when two open lanes share the short
 * one.
 */
struct sv layout_header(const struct lane *lanes, size_t n, size_t i);

/* Appends what stands in the lane of column @i of the record @all: for people, an address with its port;
 * nothing where there is no value. */
void layout_put_value(struct text *t, const struct column *columns, const struct cell *all, size_t i);
