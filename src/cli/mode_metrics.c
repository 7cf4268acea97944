/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --metrics: a page for Prometheus about this machine, or a recording, once; or one for each who asks.
 */

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/examined.h"
#include "cli/modes.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "cli/ticker.h"
#include "metrics/gather.h"

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
			status = measure(&m);
		}
		chosen_done(&m.chosen);
	}
	(void)gather_free(m.gather);
	examined_done(&m.how);
	return status;
}
