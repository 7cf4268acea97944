/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --fields: what there is to be shown, filtered and counted by.
 */

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "query/naming.h"
#include "sink/format/schema.h"

/* Returns how many there were, or a negative errno. */
static int list_fields(struct cli *c, const char *pattern, struct out *out)
{
	_cleanup_(tabular_freep) struct tabular *to = NULL;
	struct notes all;
	int r = output_open_format(c, false, out, &to), end;

	if (r < 0)
		return r;
	r = fields_put(to, pattern);
	all = notes_of_end(&c->notes, r);
	end = to->ops->end(to, &all);
	return end < 0 ? end : r;
}

/* Before anything is printed, as a header would be. */
static int refuse_pattern(struct cli *c, const char *pattern)
{
	const char *near = naming_near(sv(pattern));
	struct err e;

	(void)err_say(&e, 0, "--fields: no field is called like \"%s\"%s%s%s", pattern,
		      near ? ": did you mean " : "; ss --fields lists them", near ? near : "",
		      near ? "?" : "");
	return tell_failure(c, EXIT_USAGE, &e);
}

static int print_fields(struct cli *c, const char *pattern)
{
	struct out out;
	int r, n, end;

	if (!fields_has(pattern))
		return refuse_pattern(c, pattern);
	r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	n = list_fields(c, pattern, &out);
	end = out_done(&out);
	return n < 0 || end < 0 ? tell_output(c, n < 0 ? n : end) : 0;
}

/* A pattern may be a word of its own, as people type it. */
int mode_fields(struct cli *c, const struct sv *words, size_t n_words)
{
	bool is_word = n_words && !c->q.fields[0];
	struct err e;

	if (n_words > (is_word ? 1 : 0)) {
		(void)err_say(&e, 0, "--fields takes one pattern, and \"%.*s\" is another",
			      SV_ARG(words[is_word ? 1 : 0]));
		return tell_usage(c, &e);
	}
	return print_fields(c, is_word ? words[0].p : c->q.fields);
}
