/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --version: of this program, and of the one whose format it has.
 */

#include "cli/modes.h"
#include "cli/tell.h"
#include "config.h"

int mode_version(struct cli *c, const struct sv *, size_t)
{
	struct text t = {};

	text_printf(&t, "ss utility, sockeye-%s, in the format of iproute2-7.3.0 (%s)\n", SOCKEYE_VERSION,
		    SOCKEYE_FEATURES);
	return tell_text(c, &t);
}
