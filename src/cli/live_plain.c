/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/live_plain.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/every.h"
#include "cli/listing.h"
#include "cli/live_start.h"
#include "cli/tell.h"
#include "live/lister.h"
#include "model/value.h"
#include "run/session.h"

enum { ROWS = 10 /* that are told each time */ };

struct plain {
	struct cli *c;
	struct live_start start;
	struct plan_opts opts;
	struct plan *plan;
	struct session *session;
	struct arranger *arranger;
	struct lister *lister;
	struct sample_row opened;
};

static void put_value(struct text *t, const struct column *columns, const struct cell *cells, size_t i)
{
	size_t at = t->len;

	text_printf(t, "%s ", columns[i].pair ? columns[i].pair : columns[i].name);
	layout_put_value(t, columns, cells, i);
	if (!t->failed && t->p[t->len - 1] == ' ')
		t->len = at; /* it has none */
	else
		text_str(t, ", ");
}

static const char *word_of(const struct board_row *row)
{
	return row->mark == MARK_NEW ? "new, " : row->mark == MARK_GONE ? "gone, " : "";
}

static int put_row(struct plain *p, const struct board *b, size_t i, struct text *t)
{
	const struct board_row *row = &b->v[i];
	const struct column *columns = b->columns;
	const struct cell *cells = row->cells;
	size_t n = b->n_columns;

	if (!cells) {
		const struct row *socket =
			sample_open(row->mark == MARK_GONE ? b->gone : b->sample, row->index, &p->opened);

		columns = lister_columns(p->lister, &n);
		cells = socket ? lister_read(p->lister, socket) : NULL;
	}
	if (!cells)
		return -ENOMEM;
	text_printf(t, "%zu: %s", i + 1, word_of(row));
	for (size_t k = 0; k < n; k += columns[k].pair ? 2 : 1)
		put_value(t, columns, cells, k);
	if (!t->failed && t->len > 1 && t->p[t->len - 2] == ',')
		t->len -= 2;
	text_char(t, '\n');
	return 0;
}

static void put_bytes(struct text *t, const char *what, double v)
{
	struct column c = { .name = "", .field = F_MAX, .type = T_BYTES_S };
	struct val val = { .kind = VAL_UINT, .u = isnan(v) ? 0 : (uint64_t)v };

	if (isnan(v))
		return;
	text_printf(t, ", %s ", what);
	value_put_human(t, &c, &val);
}

static void put_totals(const struct board *b, uint64_t at_us, struct text *t)
{
	const struct board_totals *all = &b->totals;

	if (at_us) {
		text_time(t, at_us);
		text_str(t, ": ");
	}
	text_printf(t, "%zu sockets", all->n);
	if (all->n_state[K_TCP_ESTABLISHED])
		text_printf(t, ", %zu established", all->n_state[K_TCP_ESTABLISHED]);
	if (all->n_state[K_TCP_LISTEN])
		text_printf(t, ", %zu listening", all->n_state[K_TCP_LISTEN]);
	text_printf(t, ", %zu new, %zu gone", all->n_new, all->n_gone);
	put_bytes(t, "sent", all->sent);
	put_bytes(t, "received", all->received);
	if (b->columns)
		text_printf(t, ", %zu groups of %zu", b->n, b->n_sockets);
	else
		text_printf(t, ", %zu shown", b->n_sockets);
	if (b->n > ROWS)
		text_printf(t, "; the first %d", ROWS);
	text_str(t, ".\n");
}

static int report(struct plain *p, const struct board *b)
{
	struct text t = {};
	int r = 0;

	put_totals(b, sample_at_us(b->sample), &t);
	for (size_t i = 0; i < b->n && i < ROWS && r == 0; i++)
		r = put_row(p, b, i, &t);
	if (r == 0)
		r = tell_answer(&t);
	text_done(&t);
	return r;
}

static int sample_once(void *ctx, struct err *e)
{
	struct plain *p = ctx;
	struct cli *c = p->c;
	_cleanup_(sample_unrefp) struct sample *s = sample_new();
	_cleanup_(board_unrefp) struct board *b = NULL;
	uint64_t monotonic = host_monotonic_us(c->host);
	struct sampling to;
	int r;

	if (!s)
		return -ENOMEM;
	sampling_init(&to);
	to.to = s;
	r = session_run(p->session, p->plan, &to.sink, &c->notes, e);
	if (r < 0)
		return r;
	sample_set_time(s, monotonic ? (int64_t)monotonic : clock_monotonic_us(), host_now_us(c->host));
	r = arranger_take(p->arranger, s, false);
	if (r == 0)
		r = arranger_make(p->arranger, false, &b);
	return b ? report(p, b) : r;
}

static int prepare(struct plain *p, const struct chosen *chosen, struct err *e)
{
	struct cli *c = p->c;
	const struct session_opts so = { .source = c->q.source,
					 .is_everywhere = c->q.want_all_netns,
					 .want_threads = c->q.show & SHOW_THREAD,
					 .is_kernel_only = c->q.source == SOURCE_NETLINK };
	const struct arranged_by by = { .sort = p->start.ask.sort,
					.by = p->start.ask.by,
					.having = c->q.tabulate.having,
					.select = chosen->sel };
	const struct lister_opts lo = { .columns = p->start.ask.columns,
					.show = c->q.show,
					.is_everywhere = c->q.want_all_netns,
					.select = chosen->sel };
	int r;

	p->arranger = arranger_new();
	if (!p->arranger)
		return -ENOMEM;
	r = arranger_order(p->arranger, &by, e);
	if (r >= 0)
		r = lister_new(&lo, &p->lister, e);
	if (r < 0)
		return r;
	listing_plan(c, chosen, &p->opts);
	arranger_needs(p->arranger, &p->opts.fields);
	lister_needs(p->lister, &p->opts.fields);
	r = plan_new(&p->opts, &p->plan);
	return r < 0 ? r : session_new(c->host, &so, &p->session);
}

static void done(struct plain *p)
{
	(void)session_free(p->session);
	(void)plan_free(p->plan);
	(void)lister_free(p->lister);
	(void)arranger_free(p->arranger);
	sample_row_done(&p->opened);
	live_start_done(&p->start);
}

int live_plain(struct cli *c, const struct sv *words, size_t n_words, const struct chosen *chosen)
{
	static const struct every_ops ops = { .sample = sample_once };
	struct plain p = { .c = c };
	struct err e = {};
	int r = live_start_read(c, words, n_words, chosen, &p.start);

	if (c->q.want_all_netns)
		listing_allow_many_files();
	if (r >= 0)
		r = prepare(&p, chosen, &e);
	if (r >= 0 && !c->q.every_us)
		c->q.every_us = p.start.ask.every_us ? p.start.ask.every_us : 1;
	if (r >= 0)
		r = every_run(c, EVERY_STREAM, &ops, &p, &e);
	done(&p);
	if (r == -EINVAL || r == -E2BIG)
		return tell_failure(c, EXIT_USAGE, &e);
	return r < 0 && e.text[0] ? tell_failure(c, EXIT_FAILED, &e) : tell_output(c, r);
}
