/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --metrics: a page for Prometheus about this machine, or a recording, once; or one for each who asks.
 */

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "cli/examined.h"
#include "cli/interrupt.h"
#include "cli/modes.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "cli/ticker.h"
#include "metrics/confine.h"
#include "metrics/server.h"

enum { NOTES_MAX = 64 * 1024 }; /* bytes of notes that are remembered, so that each is told once */

struct measuring {
	struct cli *c;
	struct chosen chosen;
	struct examined how;
	struct gather *gather;
};

static int start(struct measuring *m, struct err *e)
{
	const struct tabulate_opts *t = &m->c->q.tabulate;
	struct gather_opts o = { .known = &m->how.known, .by = t->by };

	if (t->has_limit && (t->limit < GATHER_CAP_MIN || t->limit > GATHER_CAP_MAX))
		return err_say(e, -EINVAL, "--limit: a page of --metrics has from %d to %d series",
			       GATHER_CAP_MIN, GATHER_CAP_MAX);
	o.cap = t->has_limit ? (size_t)t->limit : 0;
	examined_plan(&m->how, m->c, &m->chosen);
	o.doctor = m->how.o;
	return gather_new(&o, &m->gather, e);
}

static int put_once(struct measuring *m, struct text *ret, struct err *e)
{
	struct cli *c = m->c;
	const struct format *format = c->q.tabulate.format ? format_find(sv(c->q.tabulate.format)) : NULL;
	enum page_form form = format && format->page == FORMAT_PAGE_TEXT ? PAGE_TEXT : PAGE_OPENMETRICS;
	struct page page = {};
	int r;

	if (c->past)
		past_check(c, &m->chosen.sel, m->chosen.filter);
	ticker_begin();
	r = gather_page(m->gather, &page, &c->notes, e);
	ticker_end();
	if (r >= 0)
		page_put(&page, form, ret);
	page_done(&page);
	return r;
}

static void tell_page(void *ctx, const struct notes *notes, const struct err *e)
{
	struct cli *c = ctx;

	if (c->notes.text.len > NOTES_MAX)
		notes_clear(&c->notes);
	notes_join(notes, &c->notes);
	if (e)
		notes_add(&c->notes, NOTE_ERROR, "%s", e->text);
	(void)tell_notes(&c->notes, c->prog);
}

/* What is given up must be so before somebody connects, and after what takes more. */
static int serve_at(struct measuring *m, const struct endpoint *at, struct err *e)
{
	struct cli *c = m->c;
	const struct confine_opts confined = { .enters_places = c->q.want_all_netns, .has_path = at->path };
	sigset_t mask;
	const struct server_opts o = { .gather = m->gather,
				       .at = at,
				       .over = &interrupt_came,
				       .mask = &mask,
				       .tell = tell_page,
				       .ctx = c };
	_cleanup_(server_freep) struct server *server = NULL;
	struct err why;
	int r = server_new(&o, &server, e);

	if (r < 0)
		return r;
	interrupt_catch();
	interrupt_hold(&mask);
	if (confine(&confined, &why) < 0)
		notes_add(&c->notes, NOTE_WARNING, "%s", why.text);
	(void)tell_notes(&c->notes, c->prog);
	return server_run(server, e);
}

static int serve(struct measuring *m)
{
	struct cli *c = m->c;
	struct endpoint at;
	struct err e = {};
	int r = endpoint_open(&at, c->q.metrics, environ_sockets(), &e);

	if (r >= 0) {
		r = start(m, &e);
		if (r >= 0)
			r = serve_at(m, &at, &e);
		endpoint_done(&at);
	}
	if (r >= 0)
		return 0;
	return tell_failure(c, r == -EINVAL || r == -E2BIG || r == -EBADMSG ? EXIT_USAGE : EXIT_FAILED, &e);
}

static int measure(struct measuring *m)
{
	struct cli *c = m->c;
	struct text page = {};
	struct err e = {};
	int r = start(m, &e);

	if (r >= 0)
		r = put_once(m, &page, &e);
	if (r >= 0)
		return tell_text(c, &page);
	text_done(&page);
	if (r == -EINVAL || r == -E2BIG || r == -EBADMSG)
		return tell_failure(c, EXIT_USAGE, &e);
	return tell_failure(c, EXIT_FAILED, &e);
}

int mode_metrics(struct cli *c, const struct sv *words, size_t n_words)
{
	struct measuring m = { .c = c };
	struct err e;
	int status = 0, r = examined_read(&m.how, &c->q, &e);

	if (r < 0) {
		status = tell_failure(c, r == -EINVAL ? EXIT_USAGE : EXIT_FAILED, &e);
	} else {
		examined_select(c);
		if (chosen_read(c, words, n_words, false, &m.chosen, &status)) {
			chosen_settle(c, &m.chosen);
			status = c->q.metrics ? serve(&m) : measure(&m);
		}
		chosen_done(&m.chosen);
	}
	(void)gather_free(m.gather);
	examined_done(&m.how);
	return status;
}
