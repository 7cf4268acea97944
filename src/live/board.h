/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is to be looked at: of one sample the sockets that fit the filter, or groups of them, in their order,
 * with what is new and gone. Immutable, and may be read by another thread than the one that arranges.
 */

#include "live/known.h"
#include "live/sample.h"
#include "model/tabular.h"
#include "ops/keep.h"
#include "query/filter.h"
#include "report/chain.h"

enum {
	BOARD_GONE_US = 3000000, /* what ended is shown so long */
	BOARD_NEW_US = 3000000,  /* what began is marked so long */
	BOARD_GONE_MAX = 1000,
	BOARD_STATES = 16
};

struct board_row {
	uint64_t id;
	const struct known *known;
	const struct cell *cells; /* of a group; NULL: a socket */
	uint32_t index;           /* in the sample, or in that of the gone */
	uint8_t mark;             /* enum mark */
};

struct board_totals { /* of all that was sampled, whatever the filter */
	size_t n, n_new, n_gone;
	size_t n_gone_left_out;       /* that are not shown */
	size_t n_state[BOARD_STATES]; /* by K_TCP_* */
	double sent, received;        /* bytes a second; NAN: not known */
	double retrans;               /* segments a second */
};

struct board {
	size_t refs; /* atomically */
	struct sample *sample, *gone;
	struct board_row *v;
	size_t n;
	size_t n_sockets; /* that fit the filter */
	struct board_totals totals;
	bool is_past; /* it is of before */
	bool is_held; /* the order is that of before */
	/* Of groups: */
	struct column *columns; /* NULL: these are sockets */
	size_t n_columns, n_keys;
	struct keep keep;
	/* Who knows its rows, where nobody else keeps that: .release frees it with the board. */
	void *maker;
	void (*release)(void *maker);
	uint32_t turn; /* of the request that it answers */
};

struct board *board_ref(struct board *b);
struct board *board_unref(struct board *b);

static inline void board_unrefp(struct board **b)
{
	if (*b)
		(void)board_unref(*b);
}

/* The row that is known as @id; .n: none is. */
size_t board_find(const struct board *b, uint64_t id);

/* What a board is made by. */
struct arranged_by {
	const char *sort;             /* as --sort has it; NULL: as they come */
	const char *by;               /* as --by; NULL: sockets */
	const char *having, *columns; /* of groups; NULL: not said */
	struct selection select;
};

struct arranger;

/* Returns NULL when memory ran out. */
struct arranger *arranger_new(void);
struct arranger *arranger_free(struct arranger *a);

DEFINE_CLEANUP(struct arranger, arranger_free)

/*
 * From now on boards are made so. Returns 0 or a negative errno as columns_parse() and chain_new(), with
 * detail; then they are made as before.
 */
int arranger_order(struct arranger *a, const struct arranged_by *by, struct err *e);

/* And of the sockets that fit @f, which is taken over; NULL: of all. */
void arranger_filter(struct arranger *a, struct filter *f);

/* Adds the fields that it reads to @set. */
void arranger_needs(const struct arranger *a, struct fieldset *set);

/*
 * Takes the next sample, with a reference of its own. @is_other: another selection, so that nothing is new or
 * gone. Returns 0 or -ENOMEM.
 */
int arranger_take(struct arranger *a, struct sample *s, bool is_other);

/* The board of the last sample; with @is_held in the order of the board before. Returns 0 or a negative
 * errno.
 */
int arranger_make(struct arranger *a, bool is_held, struct board **ret);
