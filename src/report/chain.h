/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What rows go through on their way to a list of records: columns are chosen,
 * values read, records counted or put in order.
 */

#include "base/err.h"
#include "model/tabular.h"
#include "ops/diff.h"
#include "ops/group.h"
#include "plan/plan.h"
#include "sink/project.h"

/* As options say it; NULL where nothing was said. */
struct chain_opts {
	const char *columns, *sort, *by, *having;
	const char *unique; /* a number of which each is listed once, as the first of the order */
	const char
		*name; /* of the list; NULL: "groups" or "sockets". Borrowed as long as the chain lives .. */
	const char *title; /* .. and so is its title */
	const struct project_text
		*text;           /* what a record is in place of columns, borrowed; NULL: it has columns */
	struct changes *changes; /* what differs from the last time is marked, and that is remembered;
				    borrowed, or NULL: nothing is */
	struct deltas *deltas;   /* what groups had in the sample before, borrowed; NULL: there is only one */
	struct diff_sides
		*sides; /* two runs are compared, and the list is of what differs; borrowed, or NULL */
	group_take *
		take; /* gets the groups of .by in place of records, with .take_ctx; NULL: they are records */
	void *take_ctx;
	uint64_t limit;
	bool has_limit;
	bool has_zero; /* groups without a socket are shown, too */
	uint32_t show; /* SHOW_*: without .columns there are those of the classic text, and in a full .. */
	bool is_full;  /* .. format what comes along */
	bool is_for_people;  /* who read in the text itself why a socket has no owner */
	bool is_ours;        /* .columns: nobody named them, so a table may leave some out */
	bool is_everywhere;  /* all network namespaces */
	bool has_subflows;   /* MPTCP sockets come before their subflows: a connection is one record */
	bool is_counted;     /* whoever takes the records counts sockets, as .by does */
	bool is_one_of_many; /* others write to the same output: nothing goes there before the list ends */
};

struct chain;

/*
 * Makes the chain for the sockets of @sel, which writes to @to, borrowed. Returns 0 or a negative errno:
 * -EINVAL and -E2BIG with detail when the columns make no sense.
 */
int chain_new(const struct chain_opts *o, const struct selection *sel, struct tabular *to, struct chain **ret,
	      struct err *e);
struct chain *chain_free(struct chain *c);

DEFINE_CLEANUP(struct chain, chain_free)

/* Where the rows go, as long as it lives. */
struct sink *chain_sink(struct chain *c);

/*
 * Adds the fields that decide which records there are or in what order to @keys, and those shown that were
 * asked for by name to @named.
 */
void chain_needs(const struct chain *c, struct fieldset *keys, struct fieldset *named);

/* Whether it takes subflows for parts of MPTCP connections, and so needs these first. */
bool chain_has_subflows(const struct chain *c);

/* Ends the answer, once, and with it what the chain writes to. Returns 0 or a negative errno. */
int chain_end(struct chain *c, const struct notes *notes);
