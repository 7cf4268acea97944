/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where records of values go: an output format, or an operation on all of
 * them (sorting, counting) that hands records on to the next. Nobody behind
 * knows where a value came from.
 */

#include "base/cleanup.h"
#include "base/notes.h"
#include "model/field.h"

enum { PREFIX_NONE = UINT8_MAX };

struct column {
	const char *name;    /* as it was asked for: "tcp.rtt", "peer.addr/24", "count"; borrowed */
	enum field_id field; /* F_MAX when the value is computed */
	enum type type;
	enum sem sem;
	enum part part; /* of owners: the cell is their list, and each is a value (val_item()) */
	/* T_ADDR: bits that count, for IPv4 and IPv6, and IPv4 in IPv6 form is IPv4; or twice PREFIX_NONE */
	uint8_t prefix[2];
};

struct cell {
	bool is_there; /* else the value is absent */
	bool is_other; /* of a key: the record stands for all values that no other record has; not there */
	struct val val;
};

struct tabular;

struct tabular_ops {
	/* Called once, first; the columns are borrowed until free(). Returns 0 or a negative errno. */
	int (*begin)(struct tabular *t, const struct column *columns, size_t n);
	/*
	 * One record with a cell a column, valid for the call. Returns 0, -ECANCELED when no more need come,
	 * or another negative errno, which end() will return too.
	 */
	int (*record)(struct tabular *t, const struct cell *cells);
	/* As @n records with the same cells; NULL where each record is wanted for itself. */
	int (*count)(struct tabular *t, const struct cell *cells, uint64_t n);
	/*
	 * Called once, last, also after an error: writes what is held back. @notes, which may be NULL, is
	 * what the user has to know. Returns 0 or a negative errno.
	 */
	int (*end)(struct tabular *t, const struct notes *notes);
	/* Writes what is complete now. */
	int (*flush)(struct tabular *t);
	void (*free)(struct tabular *t);
};

struct tabular { /* the first member of every one */
	const struct tabular_ops *ops;
};

static inline struct tabular *tabular_free(struct tabular *t)
{
	if (t)
		t->ops->free(t);
	return NULL;
}

DEFINE_CLEANUP(struct tabular, tabular_free)
