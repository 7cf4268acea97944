/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Samples for the live view: of the machine as it is, or of the next place in a recording. */

#include "cli/cli.h"
#include "live/model.h"
#include "run/session.h"

/* Takes one. Returns 0 or a negative errno. */
int live_sample(struct cli *c, struct session *s, const struct plan *plan, struct sample **ret,
		struct err *e);

/* Goes to where @step leads in the recording, and takes one there. */
int live_step(struct cli *c, const struct live_step *step, struct session *s, const struct plan *plan,
	      struct sample **ret, struct err *e);
