/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --events=LIST: TCP connections from beginning to end, until a signal or a number of them ends it.
 */

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/chosen.h"
#include "cli/features.h"
#include "cli/interrupt.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "cli/traced.h"
#include "run/replay.h"
#include "run/trace.h"

static int play_next(void *ctx, struct err *e)
{
	return past_next(ctx, e);
}

/* What a recording has of them. */
static int play_into(struct cli *c, const struct trace_opts *t, struct sink *sink, struct err *e)
{
	struct replay_opts o = { .select = t->select,
				 .kinds = t->kinds,
				 .filter = t->filter,
				 .host = c->host,
				 .file = past_file(c->past),
				 .is_everywhere = t->is_everywhere,
				 .every_us = t->every_us,
				 .count = t->count,
				 .next = play_next,
				 .ctx = c,
				 .is_over = t->is_over };

	past_check(c, &t->select, t->filter);
	past_span(c->past, &o.since_us, &o.until_us);
	return replay(&o, sink, &c->notes, e);
}

/* Told while it goes on: nobody is to wait for what cannot come. */
static void tell_now(struct cli *c)
{
	(void)tell_notes(&c->notes, c->prog);
}

static int trace_into(struct cli *c, struct trace_opts *o, struct out *out)
{
	_cleanup_(output_done) struct output output = {};
	struct err e = {};
	int r = output_open(c, &o->select, out, &output, &e), end;

	tell_now(c);
	if (r >= 0) {
		r = c->past ? play_into(c, o, output.sink, &e) : trace(o, output.sink, &c->notes, &e);
		c->notes.has_error |= r < 0 && r != -EPIPE;
		end = output_end(&output, &c->notes);
		r = r < 0 ? r : end;
	}
	if (r < 0 && !out->error && r != -EPIPE && r != -ENOMEM)
		return tell_failure(c,
				    r == -EBADMSG                 ? EXIT_FILTER
				    : r == -EINVAL || r == -E2BIG ? EXIT_USAGE
								  : EXIT_FAILED,
				    &e);
	return tell_output(c, r);
}

static int trace_until_end(struct cli *c, const struct chosen *x)
{
	struct trace_opts o = trace_asked(c, &x->sel, x->filter);
	sigset_t old;
	struct out out;
	int r;

	o.fd = STDOUT_FILENO;
	interrupt_catch();
	interrupt_hold(&old);
	o.wait_mask = &old;
	r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	r = trace_into(c, &o, &out);
	(void)out_done(&out);
	return r;
}

int mode_trace(struct cli *c, const struct sv *words, size_t n_words)
{
	struct chosen x;
	struct err e;
	int status;

	if (chosen_read(c, words, n_words, false, &x, &status)) {
		filter_note(x.filter, &c->notes);
		status = trace_words_check(c, &x, &e) < 0 ? tell_failure(c, EXIT_USAGE, &e)
							  : trace_until_end(c, &x);
	}
	chosen_done(&x);
	return status;
}
