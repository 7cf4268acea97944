/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/watch.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/features.h"
#include "cli/interrupt.h"
#include "cli/tell.h"
#include "run/wake.h"

/* Announcements that come all the time do not make it ask all the time: it rests so many times as long. */
enum { FIRST_PAUSE_US = 10000, LAST_PAUSE_US = 1000000, REST = 10, PROGRAM_FROM_US = 100000 };

struct watch {
	struct cli *c;
	const struct watch_ops *ops;
	void *ctx;
	struct out out;    /* the last answer */
	struct wake *wake; /* NULL: nothing is announced */
	int64_t took_us;   /* for the last answer */
	bool has_wake;     /* .wake is what can be had */
	bool is_there;
};

static int ask(struct watch *w, struct err *e)
{
	int64_t start = clock_monotonic_us();
	int r;

	out_clear(&w->out);
	notes_clear(&w->c->notes);
	r = w->ops->ask(w->ctx, &w->out, &w->is_there, e);
	w->took_us = clock_monotonic_us() - start;
	return r;
}

/* Waits until it is time to ask again, @pause_us from now at the latest. Returns 0 or a negative errno. */
static int rest(struct watch *w, int64_t pause_us)
{
	int64_t now = clock_monotonic_us(), last = now + pause_us, first = now + REST * w->took_us;
	int fd = w->c->q.watch == WATCH_WAIT ? STDOUT_FILENO : -1, r;

	if (first < now + FIRST_PAUSE_US)
		first = now + FIRST_PAUSE_US;
	do
		r = interrupt_wait(last, fd, wake_fd(w->wake));
	while (r == -EAGAIN);
	if (r <= 0)
		return r;
	wake_clear(w->wake);
	do
		r = interrupt_wait(first < last ? first : last, fd, -1);
	while (r == -EAGAIN);
	return r;
}

/*
 * Has the kernel tell when it is worth asking again, where it can; else it is asked in time. Ends are
 * announced from the beginning; a program that tells all changes is worth its loading only when it was asked
 * in vain for some time.
 */
static void have_woken(struct watch *w, int64_t pause_us)
{
	const struct request *q = &w->c->q;

	if (w->has_wake || !w->ops->told || (q->watch != WATCH_GONE && pause_us < PROGRAM_FROM_US))
		return;
	w->has_wake = true;
	if (q->watch == WATCH_GONE)
		(void)wake_at_end(w->ops->told, &w->wake);
	else if (q->source != SOURCE_NETLINK)
		(void)wake_at_change(w->ops->told, w->c->host, &w->wake);
}

/* How long until the next question, with @left_us of the time that was given. */
static int64_t pause_us(int64_t last, int64_t left)
{
	int64_t next = last ? last + last / 2 : FIRST_PAUSE_US;

	if (next > LAST_PAUSE_US)
		next = LAST_PAUSE_US;
	return next < left ? next : left;
}

static enum watch_verdict judge(const struct watch *w, bool wants)
{
	bool is_whole = notes_is_whole(&w->c->notes);

	if (!w->is_there && !is_whole)
		return WATCH_UNSEEN;
	return w->is_there == wants ? WATCH_YES : WATCH_NO;
}

/* Asks until it is as wanted; WATCH_UNSEEN where nothing is there as far as can be seen. */
static int ask_until(struct watch *w, enum watch_verdict *ret, struct err *e)
{
	const struct request *q = &w->c->q;
	int64_t end = q->watch_us ? clock_monotonic_us() + (int64_t)q->watch_us : INT64_MAX, pause = 0, left;
	bool wants = q->watch != WATCH_GONE;
	int r;

	for (;;) {
		have_woken(w, pause);
		r = ask(w, e);
		if (r < 0)
			return r;
		*ret = judge(w, wants);
		left = end - clock_monotonic_us();
		if (*ret == WATCH_YES || (*ret == WATCH_UNSEEN && !wants) || q->watch == WATCH_EXISTS ||
		    left <= 0)
			return 0;
		pause = pause_us(pause, left);
		r = rest(w, pause);
		if (r < 0)
			return r == -EINTR ? 0 : r;
	}
}

static int write_answer(const struct out *answer)
{
	struct out out;
	int r = out_init(&out, STDOUT_FILENO);

	if (r < 0)
		return r;
	out_write(&out, answer->buf, answer->len);
	return out_done(&out);
}

int watch_run(struct cli *c, const struct watch_ops *ops, void *ctx, enum watch_verdict *ret, struct err *e)
{
	struct watch w = { .c = c, .ops = ops, .ctx = ctx };
	int r = out_init_memory(&w.out);

	if (r < 0)
		return r;
	interrupt_catch();
	r = ask_until(&w, ret, e);
	if (r >= 0 && *ret == WATCH_YES) {
		if (c->q.watch == WATCH_WAIT)
			r = w.out.error ? w.out.error : write_answer(&w.out);
		notes_clear(&c->notes); /* one is enough, whatever else could not be seen */
	}
	(void)wake_free(w.wake);
	(void)out_done(&w.out);
	return r;
}
