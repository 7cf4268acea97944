/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --live: a screen that is looked at, and answers. This thread waits for keys and draws; what takes time is
 * done by others (cli/live_worker.h).
 */

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/live_plain.h"
#include "cli/live_start.h"
#include "cli/live_worker.h"
#include "cli/modes.h"
#include "cli/past.h"
#include "cli/tell.h"
#include "live/screen.h"
#include "live/view.h"

enum { EVENTS_MAX = 64 /* that come at once are drawn once */, LONG_US = 60000000 };

struct live {
	struct cli *c;
	struct live_start start;
	struct lister_opts lo;
	struct live_model m;
	struct live_worker *worker;
	struct live_screen *screen;
	struct view *view;
	struct live_grid grid;
	struct lister *lister;
	uint32_t turn; /* of the request that was sent */
	sigset_t mask; /* of signals while it waits */
	char past_note[64];
	int wake;
	bool is_over, is_old; /* what is on the screen is */
};

/* The columns of the rows in view. */
static int make_lister(struct live *l, struct err *e)
{
	struct lister *made;
	int r;

	l->lo.columns = l->m.ask.columns;
	r = lister_new(&l->lo, &made, e);
	if (r < 0)
		return r;
	(void)lister_free(l->lister);
	l->lister = l->m.lister = made;
	return 0;
}

static int send_ask(struct live *l)
{
	struct err e = {};
	int r;

	if (l->turn == l->m.ask.turn)
		return 0;
	l->turn = l->m.ask.turn;
	r = make_lister(l, &e);
	if (r < 0)
		live_model_error(&l->m, sv(e.text));
	return live_worker_ask(l->worker, &l->m.ask);
}

/* How far back it goes, and where that is coarser than samples are taken. */
static void note_past(struct live *l, const struct live_news *news)
{
	int64_t step = news->past_step_us, every = (int64_t)l->m.ask.every_us;

	l->m.n_past = news->n_past;
	l->past_note[0] = '\0';
	if (news->past_us || step > 2 * every)
		(void)snprintf(l->past_note, sizeof(l->past_note), "%lld s back, %s%lld s apart",
			       (long long)news->past_span_us / 1000000, step > 2 * every ? "up to " : "",
			       (long long)(step + 500000) / 1000000);
	l->m.past_note = l->past_note[0] ? l->past_note : NULL;
}

static void take_news(struct live *l)
{
	struct live_news news;
	eventfd_t n;

	(void)eventfd_read(l->wake, &n);
	live_worker_take(l->worker, &news);
	l->m.cost_us = news.cost_us;
	l->m.past_us = news.past_us;
	if (!l->c->past)
		note_past(l, &news);
	if (news.board)
		live_model_board(&l->m, news.board);
	if (news.has_error)
		live_model_error(&l->m, sv_n(news.error.p, news.error.len));
	if (news.has_count)
		live_model_count(&l->m, news.count);
	if (news.has_account)
		live_model_account(&l->m, sv_n(news.account.p, news.account.len));
	text_done(&news.error);
	text_done(&news.account);
	l->m.counters = news.counters;
	live_model_notes(&l->m, sv_n(news.notes.p, news.notes.len), news.is_whole);
	text_done(&news.notes);
	l->is_old = true;
}

static void copy_command(struct live *l)
{
	struct text t = {}, safe = {};
	int r;

	live_model_command(&l->m, &t);
	utf8_put_safe(&safe, sv_n(t.p, t.len), "");
	r = t.failed || safe.failed ? -ENOMEM : live_screen_copy(l->screen, sv_n(safe.p, safe.len));
	text_done(&t);
	text_done(&safe);
	text_str(&l->m.message, r < 0 ? "The command is printed when you leave."
				      : "The command is in the clipboard, and is printed when you leave.");
}

static void destroy(struct live *l, bool is_meant)
{
	struct text t = {};

	live_model_filter(&l->m, l->m.kill_is_one, &t);
	text_char(&t, '\0');
	if (t.failed || live_worker_kill(l->worker, t.p, is_meant) < 0)
		live_model_error(&l->m, sv("out of memory"));
	text_done(&t);
}

static void act(struct live *l, enum live_deed deed)
{
	switch (deed) {
	case DEED_QUIT: l->is_over = true; break;
	case DEED_COPY: copy_command(l); break;
	case DEED_REWIND: live_worker_step(l->worker, &l->m.step); break;
	case DEED_KILL:
	case DEED_KILL_COUNT: destroy(l, deed == DEED_KILL); break;
	default: break;
	}
}

static void take_event(struct live *l, const struct live_event *ev)
{
	int64_t now = clock_monotonic_us();

	switch (ev->kind) {
	case LIVE_NOTHING: break;
	case LIVE_WOKEN: take_news(l); break;
	case LIVE_SIGNAL: l->is_over = interrupt_came; break;
	case LIVE_GONE: l->is_over = true; break;
	case LIVE_RESIZE:
	case LIVE_READY: l->is_old = true; break;
	default:
		act(l, live_model_event(&l->m, ev, now));
		live_worker_hold(l->worker, now + LIVE_HELD_US);
		l->is_old = true;
		break;
	}
}

