/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The answer as records: chosen columns, sorted or counted, in one of the
 * formats that are not the classic text.
 */

#include "cli/classic.h"

/* Whether the options ask for records. */
bool tabulate_is_wanted(const struct tabulate_opts *t);

/* Options that do not go together. Returns 0 or -EINVAL with detail. */
int tabulate_check(const struct tabulate_opts *t, struct err *e);

/*
 * Runs what @po selects into records on @out. Adds to @po the fields they
 * need. Returns 0 or a negative errno; -EINVAL with detail when a column cannot be had.
 */
int tabulate_run(struct classic_cli *c, struct plan_opts *po, const struct run_opts *ro, struct out *out,
		 struct err *e);
