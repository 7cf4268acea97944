/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The output that the options ask for: the classic text, records, an overview
 * of them, or listeners.
 */

#include "cli/cli.h"
#include "report/overview.h"
#include "report/ports.h"

struct output {
	struct sink *sink;      /* where the rows go, from open() to done() */
	struct tabular *format; /* of records, which are one list or an overview */
	struct partly *partly;  /* the answer is for other hosts to be added; NULL: it is not */
	struct chain *chain;
	struct overview *overview;
	struct ports *ports;
	bool is_probed;          /* .format takes the first record only */
	bool has_subflows;       /* MPTCP sockets have to come first */
	const struct sink *page; /* the classic text on a terminal; NULL: it is not that */
};

/*
 * Opens the format that was asked for, on @out: without a word, that for people. @has_lists: more than one
 * list comes. The format may add to the notes of @c, which is borrowed.
 * Returns 0 or -ENOMEM.
 */
int output_open_format(struct cli *c, bool has_lists, struct out *out, struct tabular **ret);

/*
 * Makes the output of the sockets of @sel on @out, which is borrowed as is @c.
 * Returns 0 or a negative errno: -EINVAL and -E2BIG with detail
 * when the columns make no sense.
 */
int output_open(struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
		struct err *e);

/* Adds the fields that decide about records, and those that were asked for by name. */
void output_needs(const struct output *o, struct plan_opts *ret);

/* Whether somebody looks at the classic text on a terminal, and it was a header only. */
bool output_shows_nothing(const struct output *o);

/* Whether there was a record, with --exists and its like. */
bool output_has_record(const struct output *o);

/* When all rows are in and @notes are known. Returns 0 or a negative errno. */
int output_end(struct output *o, struct notes *notes);

void output_done(struct output *o);