static int draw(struct live *l)
{
	unsigned int width, height;
	int r;

	live_screen_size(l->screen, &width, &height);
	r = live_grid_clear(&l->grid, width, height);
	if (r < 0)
		return r;
	r = view_draw(l->view, &l->m, clock_monotonic_us(), &l->grid);
	if (r < 0)
		return r;
	r = live_screen_draw(l->screen, &l->grid);
	if (r < 0)
		return r;
	l->is_old = r > 0;
	live_worker_shown(l->worker, r == 0);
	return 0;
}

static int loop(struct live *l)
{
	int r = 0;

	l->is_old = true;
	while (!l->is_over && r >= 0) {
		int64_t until = clock_monotonic_us() + LONG_US;
		bool has_more = true;

		if (l->is_old)
			r = draw(l);
		for (size_t i = 0; i < EVENTS_MAX && has_more && r >= 0 && !l->is_over; i++) {
			struct live_event ev;

			r = live_screen_wait(l->screen, until, &ev);
			has_more = r >= 0 && ev.kind != LIVE_NOTHING;
			if (has_more)
				take_event(l, &ev);
			until = 0;
		}
		if (r >= 0)
			r = send_ask(l);
	}
	return r;
}

static int open_screen(struct live *l, struct err *e)
{
	static const enum live_colour colours[] = { [COLOR_AUTO] = LIVE_COLOUR_AUTO,
						    [COLOR_ALWAYS] = LIVE_COLOUR_ALWAYS,
						    [COLOR_NEVER] = LIVE_COLOUR_NEVER };
	const struct live_screen_opts so = { .colour = colours[l->c->q.color],
					     .wake = l->wake,
					     .mask = &l->mask };
	int r;

	interrupt_catch();
	interrupt_hold(&l->mask);
	r = live_screen_open(&so, &l->screen, e);
	if (r >= 0)
		l->m.about.is_utf8 = live_screen_is_utf8(l->screen);
	return r;
}

/* What makes no sense is told before the screen is there. */
static int check(const struct live *l, const struct chosen *chosen, struct err *e)
{
	const struct arranged_by by = { .sort = l->m.ask.sort,
					.by = l->m.ask.by,
					.having = l->c->q.tabulate.having,
					.select = chosen->sel };
	_cleanup_(arranger_freep) struct arranger *a = arranger_new();

	return a ? arranger_order(a, &by, e) : -ENOMEM;
}

static int run(struct live *l, const struct chosen *chosen, struct err *e)
{
	struct live_worker_opts wo = { .c = l->c, .chosen = chosen };
	int r;

	l->lo = (struct lister_opts){ .show = l->c->q.show,
				      .is_everywhere = l->c->q.want_all_netns,
				      .select = chosen->sel };
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake < 0)
		return -errno;
	r = live_model_init(&l->m, &l->start.about, &l->start.ask);
	l->m.n_past = l->c->past ? past_n(l->c->past) : 0;
	l->view = view_new();
	if (r >= 0 && !l->view)
		r = -ENOMEM;
	if (r >= 0)
		r = make_lister(l, e);
	if (r >= 0)
		r = check(l, chosen, e);
	if (r >= 0)
		r = open_screen(l, e);
	if (r < 0)
		return r;
	wo.lister = l->lo;
	wo.wake = l->wake;
	l->turn = l->m.ask.turn;
	r = live_worker_start(&wo, &l->m.ask, &l->worker, e);
	return r < 0 ? r : loop(l);
}

/* What is said when the screen is left. */
static void say_goodbye(struct live *l)
{
	struct text t = {}, safe = {};

	live_model_command(&l->m, &t);
	utf8_put_safe(&safe, sv_n(t.p, t.len), ""); /* names of processes may be part of it */
	text_char(&safe, '\n');
	if (!t.failed && !safe.failed)
		(void)!write(STDERR_FILENO, safe.p, safe.len);
	text_done(&t);
	text_done(&safe);
}

static void done(struct live *l)
{
	if (l->screen)
		(void)live_screen_free(l->screen);
	(void)live_worker_free(l->worker);
	(void)view_free(l->view);
	live_grid_done(&l->grid);
	live_model_done(&l->m);
	(void)lister_free(l->lister);
	live_start_done(&l->start);
	if (l->wake >= 0)
		(void)close(l->wake);
}

/* Returns the exit status. */
static int look(struct cli *c, const struct sv *words, size_t n_words, const struct chosen *chosen)
{
	struct live l = { .c = c, .wake = -1 };
	struct err e = {};
	bool was_open;
	int r = live_start_read(c, words, n_words, chosen, &l.start);

	if (r >= 0 && c->q.want_all_netns)
		listing_allow_many_files();
	if (r >= 0)
		r = run(&l, chosen, &e);
	was_open = l.screen;
	if (was_open)
		l.screen = live_screen_free(l.screen);
	if (was_open && r >= 0)
		say_goodbye(&l);
	done(&l);
	if (r == -EINVAL || r == -E2BIG || r == -ENOTTY)
		return tell_failure(c, EXIT_USAGE, &e);
	if (r == -ENOSYS)
		return tell_failure(c, EXIT_FAILED, &e);
	return r < 0 && e.text[0] ? tell_failure(c, EXIT_FAILED, &e) : tell_output(c, r);
}

int mode_live(struct cli *c, const struct sv *words, size_t n_words)
{
	struct chosen x;
	int status;

	if (chosen_read(c, words, n_words, false, &x, &status)) {
		chosen_settle(c, &x);
		status = c->q.is_live_plain ? live_plain(c, words, n_words, &x) : look(c, words, n_words, &x);
	}
	chosen_done(&x);
	return status;
}
