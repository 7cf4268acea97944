/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --record: a sample of the sockets that are chosen for a recording, or one after the other; with --flight in
 * memory, and with --doctor until something is wrong.
 */

#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/alarm.h"
#include "cli/features.h"
#include "cli/flight.h"
#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/modes.h"
#include "cli/tell.h"
#include "cli/traced.h"
#include "run/capture.h"
#include "run/capture_events.h"

enum { NOTES_MAX = 64 * 1024, WORDS = 6, FLIGHT_EVERY_US = 1000000, EXIT_FOUND = 1 };

/* Where the last minutes go. */
struct memory {
	struct flight *flight; /* NULL: to a file at once */
	struct alarm *alarm;   /* NULL: nobody looks whether anything is wrong */
};

/* How it is made, in words, for whoever reads it. */
struct making {
	struct text command, tables, filter, every;
	struct capture_word words[WORDS];
};

static void making_done(struct making *m)
{
	text_done(&m->command);
	text_done(&m->tables);
	text_done(&m->filter);
	text_done(&m->every);
}

static struct sv sv_of(const struct text *t)
{
	return sv_n(t->p ? t->p : "", t->len);
}

static int describe(const struct cli *c, const struct plan_opts *po, struct making *m)
{
	for (int i = 1; i < c->q.argc; i++) {
		text_str(&m->command, i > 1 ? " " : "");
		text_str(&m->command, c->q.argv[i]);
	}
	for (enum table t = 0; t < TABLE_MAX; t++) {
		if (!(po->select.tables >> t & 1))
			continue;
		text_str(&m->tables, m->tables.len ? ", " : "");
		text_str(&m->tables, table_names[t]);
	}
	if (po->filter)
		filter_print(po->filter, &m->filter);
	text_u64(&m->every, c->q.every_us);
	m->words[0] = (struct capture_word){ "command", sv_of(&m->command) };
	m->words[1] = (struct capture_word){ "tables", sv_of(&m->tables) };
	m->words[2] = (struct capture_word){ "filter", sv_of(&m->filter) };
	m->words[3] = (struct capture_word){ "every_us", sv_of(&m->every) };
	m->words[4] = (struct capture_word){ "netns", sv(c->q.want_all_netns ? "all" : "one") };
	m->words[5] = (struct capture_word){ "with", sv(c->q.wants_cmdline ? "cmdline" : "none") };
	return m->command.failed || m->tables.failed || m->filter.failed || m->every.failed ? -ENOMEM : 0;
}

/* Waits for the next moment of a steady clock, one that has passed is left out. */
static int wait_for_next(struct cli *c, struct flight *flight, int64_t start, int64_t began)
{
	int64_t step = (int64_t)c->q.every_us, now = clock_monotonic_us();
	int r;

	if (now - began > step)
		notes_add(&c->notes, NOTE_WARNING,
			  "a sample takes longer than --every says: samples are left out");
	do {
		if (flight)
			flight_write(flight);
		r = interrupt_wait(start + (now - start + step) / step * step, -1, -1);
	} while (r == -EAGAIN);
	return r;
}

/* Tells what is to be known of the sample that was taken. */
static void tell_sample(struct cli *c)
{
	(void)tell_notes(&c->notes, c->prog);
	if (c->notes.text.len > NOTES_MAX)
		notes_clear(&c->notes);
}

/* A sample, behind a look whether anything is wrong: then what was found is in it. */
static int take_one(struct cli *c, struct capture *capture, const struct memory *to, struct err *e)
{
	struct text found = {};
	int r = to->alarm ? alarm_look(to->alarm, &found, e) : 0;

	if (r >= 0)
		r = capture_take(capture, &c->notes, e);
	if (to->flight && r >= 0)
		flight_check(to->flight);
	if (r >= 0 && found.len)
		flight_write_for(to->flight, sv_of(&found));
	text_done(&found);
	tell_sample(c);
	return r;
}

static int take_all(struct cli *c, struct capture *capture, const struct memory *to, struct err *e)
{
	int64_t start = clock_monotonic_us();
	uint64_t n = 0;
	int r;

	for (;;) {
		int64_t began = clock_monotonic_us();

		r = take_one(c, capture, to, e);
		n++;
		if (r < 0 || !c->q.every_us || (c->q.count && n == c->q.count))
			return r;
		r = wait_for_next(c, to->flight, start, began);
		if (r < 0)
			return r == -EINTR ? 0 : r;
	}
}

/* What is told, and asked for, with events between the samples. */
struct between {
	struct cli *cli;
	struct flight *flight; /* NULL: none */
};

static void look_up(void *ctx)
{
	const struct between *b = ctx;

	if (b->flight)
		flight_write(b->flight);
}

static void taken(void *ctx)
{
	const struct between *b = ctx;

	if (b->flight)
		flight_check(b->flight);
	tell_sample(b->cli);
	look_up(ctx);
}

