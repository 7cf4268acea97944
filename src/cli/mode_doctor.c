/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --doctor: what is wrong with the sockets of this machine, or of a recording, once or again and again.
 */

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "cli/every.h"
#include "cli/examined.h"
#include "cli/features.h"
#include "cli/listing.h"
#include "cli/modes.h"
#include "cli/partly.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "cli/ticker.h"
#include "config.h"
#include "doctor/form.h"

enum { EXIT_FOUND = 1, EXIT_CRITICAL = 2 /* to plugins of monitoring */, ROWS_DEFAULT = 24 };

struct examination {
	struct cli *c;
	struct chosen chosen;
	struct examined words;
	struct doctor *doctor;
	const struct form *form;
	struct diagnosis last, base;
	bool has_base, is_repeated;
	char since[64];      /* of the base */
	struct out *out;     /* of a stream */
	const char *between; /* what stands before the next one there; NULL: nothing */
	uint64_t n;
	enum severity worst;
};

static void wait_between(uint64_t us)
{
	const struct timespec t = { .tv_sec = (time_t)(us / 1000000),
				    .tv_nsec = (long)(us % 1000000 * 1000) };

	(void)nanosleep(&t, NULL);
}

/* The sample that the first one is compared with. Of a recording it is the one before. */
static int look_first(struct examination *x, struct doctor *d, struct err *e)
{
	struct cli *c = x->c;
	int r;

	if (!doctor_wants_two(d))
		return 0;
	if (!c->past) {
		r = doctor_look(d, &c->notes, e);
		if (r >= 0)
			wait_between(c->q.every_us ? c->q.every_us : EXAMINED_BETWEEN_US);
		return r;
	}
	r = past_back(c, e);
	if (r > 0)
		r = doctor_look(d, &c->notes, e);
	return r < 0 ? r : past_return(c, e);
}

static int describe(struct examination *x, struct diagnosis *d)
{
	const struct host *h = x->c->host;
	struct sv name = host_about(x->c->host, HOST_NAME);

	if (name.len && !(d->host = strndup(name.p, name.len)))
		return -ENOMEM;
	return asprintf(&d->kernel, "%u.%u", h->kernel >> 8, h->kernel & 0xff) < 0 ? -ENOMEM : 0;
}

/* What the base has, to say what is new. */
static int examine_base(struct examination *x, struct err *e)
{
	struct cli *c = x->c;
	struct host *now = c->host;
	struct past *past = c->past;
	struct doctor *d = NULL;
	const struct selection sel = x->chosen.sel;
	struct text when = {};
	int r;

	if (!c->base)
		return 0;
	c->host = past_host(c->base);
	c->past = c->base;
	past_narrow(c->base, &x->chosen.sel);
	r = examined_start(&x->words, c, &x->chosen, &d, e);
	if (r >= 0)
		r = look_first(x, d, e);
	if (r >= 0)
		r = doctor_examine(d, &x->base, &c->notes, e);
	text_time(&when, x->base.at_us);
	(void)snprintf(x->since, sizeof(x->since), "new since %.*s", (int)when.len, when.p ? when.p : "");
	text_done(&when);
	(void)doctor_free(d);
	x->chosen.sel = sel;
	c->host = now;
	c->past = past;
	x->has_base = true;
	return r;
}

/* Findings of one rule that are too many to be told. */
static void note_more(const struct diagnosis *d, struct notes *notes)
{
	for (enum rule_id i = 0; i < RULE_MAX; i++)
		if (d->n_more[i])
			notes_add(notes, NOTE_WARNING, "%s: %u findings are left out, beyond the first %d",
				  rules[i].id, d->n_more[i], FINDINGS_MAX);
}

/* One diagnosis, with what follows from those before. */
static int examine(struct examination *x, struct diagnosis *ret, struct err *e)
{
	struct cli *c = x->c;
	int r;

	if (c->past)
		past_check(c, &x->chosen.sel, x->chosen.filter);
	r = doctor_examine(x->doctor, ret, &c->notes, e);
	if (r >= 0 && x->is_repeated) {
		r = diagnosis_carry(ret, &x->last);
		diagnosis_settle(ret);
	}
	if (r >= 0 && x->has_base)
		r = diagnosis_compare(ret, &x->base, sv(x->since));
	if (r >= 0)
		r = suppressions_apply(&x->words.known, ret, &c->notes);
	if (r >= 0)
		r = describe(x, ret);
	note_more(ret, &c->notes);
	return r == -ENOMEM && !e->text[0] ? err_sys(e, r, "the doctor") : r;
}

