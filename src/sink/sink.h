/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * An output. It sees rows and values, never sources or messages.
 */

#include "model/field.h"

struct sink;

/* How many bits of the addresses matter, of IPv4 and of IPv6. */
struct sink_bits {
	uint8_t local[2], peer[2];
};

/* Rows come in runs: begin(), row() or count() any number of times, end(); and that any number of times. */
struct sink_ops {
	/* Adds the fields this output will read, so that they can be asked for. */
	void (*fields)(const struct sink *s, struct fieldset *set);
	/*
	 * Before the rows of a run, which is true at @at_us microseconds after 1970; 0: that is not told.
	 * NULL: nothing is to be done. Returns 0 or a negative errno.
	 */
	int (*begin)(struct sink *s, uint64_t at_us);
	/* Returns 0, or what end() will return when no more will come out: the other rows need not be read.
	 */
	int (*row)(struct sink *s, const struct row *row);
	/*
	 * NULL in outputs that need each row. Whether rows are only counted, by the fields they have; then
	 * *@ret tells how, and count() takes @n rows that differ in nothing that matters.
	 */
	bool (*can_count)(const struct sink *s, struct sink_bits *ret);
	int (*count)(struct sink *s, const struct row *row, uint64_t n);
	/*
	 * NULL in outputs that need each row. Whether rows are only counted by the fields @ret_keys and those
	 * in @ret_sums added up; then count() takes a row with the sums of @n rows that have the same keys.
	 */
	bool (*can_sum)(const struct sink *s, struct fieldset *ret_keys, struct fieldset *ret_sums);
	/* After a run's rows: writes what is still held back. Returns 0 or a negative errno: -ENOMEM, or that
	 * of the write. */
	int (*end)(struct sink *s);
	/* Writes what is complete now, for output that is followed as it happens. */
	int (*flush)(struct sink *s);
};

struct sink { /* the first member of every output */
	const struct sink_ops *ops;
	bool tells_why;   /* of a row without owners, why it has none, where the row itself says it */
	bool is_retained; /* all rows of a run are needed before one can be shown */
	/* ASK_* of TCP sockets beyond what the fields need, as it turned out while rows came. */
	uint64_t also_ask;
};

static inline int sink_begin(struct sink *s, uint64_t at_us)
{
	return s->ops->begin ? s->ops->begin(s, at_us) : 0;
}