static int take_with_events(struct cli *c, const struct plan_opts *po, struct capture *capture,
			    struct flight *flight, struct err *e)
{
	struct between between = { .cli = c, .flight = flight };
	struct trace_opts to = trace_asked(c, &po->select, po->filter);
	const struct capture_events_opts o = { .capture = capture,
					       .trace = &to,
					       .wants_cmdline = c->q.wants_cmdline,
					       .notes = &c->notes,
					       .taken = taken,
					       .ctx = &between };
	sigset_t old;
	int r;

	to.idle = look_up;
	to.ctx = &between;
	interrupt_hold(&old);
	to.wait_mask = &old;
	r = capture_events(&o, e);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

static int record(struct cli *c, const struct plan_opts *po, const struct memory *to,
		  struct store_writer *writer, struct err *e)
{
	_cleanup_(making_done) struct making making = {};
	_cleanup_(capture_freep) struct capture *capture = NULL;
	struct capture_opts co = { .host = c->host,
				   .writer = writer,
				   .plan = po,
				   .source = c->q.source,
				   .is_everywhere = c->q.want_all_netns,
				   .wants_cmdline = c->q.wants_cmdline,
				   .wants_nat = c->q.show & SHOW_PEER,
				   .words = making.words,
				   .n_words = WORDS };
	int r = describe(c, po, &making);

	if (r < 0)
		return err_sys(e, r, "%s", c->q.capture_file);
	r = capture_new(&co, &capture, e);
	if (r < 0)
		return r;
	interrupt_catch();
	return request_has(&c->q, FEATURE_TRACE) ? take_with_events(c, po, capture, to->flight, e)
						 : take_all(c, capture, to, e);
}

static int record_to_file(struct cli *c, const struct plan_opts *po, struct err *e)
{
	const struct store_opts so = { .keep_us = c->q.keep_us,
				       .keep_bytes = c->q.keep_bytes,
				       .sync_us = c->q.sync_us,
				       .notes = &c->notes };
	struct store_writer *writer;
	struct err of_end;
	int r = store_write(c->q.capture_file, &so, &writer, e), end;

	if (r < 0)
		return r;
	r = record(c, po, &(struct memory){}, writer, e);
	end = store_close(writer, r < 0 ? &of_end : e);
	return r < 0 ? r : end;
}

/* Returns 1 where anything was found, 0, or a negative errno. */
static int record_to_memory(struct cli *c, const struct plan_opts *po, const struct chosen *looked_at,
			    struct err *e)
{
	_cleanup_(flight_freep) struct flight *flight = NULL;
	_cleanup_(alarm_freep) struct alarm *alarm = NULL;
	struct store_writer *writer;
	int r = request_has(&c->q, FEATURE_DOCTOR) ? alarm_new(c, looked_at, &alarm, e) : 0;

	c->q.every_us = c->q.every_us ? c->q.every_us : FLIGHT_EVERY_US;
	if (r >= 0)
		r = flight_new(c, &flight, &writer, e);
	if (r < 0)
		return r;
	r = record(c, po, &(struct memory){ .flight = flight, .alarm = alarm }, writer, e);
	flight_write(flight); /* that was asked for at the very end */
	return r < 0 ? r : alarm && alarm_has_found(alarm);
}

/* As --doctor alone examines @x: no rule is about bound sockets, which are dear to list. */
static struct chosen looked_at(const struct chosen *x, bool has_states)
{
	struct chosen c = *x;

	if (!has_states && !filter_has_states(x->filter))
		c.sel.states &= ~STATE(K_TCP_BOUND_INACTIVE);
	return c;
}

int mode_capture(struct cli *c, const struct sv *words, size_t n_words)
{
	bool has_states = c->q.select.has_mask;
	struct plan_opts po;
	struct chosen x, of_doctor;
	struct err e = {};
	int status, r;

	if (host_has_own_tables(c->host)) {
		(void)err_say(&e, 0,
			      "--record is of the kernel's answers, and the environment says to read sockets "
			      "from files (TCPDIAG_FILE, PROC_*)");
		return tell_failure(c, EXIT_FAILED, &e);
	}
	if (request_has(&c->q, FEATURE_TRACE) && !c->q.every_us && !c->q.flight_us) {
		(void)err_say(&e, -EINVAL,
			      "--record keeps events between its samples: say how often those are taken with "
			      "--every");
		return tell_failure(c, EXIT_USAGE, &e);
	}
	if (!has_states)
		select_states(&c->q.select, STATES_ALL);
	if (chosen_read(c, words, n_words, true, &x, &status)) {
		chosen_settle(c, &x);
		of_doctor = looked_at(&x, has_states);
		listing_plan(c, &x, &po);
		listing_allow_many_files();
		r = request_has(&c->q, FEATURE_TRACE) ? trace_words_check(c, &x, &e) : 0;
		if (r >= 0)
			r = c->q.flight_us ? record_to_memory(c, &po, &of_doctor, &e)
					   : record_to_file(c, &po, &e);
		status = r < 0                 ? tell_failure(c, r == -EINVAL ? EXIT_USAGE : EXIT_FAILED, &e)
			 : r > 0               ? EXIT_FOUND
			 : c->notes.is_partial ? EXIT_NEW_INCOMPLETE
					       : 0;
	}
	chosen_done(&x);
	return status;
}
