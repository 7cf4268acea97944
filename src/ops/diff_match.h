/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which record of one list is which of the other, and whether it is still the same: inner to ops/diff.h.
 */

#include "ops/diff.h"

struct diff_entry {
	struct cell *cells;
	uint64_t place;           /* a number for where it is; 0: nowhere */
	bool is_place;            /* it waits there, and is known by that */
	struct diff_entry *other; /* what it is in the other list; NULL: it is not there */
	struct diff_entry *next;  /* inner */
};

struct diff_list {
	struct diff_entry *v;
	size_t n, cap;
};

/* Finds out where @e is, by its cells. */
void diff_place(const struct diff_opts *o, struct diff_entry *e);

/* Sets .other of all that belong together. Returns 0 or -ENOMEM. */
int diff_match(const struct diff_opts *o, struct diff_list *was, struct diff_list *now);

/* Whether none of the processes that held @was holds @now. */
bool diff_has_other_owners(const struct diff_opts *o, const struct diff_entry *was,
			   const struct diff_entry *now);

/* Whether nothing tells if @now, at the place of @was, is of the same process: of one of them it is not known
 * who holds it, and the cookies do not tell that it is another socket. */
bool diff_is_unknown(const struct diff_opts *o, const struct diff_entry *was, const struct diff_entry *now);

/* Whether the values in column @i are not the same; of processes by @has_other_owners. */
bool diff_cell_differs(const struct diff_entry *was, const struct diff_entry *now, size_t i,
		       bool has_other_owners);

/* What has become of @was, which is @now; by the columns where @is_compared. */
enum diff_change diff_compare(const struct diff_opts *o, const bool *is_compared,
			      const struct diff_entry *was, const struct diff_entry *now);
