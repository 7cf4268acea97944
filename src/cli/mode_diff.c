/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --diff: the same question to a recording and to what is there now, or to two recordings, and what is
 * different in the answers.
 */

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/features.h"
#include "cli/listing.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "ops/diff.h"
#include "run/session.h"

enum { EXIT_DIFFERENT = 1 };

enum { BASE, NOW, SIDES };

struct side {
	struct host *host;
	struct past *past; /* NULL: it is this machine as it is */
	struct chosen chosen;
	struct plan_opts opts;
	struct session *session;
	struct plan *plan;
};

struct comparison {
	struct cli *c;
	struct side side[SIDES];
	struct diff_sides sides;
	struct output output;
};

static void look_at(struct cli *c, const struct side *s)
{
	c->host = s->host;
	c->past = s->past;
}

/* The number of a start is another one for each, so that no two machines share it. */
static bool is_one_boot(const struct comparison *x)
{
	struct sv base = host_about(x->side[BASE].host, HOST_BOOT);

	return base.len && sv_eq(base, host_about(x->side[NOW].host, HOST_BOOT));
}

/* Reads the words for each side, whose names have numbers of their own. False: *@ret_status is the exit
 * status. */
static bool choose_sides(struct comparison *x, const struct sv *words, size_t n_words, int *ret_status)
{
	struct cli *c = x->c;

	for (size_t i = 0; i < SIDES; i++) {
		struct side *s = &x->side[i];

		look_at(c, s);
		if (!chosen_read(c, words, n_words, false, &s->chosen, ret_status))
			return false;
		for (size_t k = 0; k < SIDES && !request_has(&c->q, FEATURE_SELECTED); k++)
			if (x->side[k].past)
				past_narrow(x->side[k].past, &s->chosen.sel);
		chosen_settle(c, &s->chosen);
		listing_plan(c, &s->chosen, &s->opts);
	}
	return true;
}

static int plan_sides(struct comparison *x, struct out *out, struct err *e)
{
	struct cli *c = x->c;
	int r;

	x->sides.is_one_boot = is_one_boot(x);
	c->sides = &x->sides;
	r = output_open(c, &x->side[NOW].opts.select, out, &x->output, e);
	for (size_t i = 0; i < SIDES && r >= 0; i++) {
		struct side *s = &x->side[i];
		const struct session_opts so = { .source = c->q.source,
						 .is_everywhere = c->q.want_all_netns,
						 .is_kernel_only = c->q.source == SOURCE_NETLINK };

		x->output.sink->ops->fields(x->output.sink, &s->opts.fields);
		output_needs(&x->output, &s->opts);
		r = plan_new(&s->opts, &s->plan);
		if (r >= 0 && fieldset_has_rates(&s->plan->fields))
			return err_say(
				e, -EBADMSG,
				"--diff: rates are of many samples; compare the counter, by how much it "
				"grew is told");
		if (r >= 0)
			r = session_new(s->host, &so, &s->session);
	}
	return r;
}

static int ask_side(struct comparison *x, const struct side *s, struct err *e)
{
	struct cli *c = x->c;

	look_at(c, s);
	if (s->past)
		past_check(c, &s->opts.select, s->opts.filter);
	session_tell_time(s->session, c->q.want_time ? host_now_us(s->host) : 0);
	return session_run(s->session, s->plan, x->output.sink, &c->notes, e);
}

/* Without all that is asked for in the base, what there is now would look new. */
static int ask(struct comparison *x, struct err *e)
{
	struct notes *notes = &x->c->notes;
	bool was_partial = notes->is_partial;
	int r;

	notes->is_partial = false;
	r = ask_side(x, &x->side[BASE], e);
	x->sides.is_off = !notes_is_whole(notes);
	if (x->sides.is_off)
		notes_add(notes, NOTE_WARNING, "nothing is compared: --diff=%s lacks what is asked for",
			  x->c->q.diff);
	notes->is_partial |= was_partial;
	return r < 0 ? r : ask_side(x, &x->side[NOW], e);
}

static void tell_unseen(struct comparison *x)
{
	if (x->sides.n_unknown) {
		x->c->notes.is_partial = true;
		notes_add(&x->c->notes, NOTE_WARNING,
			  "of %llu socket%s it could not be seen whether another process has %s now",
			  (unsigned long long)x->sides.n_unknown, x->sides.n_unknown > 1 ? "s" : "",
			  x->sides.n_unknown > 1 ? "them" : "it");
	}
	if (x->sides.n_left_out)
		notes_add(&x->c->notes, NOTE_HINT,
			  "sockets without an address are left out: after a restart, or on another machine, "
			  "nothing tells which is which");
}

/* Returns the exit status. */
static int compare(struct comparison *x)
{
	struct cli *c = x->c;
	struct err e = {};
	struct out out;
	int r = out_init(&out, STDOUT_FILENO), end;

	if (r < 0)
		return tell_output(c, r);
	r = plan_sides(x, &out, &e);
	if (r >= 0) {
		r = ask(x, &e);
		tell_unseen(x);
		c->notes.has_error |= r < 0;
		end = output_end(&x->output, &c->notes);
		r = r < 0 ? r : end;
	}
	output_done(&x->output);
	end = out_done(&out);
	if (r == -EINVAL || r == -E2BIG || r == -EBADMSG)
		return tell_failure(c, r == -EBADMSG ? EXIT_FILTER : EXIT_USAGE, &e);
	r = r < 0 ? r : end;
	if (r < 0)
		return e.text[0] ? tell_failure(c, EXIT_FAILED, &e) : tell_output(c, r);
	return x->sides.n_found && notes_is_whole(&c->notes) ? EXIT_DIFFERENT : 0;
}

int mode_diff(struct cli *c, const struct sv *words, size_t n_words)
{
	struct comparison x = { .c = c,
				.sides.notes = &c->notes,
				.side = { [BASE] = { .host = past_host(c->base), .past = c->base },
					  [NOW] = { .host = c->host, .past = c->past } } };
	struct err e;
	int status = 0;

	if (!c->past && host_has_own_tables(c->host)) {
		(void)err_say(&e, 0,
			      "--diff is of the kernel's answers, and the environment says to read sockets "
			      "from files (TCPDIAG_FILE, PROC_*)");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	if (c->q.want_all_netns)
		listing_allow_many_files();
	if (choose_sides(&x, words, n_words, &status))
		status = compare(&x);
	look_at(c, &x.side[NOW]);
	c->sides = NULL;
	for (size_t i = 0; i < SIDES; i++) {
		(void)plan_free(x.side[i].plan);
		(void)session_free(x.side[i].session);
		chosen_done(&x.side[i].chosen);
	}
	return status;
}
