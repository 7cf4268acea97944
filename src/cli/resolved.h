/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * -r where records are made: names of hosts beside their addresses (report/resolve.h).
 */

#include "cli/cli.h"
#include "model/tabular.h"

/*
 * Puts what looks for names in front of *@format, if -r says so, and takes over *@format. Returns 0 or a
 * negative errno; then *@format is none.
 */
int resolved_open(struct cli *c, struct tabular **format);

/*
 * Whether names are asked for where there are some: @keys decide about records, @named are those that
 * somebody asked for. Returns 0, or -EINVAL with detail.
 */
int resolved_check(const struct cli *c, const struct fieldset *keys, const struct fieldset *named,
		   struct err *e);
