/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The answer as records: chosen columns, sorted or counted, in one of the
 * formats that are not the classic text.
 */

#include "cli/cli.h"

struct tabulation;

/*
 * Makes what writes the sockets of @sel on @out as @o says and, where it says nothing, @q. Returns 0
 * or a negative errno: -EINVAL and -E2BIG with detail when the columns make no sense.
 */
int tabulation_new(const struct request *q, const struct tabulate_opts *o, const struct selection *sel,
		   struct out *out, struct tabulation **ret, struct err *e);
struct tabulation *tabulation_free(struct tabulation *t);

/* Where the rows go, as long as it lives. */
struct sink *tabulation_sink(struct tabulation *t);

/*
 * Adds the fields that decide which records there are or in what order to @keys, and those shown that were
 * asked for by name to @named; @o as it was made with.
 */
void tabulation_needs(const struct tabulation *t, const struct tabulate_opts *o, struct fieldset *keys,
		      struct fieldset *named);

/* Ends it, once. Returns 0 or a negative errno. */
int tabulation_end(struct tabulation *t, const struct notes *notes);

DEFINE_CLEANUP(struct tabulation, tabulation_free)
