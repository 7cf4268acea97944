/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The live view destroys sockets, or counts those that it would. */

#include "cli/cli.h"
#include "plan/plan.h"

struct live_killing {
	const struct cli *c;   /* borrowed */
	struct host *host;     /* borrowed: nobody else asks it meanwhile */
	struct plan_opts opts; /* but for the filter: */
	struct filter *filter; /* borrowed; NULL: all that is selected */
	bool is_meant;         /* else they are counted */
	struct notes *notes;   /* borrowed: what became of them */
};

/* Returns 0 with how many were, or would be, destroyed in *@ret, or a negative errno with detail. */
int live_kill(const struct live_killing *o, size_t *ret, struct err *e);
