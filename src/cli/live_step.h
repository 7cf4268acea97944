/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Samples for the live view: of the machine as it is, or of the next place in a recording. */

#include "cli/cli.h"
#include "live/model.h"
#include "run/session.h"

/* Who is asked what. */
struct live_taking {
	struct cli *c;
	struct session *s;
	const struct plan *plan;
	struct text *notes;            /* set to what is to be known about the sample: lines */
	bool is_whole;                 /* nothing is missing in it */
	struct proc_counters counters; /* of the kernel, at that time */
};

/* Takes one. Returns 0 or a negative errno. */
int live_sample(struct live_taking *t, struct sample **ret, struct err *e);

/* Goes to where @step leads in the recording, and takes one there. */
int live_step(struct live_taking *t, const struct live_step *step, struct sample **ret, struct err *e);
