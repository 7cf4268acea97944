/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "base/thread.h"
#include "cli/listing.h"
#include "cli/live_worker_impl.h"

struct live_worker *live_worker_free(struct live_worker *w)
{
	if (!w)
		return NULL;
	(void)pthread_mutex_lock(&w->lock);
	w->is_over = true;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	if (w->has_arranger)
		(void)pthread_join(w->arranger, NULL);
	if (w->has_sampler)
		(void)pthread_join(w->sampler, NULL);
	live_ask_done(&w->ask);
	(void)live_job_free(w->job);
	(void)sample_unref(w->sample);
	(void)board_unref(w->board);
	text_done(&w->error);
	text_done(&w->notes);
	text_done(&w->account);
	free(w->kill);
	free(w->planned_filter);
	(void)arranger_free(w->arrange);
	(void)host_free(w->names);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_mutex_destroy(&w->asking);
	(void)pthread_cond_destroy(&w->changed);
	free(w);
	return NULL;
}

/* A machine of its own to look names up. */
static int open_names(struct live_worker *w, struct err *e)
{
	struct cli *c = w->o.c;
	int r;

	if (!c->host->is_live)
		return 0;
	r = host_live_new(&c->host->files, &w->names);
	if (r >= 0 && c->q.root)
		r = host_look_below(w->names, c->q.root, e);
	return r;
}

int live_worker_start(const struct live_worker_opts *o, const struct live_ask *ask, struct live_worker **ret,
		      struct err *e)
{
	_cleanup_(live_worker_freep) struct live_worker *w = calloc(1, sizeof(*w));
	struct chosen unfiltered = *o->chosen;
	int r = w ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	w->o = *o;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_mutex_init(&w->asking, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	unfiltered.filter = NULL;
	listing_plan(o->c, &unfiltered, &w->base);
	w->every_us = ask->every_us;
	w->counters = proc_counters_none();
	r = open_names(w, e);
	w->arrange = arranger_new();
	if (r >= 0 && !w->arrange)
		r = -ENOMEM;
	if (r >= 0)
		r = live_ask_copy(&w->ask, ask);
	if (r >= 0)
		r = thread_start(&w->arranger, live_arranger, w);
	w->has_arranger = r >= 0;
	if (r >= 0)
		r = thread_start(&w->sampler, live_sampler, w);
	w->has_sampler = r >= 0;
	if (r >= 0)
		*ret = take_ptr(w);
	return r;
}

int live_worker_ask(struct live_worker *w, const struct live_ask *ask)
{
	struct live_ask copy;
	int r = live_ask_copy(&copy, ask);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&w->lock);
	live_ask_done(&w->ask);
	w->ask = copy;
	w->every_us = ask->every_us;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	return 0;
}

int live_worker_kill(struct live_worker *w, const char *filter, bool is_meant)
{
	char *copy = strdup(filter);

	if (!copy)
		return -ENOMEM;
	(void)pthread_mutex_lock(&w->lock);
	free(w->kill);
	w->kill = copy;
	w->kill_is_meant = is_meant;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	return 0;
}

void live_worker_step(struct live_worker *w, const struct live_step *step)
{
	(void)pthread_mutex_lock(&w->lock);
	w->step = *step;
	w->has_step = true;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}

void live_worker_hold(struct live_worker *w, int64_t until_us)
{
	(void)pthread_mutex_lock(&w->lock);
	w->held_until_us = until_us;
	(void)pthread_mutex_unlock(&w->lock);
}

void live_worker_take(struct live_worker *w, struct live_news *ret)
{
	(void)pthread_mutex_lock(&w->lock);
	*ret = (struct live_news){ .past_us = w->past_us,
				   .n_past = w->n_past,
				   .past_span_us = w->past_span_us,
				   .past_step_us = w->past_step_us,

				   .board = w->board,
				   .has_error = w->has_error,
				   .error = w->error,
				   .cost_us = w->cost_us };
	ret->has_count = w->has_count;
	ret->count = w->count;
	ret->has_account = w->has_account;
	ret->account = w->account;
	w->has_count = w->has_account = false;
	w->account = (struct text){};
	ret->is_whole = w->is_whole;
	ret->counters = w->counters;
	text_sv(&ret->notes, sv_n(w->notes.p, w->notes.len));
	w->board = NULL;
	w->has_error = false;
	w->error = (struct text){};
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}

void live_worker_shown(struct live_worker *w, bool is_shown)
{
	(void)pthread_mutex_lock(&w->lock);
	w->is_unshown = !is_shown;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}
