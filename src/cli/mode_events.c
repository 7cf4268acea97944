/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * -E: sockets are shown as they are destroyed, until a signal ends it.
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/chosen.h"
#include "cli/interrupt.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "run/follow.h"

static void tell_lost(void *ctx, uint64_t n)
{
	const struct cli *c = ctx;

	(void)fprintf(stderr, "%s: events came faster than they could be shown: %llu lost so far\n", c->prog,
		      (unsigned long long)n);
}

static int follow_into(struct cli *c, const struct follow_opts *o, struct out *out)
{
	_cleanup_(output_done) struct output output = {};
	struct err e = {};
	int r = output_open(c, &o->select, out, &output, &e), end;

	if (r >= 0) {
		r = follow(o, output.sink, &c->notes, &e);
		c->notes.has_error |= r < 0;
		end = output_end(&output, &c->notes);
		r = r < 0 ? r : end;
	}
	if (r < 0 && !out->error && r != -EPIPE && r != -ENOMEM)
		return tell_failure(c, EXIT_USAGE, &e);
	return tell_output(c, r);
}

/* At once: nobody is to wait for what cannot come. */
static void note_untold(struct cli *c, const struct filter *filter)
{
	enum field_id f = follow_untold(filter);

	if (f == F_MAX)
		return;
	c->notes.is_partial = true;
	notes_add(&c->notes, NOTE_WARNING,
		  "the kernel does not tell %s of a socket that has ended, and the answer depends on it",
		  fields[f].name);
}

static int follow_until_end(struct cli *c, const struct selection *sel, const struct filter *filter)
{
	struct follow_opts o = { .select = *sel,
				 .filter = filter,
				 .host = c->host,
				 .fd = STDOUT_FILENO,
				 .is_over = &interrupt_came,
				 .lost = tell_lost,
				 .ctx = c };
	sigset_t old;
	struct out out;
	struct err e;
	int r;

	select_filter(filter, &o.select);
	if (!follow_has(&o.select)) {
		(void)err_say(&e, 0, "nothing to follow: only TCP and UDP sockets are announced");
		return tell_failure(c, EXIT_USAGE, &e);
	}
	note_untold(c, filter);
	notes_add(&c->notes, NOTE_HINT,
		  "while this runs, the end of every TCP and UDP socket costs the host more");
	interrupt_catch();
	interrupt_hold(&old);
	(void)tell_notes(&c->notes, c->prog);
	notes_clear(&c->notes);
	o.wait_mask = &old;
	r = out_init(&out, STDOUT_FILENO);
	if (r < 0)
		return tell_output(c, r);
	r = follow_into(c, &o, &out);
	(void)out_done(&out);
	return r;
}

int mode_events(struct cli *c, const struct sv *words, size_t n_words)
{
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, true, &x, &status)) {
		chosen_settle(c, &x);
		status = follow_until_end(c, &x.sel, x.filter);
	}
	chosen_done(&x);
	return status;
}
