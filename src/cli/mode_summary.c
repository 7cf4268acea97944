/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * -s: the counters, as text or as records, once or again and again, and behind the text the sockets where the
 * command line says which.
 */

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/every.h"
#include "cli/modes.h"
#include "cli/output.h"
#include "cli/tell.h"
#include "report/summary.h"

struct counting {
	struct cli *c;
	struct out *out;    /* of a stream; borrowed */
	struct tabular *to; /* records; NULL: text */
};

/* The time of a sample that begins now, where it is told, or 0. */
static uint64_t time_of(const struct cli *c)
{
	return c->q.want_time || c->q.every_us ? host_now_us(c->host) : 0;
}

static int put_text(struct counting *s, struct out *out)
{
	uint64_t at_us = time_of(s->c);
	struct text text = {};
	int r;

	if (at_us) {
		text_str(&text, "# ");
		text_time(&text, at_us);
		text_char(&text, '\n');
	}
	r = summary_render(s->c->host, &text, &s->c->notes);
	if (r >= 0 && text.failed)
		r = -ENOMEM;
	if (r >= 0)
		out_write(out, text.p, text.len);
	text_done(&text);
	return r < 0 ? r : out->error;
}

static int open_format(struct counting *s, struct out *out)
{
	return request_has(&s->c->q, FEATURE_FORMAT) ? output_open_format(s->c, false, out, &s->to) : 0;
}

static int put_one(struct counting *s, struct out *out)
{
	return s->to ? summary_put(s->c->host, time_of(s->c), s->to, &s->c->notes) : put_text(s, out);
}

/* Ends the answer, of which @r came. */
static int end(struct counting *s, int r)
{
	const struct notes all = notes_of_end(&s->c->notes, r);
	int of_end = s->to ? s->to->ops->end(s->to, &all) : 0;

	s->to = tabular_free(s->to);
	return r < 0 ? r : of_end;
}

static int answer(void *ctx, struct out *out, struct err *)
{
	struct counting *s = ctx;
	int r = open_format(s, out);

	return end(s, r < 0 ? r : put_one(s, out));
}

static int sample(void *ctx, struct err *)
{
	struct counting *s = ctx;
	int r = put_one(s, s->out);

	if (r >= 0 && s->to)
		r = s->to->ops->flush(s->to);
	return r < 0 ? r : out_flush(s->out);
}

static int count_again(struct counting *s, struct err *e)
{
	static const struct every_ops ops = { .sample = sample, .answer = answer };
	enum every_form form = every_form(s->c);
	int r = every_check(s->c, form, e);

	if (r < 0 || form != EVERY_STREAM)
		return r < 0 ? r : every_run(s->c, form, &ops, s, e);
	r = open_format(s, s->out);
	return end(s, r < 0 ? r : every_run(s->c, form, &ops, s, e));
}

static int count_sockets(struct cli *c)
{
	struct counting s = { .c = c };
	struct err e = {};
	struct out out;
	int r = out_init(&out, STDOUT_FILENO), written;

	if (r < 0)
		return tell_output(c, r);
	s.out = &out;
	r = c->q.every_us ? count_again(&s, &e) : answer(&s, &out, &e);
	written = out_done(&out);
	if (r == -EINVAL)
		return tell_failure(c, EXIT_USAGE, &e);
	return tell_output(c, r < 0 ? r : written);
}

int mode_summary(struct cli *c, const struct sv *words, size_t n_words)
{
	bool is_about_sockets = n_words || c->q.filter_file || c->q.select.tables || c->q.select.families;
	struct err e;
	int status;

	if (request_has(&c->q, FEATURE_TOTALS) && n_words) {
		(void)err_say(
			&e, 0,
			"-s as records, or with a time, takes no filter: the kernel counts all sockets; to "
			"count some, use --by=netid,state without -s");
		return tell_usage(c, &e);
	}
	status = count_sockets(c);
	return status || !is_about_sockets || request_has(&c->q, FEATURE_TOTALS)
		       ? status
		       : mode_list(c, words, n_words);
}
