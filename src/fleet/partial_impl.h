/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Inner to fleet/partial.h: how lines are written.
 */

#include "base/text.h"
#include "fleet/partial.h"
#include "fleet/question.h"

struct partial {
	struct tabular tabular;
	struct partial_opts o;
	struct out *out;
	struct text line;
	const struct column *columns; /* of records */
	size_t n_columns;
	bool has_header;
	uint64_t n_lines, sum, total;
};

/* Begins a line of @kind. */
struct text *partial_begin(struct partial *p, char kind);

/* Writes the line, which counts in the sum at the end if @is_counted. Returns 0 or a negative errno. */
int partial_finish(struct partial *p, bool is_counted);

int partial_put_group(struct partial *p, const struct group_taken *t, const struct group_part *g);

/* The groups that were not sent, if there are any, as one. */
int partial_put_others(struct partial *p, const struct group_taken *t, const bool *is_sent);

/* Appends the words of the keys of @g, with a blank between them. */
void partial_put_keys(struct text *line, const struct group_taken *t, const struct group_part *g);

/* Answers what is asked for until nothing is; @is_sent tells, and is told, which groups were. Returns 0 or a
 * negative errno. */
int partial_rounds(struct partial *p, const struct group_taken *t, const struct group_rank *rank,
		   bool *is_sent);
