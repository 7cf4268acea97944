/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The output that the options ask for: the classic text, records, or an
 * overview of them.
 */

#include "cli/overview.h"

struct output {
	struct sink *sink; /* where the rows go, from open() to done() */
	struct tabulation *tabulation;
	struct overview *overview;
};

/*
 * Makes the output of the sockets of @sel on @out, which is borrowed as are @c
 * and @names. Returns 0 or a negative errno: -EINVAL and -E2BIG with detail
 * when the columns make no sense.
 */
int output_open(const struct classic_cli *c, const struct selection *sel, const struct names *names,
		struct out *out, struct output *ret, struct err *e);

/* Adds the fields that decide about records, and those that were asked for by name as @opts has them. */
void output_needs(const struct output *o, const struct tabulate_opts *opts, struct plan_opts *ret);

/* When all rows are in and @notes are known. Returns 0 or a negative errno. */
int output_end(struct output *o, struct notes *notes);

void output_done(struct output *o);
