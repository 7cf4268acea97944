/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * -s: the counters, and behind them the sockets where the command line says which.
 */

#include "cli/modes.h"
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

int mode_summary(struct cli *c, const struct sv *words, size_t n_words)
{
	bool is_about_sockets = n_words || c->q.filter_file || c->q.select.tables || c->q.select.families;
	int status = print_summary(c);

	return status || !is_about_sockets ? status : mode_list(c, words, n_words);
}
