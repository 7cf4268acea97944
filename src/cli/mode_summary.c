/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * -s: the counters, as text or as records, and behind the text the sockets where the command line says which.
 */

#include <unistd.h>

#include "base/cleanup.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "report/summary.h"

static int print_summary(struct cli *c)
{
	struct text text = {};
	int r = summary_render(c->host, &text, &c->notes);

	if (r >= 0)
		r = tell_answer(&text);
	text_done(&text);
	return tell_output(c, r);
}

/* The same as records. */
static int put_summary(struct cli *c)
{
	_cleanup_(tabular_freep) struct tabular *to = NULL;
	struct notes all;
	struct out out;
	int r = out_init(&out, STDOUT_FILENO), end;

	if (r < 0)
		return tell_output(c, r);
	r = output_open_format(c, false, &out, &to);
	if (r >= 0)
		r = summary_put(c->host, to, &c->notes);
	all = notes_of_end(&c->notes, r);
	end = to ? to->ops->end(to, &all) : r;
	r = r < 0 ? r : end;
	end = out_done(&out);
	return tell_output(c, r < 0 ? r : end);
}

int mode_summary(struct cli *c, const struct sv *words, size_t n_words)
{
	bool is_about_sockets = n_words || c->q.filter_file || c->q.select.tables || c->q.select.families;
	struct err e;
	int status;

	if (request_has(&c->q, FEATURE_TOTALS) && n_words) {
		(void)err_say(&e, 0,
			      "-s in another format takes no filter: the kernel counts all sockets; to count "
			      "some, use "
			      "--by=netid,state without -s");
		return tell_usage(c, &e);
	}
	if (request_has(&c->q, FEATURE_TOTALS))
		return put_summary(c);
	status = print_summary(c);
	return status || !is_about_sockets ? status : mode_list(c, words, n_words);
}
