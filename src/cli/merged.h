/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * One answer of many hosts, for the modes that have one: what is common to reading it and to asking for it.
 */

#include "cli/cli.h"
#include "fleet/merge.h"

/* Has @m take what hosts answer. Returns 0 or a negative errno with detail; -EINVAL: what is asked makes no
 * sense. */
typedef int merged_take(struct cli *c, struct merge *m, void *ctx, struct err *e);

/* Tells what comes of it. Returns the exit status. */
int merged_tell(struct cli *c, merged_take *take, void *ctx);

/* The hosts that --hosts names should answer, and are told if they do not. Returns as above. */
int merged_expect(struct cli *c, struct merge *m, struct err *e);

/* How many names @m expects. */
size_t merged_expected(struct merge *m);
