/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --complete: the words behind it are a command line, typed so far.
 */

#include "cli/complete.h"
#include "cli/modes.h"
#include "cli/tell.h"

int mode_complete(struct cli *c, const struct sv *, size_t)
{
	struct text t = {};

	complete(c->q.n_typed, c->q.typed, offered_names, &t);
	return tell_text(c, &t);
}
