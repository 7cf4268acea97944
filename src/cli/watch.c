/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/watch.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/features.h"
#include "cli/interrupt.h"
#include "cli/tell.h"

enum { FIRST_PAUSE_US = 10000, LAST_PAUSE_US = 1000000 };

struct watch {
	struct cli *c;
	const struct watch_ops *ops;
	void *ctx;
	struct out out; /* the last answer */
	bool is_there;
};

static int ask(struct watch *w, struct err *e)
{
	out_clear(&w->out);
	notes_clear(&w->c->notes);
	return w->ops->ask(w->ctx, &w->out, &w->is_there, e);
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
		r = ask(w, e);
		if (r < 0)
			return r;
		*ret = judge(w, wants);
		left = end - clock_monotonic_us();
		if (*ret == WATCH_YES || (*ret == WATCH_UNSEEN && !wants) || q->watch == WATCH_EXISTS ||
		    left <= 0)
			return 0;
		pause = pause_us(pause, left);
		do
			r = interrupt_wait(clock_monotonic_us() + pause,
					   q->watch == WATCH_WAIT ? STDOUT_FILENO : -1);
		while (r == -EAGAIN);
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
	(void)out_done(&w.out);
	return r;
}
