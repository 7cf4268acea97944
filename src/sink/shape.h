/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where the values of columns lie in rows made alike.
 *
 * Of all columns that there are a row has a part, and one kernel sends few
 * kinds of rows: which columns those have, and where, is found out once.
 */

#include "model/tabular.h"

struct value_at { /* of a value */
	struct loc at;
	uint32_t column;
	uint64_t none; /* with .has_none: the number that is no value */
	bool has_none;
	bool has_given; /* absent where there is 0 at .given, or .given_none */
	struct loc given;
	uint64_t given_none;
	bool is_word, is_port; /* all of four bytes; in network byte order */
	bool is_told;          /* field_get() is to be asked, which may know of none */
};

/* Where rows of one kind with the same segments, which hold as many members, have their values. */
struct shape {
	struct segs have;
	uint32_t kind; /* row_kind(), 0 when no column is absent by it */
	const struct loc *kind_loc;
	uint64_t kind_number; /* what is at .kind_loc, when that is not NULL, */
	struct seg_dump dump; /* in rows of this dump */
	struct {
		uint8_t seg;
		uint16_t len; /* as far as it counts */
	} part[SEG_MAX];      /* segments in which columns may lie */
	size_t n_parts;
	struct value_at *place;
	size_t n; /* of places: the columns not among them are absent */
};

enum { SHAPES = 8 };

struct shapes {
	const struct column *columns;
	size_t n_columns;
	bool has_kinds;        /* a column is absent of some kinds of rows */
	uint16_t end[SEG_MAX]; /* of a segment: the bytes from which on no column lies there */
	struct shape shape[SHAPES];
	size_t last, n_made;
};

/* Borrows the columns. Returns 0 or -ENOMEM; shapes_done() is due in both cases. */
int shapes_init(struct shapes *s, const struct column *columns, size_t n);
void shapes_done(struct shapes *s);

/*
 * The shape of @row, valid until the next call; *@ret_is_new when it is not
 * that of the row before.
 */
const struct shape *shapes_find(struct shapes *s, const struct row *row, bool *ret_is_new);
