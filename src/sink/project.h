/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From rows to records: reads the fields that are columns.
 */

#include "base/text.h"
#include "model/tabular.h"
#include "sink/sink.h"

/* What stands in the first column in place of a field: a text that is made of each row. */
struct project_text {
	/* Adds the fields that the text is made of. */
	void (*fields)(const void *ctx, struct fieldset *set);
	/* Before the rows of a run. */
	void (*begin)(void *ctx);
	/* The text of @row, valid until the next. Returns 0 or -ENOMEM. */
	int (*put)(void *ctx, const struct row *row, struct sv *ret);
	/* As changes_opts.mark: such a text with signs. */
	void (*mark)(const void *ctx, struct sv was, struct sv now, enum mark m, struct text *ret);
	void *ctx;
};

/*
 * An output that hands the columns of @l, all of them fields, of each row to
 * @next, which is borrowed as is what @l points to: with each run one list,
 * as @l but for the time. With @text, borrowed or NULL, the first column is that. Whoever made @next ends it.
 * Returns 0 or -ENOMEM.
 */
int project_new(const struct listing *l, const struct project_text *text, struct tabular *next,
		struct sink **ret);
struct sink *project_free(struct sink *s);
