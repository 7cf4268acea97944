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
#include "model/mark.h"

enum { PREFIX_NONE = UINT8_MAX };

/* When a column that nobody named says nothing: without a value in any record; where all have the same one.
 */
enum { LEAVE_EMPTY = 1, LEAVE_ALWAYS = 2 };

struct column {
	const char *name;    /* as it was asked for: "tcp.rtt", "peer.addr/24", "count"; borrowed */
	enum field_id field; /* F_MAX when the value is computed */
	enum type type;
	enum sem sem;
	enum part part; /* of owners: the cell is their list, and each is a value (val_item()) */
	bool tells_why; /* of owners: a cell without any says why there are none, where that is easily known
			 */
	/* For a table that has no room for all: */
	uint8_t rank;  /* those with the least come first */
	uint8_t leave; /* LEAVE_*: when it says nothing */
	uint8_t least; /* cells that remain when its text is cut; 0: as many as of others */
	/* T_ADDR: bits that count, for IPv4 and IPv6, and IPv4 in IPv6 form is IPv4; or twice PREFIX_NONE */
	uint8_t prefix[2];
	/* "peer": an address that was asked for together with the port in the next column; NULL: it was not
	 */
	const char *pair;
};

struct cell {
	bool is_there; /* else the value is absent */
	bool is_other; /* of a key: the record stands for all values that no other record has; not there */
	uint8_t mark;  /* enum mark: the record is new or gone, of its first cell; the value changed */
	struct val val;
};

/* What a list of records is. All that it points to is borrowed until the tabular is freed. */
struct listing {
	const char *name;  /* what the records are, in the plural: "sockets", "groups" */
	const char *title; /* what people read above it; NULL: nothing */
	const struct column *columns;
	size_t n;       /* columns */
	uint64_t at_us; /* when it is true, in microseconds since 1970; 0: not told */
};

/* Whether a column tells of each record when it is true, so that nobody else need. */
static inline bool listing_has_time(const struct listing *l)
{
	bool has = false;

	for (size_t i = 0; i < l->n && !has; i++)
		has = l->columns[i].field == F_TIME;
	return has;
}

struct tabular;

/*
 * An answer is a sequence of lists, each with its records, then one end: any
 * number of times list(), record() or count(), list_end(); at last end().
 *
 * A list whose name was there before is another sample of it: with the same columns, and a time of its own.
 */
struct tabular_ops {
	/* Begins a list; @l is valid for the call. Returns 0 or a negative errno. */
	int (*list)(struct tabular *t, const struct listing *l);
	/*
	 * One record with a cell a column, valid for the call. Returns 0, -ECANCELED when the list needs no
	 * more, or another negative errno, which list_end() and end() will return too.
	 */
	int (*record)(struct tabular *t, const struct cell *cells);
	/*
	 * One record, and @n others with the same columns that are parts of it, as the subflows of an MPTCP
	 * connection are. NULL: where there is no way to tell. Returns as record().
	 */
	int (*whole)(struct tabular *t, const struct cell *cells, const struct cell *const *parts, size_t n);
	/*
	 * As @n records with the same cells in the first columns, as many as n_keys() tells, and with the
	 * sums of theirs in the others; NULL where each record is wanted for itself, and then so is n_keys().
	 */
	int (*count)(struct tabular *t, const struct cell *cells, uint64_t n);
	size_t (*n_keys)(const struct tabular *t);
	/* Ends the list, also after an error: what is held back of it goes on. Returns 0 or a negative errno.
	 */
	int (*list_end)(struct tabular *t);
	/*
	 * Called once, last, also after an error; ends the list that is still open. @notes, which may be
	 * NULL, is what the user has to know. Returns 0 or a negative errno.
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
