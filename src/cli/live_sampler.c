/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "cli/live_step.h"
#include "cli/live_worker_impl.h"

/* An absolute time of CLOCK_MONOTONIC. */
static struct timespec at_time(int64_t us)
{
	return (struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
}

/* Waits for the next moment, or another job. Under the lock. */
static void wait_until(struct live_worker *w, int64_t start_us, uint64_t cost_us)
{
	while (!w->is_over && !w->job && !(w->o.c->past && w->has_step)) {
		/* What takes most of an interval gets a longer one. */
		int64_t next = start_us + (int64_t)(w->every_us > 2 * cost_us ? w->every_us : 2 * cost_us);
		struct timespec ts = at_time(next);

		if (w->o.c->past || w->is_unshown || w->board || w->sample)
			(void)pthread_cond_wait(&w->changed, &w->lock);
		else if (pthread_cond_clockwait(&w->changed, &w->lock, CLOCK_MONOTONIC, &ts) == ETIMEDOUT)
			return;
	}
}

/* Under the lock. */
static void hand_over(struct live_worker *w, struct sample *sample, bool is_other)
{
	(void)sample_unref(w->sample);
	w->sample_is_other = is_other || (w->sample && w->sample_is_other);
	w->sample = sample;
	w->past_us = w->o.c->past ? sample_at_us(sample) : 0;
	(void)pthread_cond_broadcast(&w->changed);
}

/* Has the next job be the one that is done, where there is one. Under the lock. */
static void take_job(struct live_worker *w, struct live_job **job, struct plan **plan, bool *ret_is_other)
{
	*ret_is_other = false;
	if (!w->job)
		return;
	*ret_is_other = !*job || strcmp((*job)->filter_text, w->job->filter_text) != 0;
	*plan = plan_free(*plan);
	(void)live_job_free(*job);
	*job = w->job;
	w->job = NULL;
}

/* What was taken, or why it was not. Under the lock. */
static void tell_sample(struct live_worker *w, const struct live_taking *t)
{
	w->is_whole = t->is_whole;
	w->counters = t->counters;
	w->notes.len = 0;
	text_sv(&w->notes, sv_n(t->notes->p, t->notes->len));
}

static int take_one(struct live_worker *w, struct live_taking *t, const struct live_step *step,
		    struct sample **ret, struct err *e)
{
	bool is_past = w->o.c->past;
	int r;

	if (is_past)
		(void)pthread_mutex_lock(&w->asking);
	r = step ? live_step(t, step, ret, e) : live_sample(t, ret, e);
	if (is_past)
		(void)pthread_mutex_unlock(&w->asking);
	return r;
}

static void sample_again_and_again(struct live_worker *w, struct session *s)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_(live_job_freep) struct live_job *job = NULL;
	_cleanup_(text_done) struct text notes = {};
	struct live_taking taking = { .c = w->o.c, .s = s, .notes = &notes };

	(void)pthread_mutex_lock(&w->lock);
	while (!w->is_over) {
		struct sample *sample = NULL;
		struct live_step step = w->step;
		struct err e = {};
		bool is_other, has_step = w->o.c->past && w->has_step;
		int64_t start;
		int r = 0;

		w->has_step &= !w->o.c->past;
		take_job(w, &job, &plan, &is_other);
		if (!job) {
			(void)pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&w->lock);
		start = clock_monotonic_us();
		if (!plan)
			r = plan_new(&job->opts, &plan);
		taking.plan = plan;
		if (r >= 0)
			r = take_one(w, &taking, has_step ? &step : NULL, &sample, &e);
		(void)pthread_mutex_lock(&w->lock);
		w->cost_us = (uint64_t)(clock_monotonic_us() - start);
		tell_sample(w, &taking);
		if (r >= 0)
			hand_over(w, sample, is_other || (has_step && step.samples != 1));
		else
			live_worker_fail(w, r, &e);
		wait_until(w, start, w->cost_us);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void *live_sampler(void *worker)
{
	struct live_worker *w = worker;
	struct cli *c = w->o.c;
	const struct session_opts so = { .source = c->q.source,
					 .is_everywhere = c->q.want_all_netns,
					 .want_threads = c->q.show & SHOW_THREAD,
					 .is_kernel_only = c->q.source == SOURCE_NETLINK };
	_cleanup_(session_freep) struct session *s = NULL;

	if (session_new(c->host, &so, &s) >= 0)
		sample_again_and_again(w, s);
	return NULL;
}
