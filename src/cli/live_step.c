/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/live_step.h"

#include <errno.h>

#include "base/clock.h"
#include "cli/past.h"
#include "cli/tell.h"

int live_sample(struct live_taking *t, struct sample **ret, struct err *e)
{
	struct cli *c = t->c;
	_cleanup_(sample_unrefp) struct sample *sample = sample_new();
	uint64_t monotonic_us = c->past ? host_monotonic_us(c->host) : 0;
	struct proc_counter_errors unread; /* those are absent */
	struct notes notes = {};
	struct sampling to;
	int r;

	if (!sample)
		return -ENOMEM;
	sampling_init(&to);
	to.to = sample;
	t->counters = proc_counters_none();
	if (c->host->ops->counters)
		c->host->ops->counters(c->host, &t->counters, &unread);
	session_tell_time(t->s, host_now_us(c->host));
	r = session_run(t->s, t->plan, &to.sink, &notes, e);
	t->notes->len = 0;
	tell_put_notes(&notes, "ss", t->notes);
	t->is_whole = notes_is_whole(&notes);
	notes_done(&notes);
	sample_set_time(sample, monotonic_us ? (int64_t)monotonic_us : clock_monotonic_us(),
			host_now_us(c->host));
	if (r >= 0)
		*ret = take_ptr(sample);
	return r;
}

/* On until sockets come or go; to the end where they do not. */
static int next_change(struct live_taking *t, struct sample **ret, struct err *e)
{
	struct cli *c = t->c;
	_cleanup_(sample_unrefp) struct sample *before = NULL;
	int r = live_sample(t, &before, e);

	while (r >= 0 && past_at(c->past) + 1 < past_n(c->past)) {
		_cleanup_(sample_unrefp) struct sample *now = NULL;

		r = past_go(c, past_at(c->past) + 1, e);
		if (r >= 0)
			r = live_sample(t, &now, e);
		if (r < 0)
			return r;
		if (!sample_has_same(before, now)) {
			*ret = take_ptr(now);
			return 0;
		}
	}
	*ret = take_ptr(before);
	return r;
}

int live_step(struct live_taking *t, const struct live_step *step, struct sample **ret, struct err *e)
{
	struct cli *c = t->c;
	size_t n = past_n(c->past), at = past_at(c->past), to = at;
	uint64_t now_us = host_now_us(c->host);
	int r = 0;

	if (step->is_change)
		return next_change(t, ret, e);
	if (step->is_now)
		to = n - 1;
	else if (step->us)
		to = past_find(c->past, now_us + (uint64_t)step->us);
	else if (step->samples < 0)
		to = at ? at - 1 : 0;
	else if (at + 1 < n)
		to = at + 1;
	if (to != at)
		r = past_go(c, to, e);
	return r < 0 ? r : live_sample(t, ret, e);
}