static void put(struct examination *x, const struct diagnosis *d, struct text *ret)
{
	const struct form_opts o = { .prog = x->c->prog,
				     .version = SOCKEYE_VERSION,
				     .notes = &x->c->notes,
				     .screen = environ_page(),
				     .rows = ROWS_DEFAULT,
				     .wants_all = x->words.o.wants_fine,
				     .has_time = x->c->q.want_time || x->is_repeated };

	x->form->put(d, &o, ret);
}

/* Takes @d for the last. */
static void keep(struct examination *x, struct diagnosis *d)
{
	enum severity worst = diagnosis_worst(d);

	x->worst = worst > x->worst ? worst : x->worst;
	diagnosis_done(&x->last);
	x->last = *d;
	x->n++;
}

static int answer(void *ctx, struct out *out, struct err *e)
{
	struct examination *x = ctx;
	struct diagnosis d = {};
	struct text t = {};
	int r;

	e->text[0] = '\0';
	r = examine(x, &d, e);
	if (r >= 0 && request_has(&x->c->q, FEATURE_PARTIAL)) {
		r = partly_put_findings(x->c, &d, out);
	} else if (r >= 0) {
		put(x, &d, &t);
		r = t.failed ? err_sys(e, -ENOMEM, "the doctor") : 0;
	}
	if (r >= 0 && x->between)
		out_write(out, x->between, strlen(x->between));
	if (r >= 0)
		out_write(out, t.p, t.len);
	text_done(&t);
	keep(x, &d);
	return r < 0 ? r : out->error;
}

static int sample(void *ctx, struct err *e)
{
	struct examination *x = ctx;
	int r;

	x->between = x->n ? x->form->between : NULL;
	r = answer(x, x->out, e);
	return r < 0 ? r : out_flush(x->out);
}

static void put_around(const struct examination *x, const char *what)
{
	if (what)
		out_write(x->out, what, strlen(what));
}

static int repeat(struct examination *x, struct err *e)
{
	static const struct every_ops ops = { .sample = sample, .answer = answer };
	enum every_form form = every_form(x->c);
	bool is_stream = form == EVERY_STREAM;
	int r;

	put_around(x, is_stream ? x->form->before : NULL);
	r = every_run(x->c, form, &ops, x, e);
	put_around(x, is_stream ? x->form->behind : NULL);
	return r;
}

static int run(struct examination *x, struct err *e)
{
	struct cli *c = x->c;
	int r = examine_base(x, e);

	if (r >= 0)
		r = examined_start(&x->words, c, &x->chosen, &x->doctor, e);
	if (r >= 0 && !c->q.every_us)
		ticker_begin();
	if (r >= 0)
		r = look_first(x, x->doctor, e);
	if (r >= 0)
		r = x->is_repeated ? repeat(x, e) : answer(x, x->out, e);
	ticker_end();
	return r;
}

static int conclude(struct examination *x)
{
	struct cli *c = x->c;
	enum severity from = x->words.from;
	struct err e = {};
	struct out out;
	int r = out_init(&out, STDOUT_FILENO), end;

	if (r < 0)
		return tell_output(c, r);
	x->out = &out;
	r = run(x, &e);
	end = out_done(&out);
	x->out = NULL;
	if (r == -EINVAL || r == -E2BIG)
		return tell_failure(c, EXIT_USAGE, &e);
	r = r < 0 ? r : end;
	if (r < 0)
		return e.text[0] ? tell_failure(c, EXIT_FAILED, &e) : tell_output(c, r);
	if (from == SEVERITY_NONE || x->worst < from)
		return 0;
	return x->form->has_own_status && x->worst == SEVERITY_CRITICAL ? EXIT_CRITICAL : EXIT_FOUND;
}

int mode_doctor(struct cli *c, const struct sv *words, size_t n_words)
{
	struct examination x = { .c = c, .is_repeated = c->q.every_us };
	struct err e;
	int status = 0, r;

	x.form = c->q.tabulate.format ? form_find(sv(c->q.tabulate.format)) : &forms[0];
	r = examined_read(&x.words, &c->q, &e);
	if (r < 0) {
		status = tell_failure(c, r == -EINVAL ? EXIT_USAGE : EXIT_FAILED, &e);
	} else {
		examined_select(c);
		if (chosen_read(c, words, n_words, false, &x.chosen, &status)) {
			chosen_settle(c, &x.chosen);
			status = conclude(&x);
		}
		chosen_done(&x.chosen);
	}
	(void)doctor_free(x.doctor);
	diagnosis_done(&x.last);
	diagnosis_done(&x.base);
	examined_done(&x.words);
	return status;
}
