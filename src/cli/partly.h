/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --partial: the answer of this machine for others' to be added (fleet/partial.h).
 */

#include "cli/cli.h"
#include "doctor/diagnosis.h"
#include "report/chain.h"

struct partly;

/* Makes what takes the answer to what @c asks, and writes it on @out; both are borrowed. Returns 0 or
 * -ENOMEM. */
int partly_open(struct cli *c, struct out *out, struct partly **ret);
struct partly *partly_free(struct partly *p);

DEFINE_CLEANUP(struct partly, partly_free)

/* Where records go; whoever asks frees it, before @p. */
struct tabular *partly_tabular(struct partly *p);

/* Has @co choose what is needed of records, or of groups. */
void partly_choose(struct partly *p, struct chain_opts *co);

/* Writes what the doctor has found. Returns 0 or a negative errno. */
int partly_put_findings(struct cli *c, const struct diagnosis *d, struct out *out);
