/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --schema: of all that comes as JSON.
 */

#include "cli/modes.h"
#include "cli/tell.h"
#include "sink/format/schema.h"

int mode_schema(struct cli *c, const struct sv *words, size_t n_words)
{
	struct text t = {};
	struct err e;

	if (n_words) {
		(void)err_say(&e, 0, "--schema takes no words such as \"%.*s\"", SV_ARG(words[0]));
		return tell_usage(c, &e);
	}
	if (schema_put(&t) < 0)
		text_fail(&t);
	return tell_text(c, &t);
}
