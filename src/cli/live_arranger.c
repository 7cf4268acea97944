/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/live_kill.h"
#include "cli/live_worker_impl.h"
#include "cli/tell.h"

/* The fields that are needed for @ask. */
static int needs(struct live_worker *w, const struct live_ask *ask, struct fieldset *ret, struct err *e)
{
	_cleanup_(lister_freep) struct lister *l = NULL;
	struct lister_opts o = w->o.lister;
	int r;

	o.columns = ask->columns;
	r = lister_new(&o, &l, e);
	if (r < 0)
		return r;
	lister_needs(l, ret);
	arranger_needs(w->arrange, ret);
	return 0;
}

static bool has_all(const struct fieldset *set, const struct fieldset *of)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->w); i++)
		if (of->w[i] & ~set->w[i])
			return false;
	return true;
}

/* Rates are those of two samples with the same ones. */
static bool is_rate(enum field_id f)
{
	bool is = false;

	for (size_t i = 0; i < RATE_MAX && !is; i++)
		is = counter_rates[i].rate == f;
	return is;
}

/* All fields that a socket itself, or its processes, tell. */
static void add_all(const struct live_worker *w, struct fieldset *set)
{
	for (enum field_id f = 0; f < F_MAX; f++)
		if (plan_can_show(&w->base.select, f) && !field_is_of_peers(f) && f != F_LOCAL_NAME &&
		    f != F_PEER_NAME && fields[f].type != T_RAW && !is_rate(f))
			fieldset_add_value(set, f);
}

/* Has another question asked when the one that is does not tell enough, or is of other sockets. */
static int plan_for(struct live_worker *w, const struct live_ask *ask, const struct fieldset *set,
		    struct err *e)
{
	const char *filter = ask->is_typing || !ask->filter ? "" : ask->filter;
	_cleanup_(live_job_freep) struct live_job *j = NULL;
	int r;

	if (w->planned_filter && !strcmp(filter, w->planned_filter) && has_all(&w->planned, set) &&
	    ask->wants_all == w->planned_all)
		return 0;
	j = calloc(1, sizeof(*j));
	if (!j)
		return -ENOMEM;
	j->opts = w->base;
	j->opts.fields = *set;
	j->opts.keys = j->opts.named = (struct fieldset){};
	j->opts.wants_all = ask->wants_all;
	if (ask->wants_all)
		add_all(w, &j->opts.fields);
	r = live_worker_filter(w, filter, &j->filter, e);
	if (r < 0)
		return r;
	j->opts.filter = j->filter;
	if (j->filter && filter_has_states(j->filter) && !w->o.c->q.select.has_mask)
		j->opts.select.states = STATES_ALL;
	j->filter_text = strdup(filter);
	free(w->planned_filter);
	w->planned_filter = strdup(filter);
	if (!j->filter_text || !w->planned_filter)
		return -ENOMEM;
	w->planned = *set;
	w->planned_all = ask->wants_all;
	(void)pthread_mutex_lock(&w->lock);
	(void)live_job_free(w->job);
	w->job = take_ptr(j);
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	return 0;
}

/* Makes boards as @ask says from now on. */
static int follow_ask(struct live_worker *w, const struct live_ask *ask, const struct live_ask *before,
		      struct err *e)
{
	const struct arranged_by by = { .sort = ask->sort,
					.by = ask->by,
					.having = ask->by ? w->o.c->q.tabulate.having : NULL,
					.select = w->base.select };
	struct filter *filter;
	struct fieldset set = {};
	int r = live_worker_filter(w, ask->filter, &filter, e);

	if (r < 0)
		return r;
	arranger_filter(w->arrange, filter);
	if (!before->turn ||
	    !(ask->sort && before->sort ? !strcmp(ask->sort, before->sort) : ask->sort == before->sort) ||
	    !(ask->by && before->by ? !strcmp(ask->by, before->by) : ask->by == before->by)) {
		r = arranger_order(w->arrange, &by, e);
		if (r < 0)
			return r;
	}
	r = needs(w, ask, &set, e);
	return r < 0 ? r : plan_for(w, ask, &set, e);
}

/* What there is to do next, taken under the lock. */
struct turn {
	struct live_ask ask;
	bool has_ask;
	struct sample *sample;
	bool is_other, is_held;
	char *kill;
	bool kill_is_meant;
	bool has_step;
	struct live_step step;
};

static bool next_turn(struct live_worker *w, struct turn *ret)
{
	bool is_over;

	*ret = (struct turn){};
	(void)pthread_mutex_lock(&w->lock);
	while (!w->is_over && !w->sample && !w->kill && !(w->has_step && !w->o.c->past) &&
	       w->known_turn == w->ask.turn)
		(void)pthread_cond_wait(&w->changed, &w->lock);
	is_over = w->is_over;
	if (!is_over && w->known_turn != w->ask.turn) {
		ret->has_ask = live_ask_copy(&ret->ask, &w->ask) == 0;
		w->known_turn = w->ask.turn;
	}
	if (!is_over) {
		ret->has_step = w->has_step && !w->o.c->past;
		ret->step = w->step;
		w->has_step &= w->o.c->past != NULL;
		ret->kill = w->kill;
		ret->kill_is_meant = w->kill_is_meant;
		w->kill = NULL;
		ret->sample = w->sample;
		ret->is_other = w->sample_is_other;
		w->sample = NULL;
		w->sample_is_other = false;
		ret->is_held = clock_monotonic_us() < w->held_until_us && !ret->has_ask;
		(void)pthread_cond_broadcast(&w->changed);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return !is_over;
}

static void post(struct live_worker *w, struct board *b, int r, const struct err *e)
{
	(void)pthread_mutex_lock(&w->lock);
	if (r < 0) {
		live_worker_fail(w, r, e);
	} else {
		(void)board_unref(w->board);
		w->board = b;
		if (!w->o.c->past)
			w->past_us = b->is_past ? sample_at_us(b->sample) : 0;
		live_worker_tell(w);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

static void kill_now(struct live_worker *w, const char *filter, bool is_meant)
{
	struct notes notes = {};
	struct text t = {};
	struct err e = {};
	struct live_killing o = {
		.c = w->o.c, .host = w->names, .opts = w->base, .is_meant = is_meant, .notes = &notes
	};
	size_t n = 0;
	int r = live_worker_filter(w, filter, &o.filter, &e);

	if (r >= 0)
		r = live_kill(&o, &n, &e);
	(void)filter_free(o.filter);
	if (r < 0)
		text_printf(&t, "%s\n", e.text[0] ? e.text : strerror(-r));
	tell_put_notes(&notes, "ss", &t);
	(void)pthread_mutex_lock(&w->lock);
	w->has_count = !is_meant && r >= 0;
	w->count = n;
	if (is_meant || r < 0) {
		text_done(&w->account);
		w->account = t;
		w->has_account = true;
		t = (struct text){};
	}
	live_worker_tell(w);
	(void)pthread_mutex_unlock(&w->lock);
	notes_done(&notes);
	text_done(&t);
}

/* The thread's own. */
struct arranging {
	struct live_worker *w;
	struct live_ask ask;
	uint32_t good_turn; /* of the last request that made sense */
	bool has_sample;
	struct rewind *rewind;
	int64_t at_us;      /* the moment that is shown; 0: now */
	uint32_t selection; /* of the last sample */
};

enum {
	PAST_ROWS = 200000,
	PAST_SAMPLES = 60 /* from which a moment of the past is made, with what led to it */
};

static void release(void *maker)
{
	(void)arranger_free(maker);
}

/* Whether the samples @i - 1 and @i of before are of different selections: then no difference is news. */
static bool is_other_selection(const struct rewind *r, size_t i)
{
	return sample_selection(rewind_at(r, i - 1)) != sample_selection(rewind_at(r, i));
}

/* The board of sample @i of before, made as if it had been looked at then. */
static int make_past(struct arranging *a, size_t i, struct board **ret, struct err *e)
{
	const struct live_ask *ask = &a->ask;
	const struct arranged_by by = { .sort = ask->sort,
					.by = ask->by,
					.having = ask->by ? a->w->o.c->q.tabulate.having : NULL,
					.select = a->w->base.select };
	_cleanup_(arranger_freep) struct arranger *then = arranger_new();
	size_t n = PAST_ROWS / (sample_len(rewind_at(a->rewind, i)) + 1) + 1, first;
	struct filter *filter = NULL;
	int r = then ? arranger_order(then, &by, e) : -ENOMEM;

	if (r >= 0)
		r = live_worker_filter(a->w, ask->filter, &filter, e);
	if (r < 0)
		return r;
	arranger_filter(then, filter);
	n = n < PAST_SAMPLES ? n : PAST_SAMPLES;
	first = i > n ? i - n : 0;
	for (size_t k = first; k <= i && r >= 0; k++)
		r = arranger_take(then, rewind_at(a->rewind, k),
				  k == first || is_other_selection(a->rewind, k));
	if (r >= 0)
		r = arranger_make(then, false, ret);
	if (r < 0)
		return r;
	(*ret)->maker = take_ptr(then);
	(*ret)->release = release;
	return 0;
}

/* On until sockets come or go. */
static size_t next_change(const struct rewind *r, size_t i)
{
	while (i + 1 < rewind_len(r) &&
	       (is_other_selection(r, i + 1) || sample_has_same(rewind_at(r, i), rewind_at(r, i + 1))))
		i++;
	return i + 1;
}

static void step(struct arranging *a, const struct live_step *s)
{
	size_t n = rewind_len(a->rewind), i = n ? n - 1 : 0;

	if (!n)
		return;
	if (a->at_us)
		i = rewind_find(a->rewind, a->at_us);
	if (s->is_now)
		i = n;
	else if (s->is_change)
		i = next_change(a->rewind, i);
	else if (s->us)
		i = s->us > 0 && !a->at_us
			    ? n
			    : rewind_find(a->rewind, sample_monotonic_us(rewind_at(a->rewind, i)) + s->us);
	else if (s->samples > 0)
		i++;
	else
		i = i ? i - 1 : 0;
	a->at_us = i + 1 < n ? sample_monotonic_us(rewind_at(a->rewind, i)) : 0;
}

/* What is shown of the past is made anew only when something else is asked for. */
static int make_board(struct arranging *a, bool is_held, struct board **ret, struct err *e)
{
	if (a->at_us)
		return make_past(a, rewind_find(a->rewind, a->at_us), ret, e);
	return arranger_make(a->w->arrange, is_held, ret);
}

static int take(struct arranging *a, struct sample *s, bool is_other)
{
	struct live_worker *w = a->w;
	int r;

	a->selection += is_other;
	sample_set_selection(s, a->selection);
	r = arranger_take(w->arrange, s, is_other);
	a->has_sample = true;
	if (r < 0 || w->o.c->past)
		return r;
	r = rewind_add(a->rewind, s);
	(void)pthread_mutex_lock(&w->lock);
	w->n_past = rewind_len(a->rewind);
	w->past_span_us = rewind_span_us(a->rewind);
	w->past_step_us = rewind_step_us(a->rewind);
	(void)pthread_mutex_unlock(&w->lock);
	return r;
}

static void take_turn(struct arranging *a, struct turn *t)
{
	struct live_worker *w = a->w;
	bool is_other_board = t->has_ask || t->has_step;
	struct board *b = NULL;
	struct err e = {};
	int r = 0;

	if (t->has_ask) {
		r = follow_ask(w, &t->ask, &a->ask, &e);
		if (r >= 0)
			a->good_turn = t->ask.turn;
		live_ask_done(&a->ask);
		a->ask = t->ask;
		if (r < 0)
			post(w, NULL, r, &e);
	}
	if (t->kill)
		kill_now(w, t->kill, t->kill_is_meant);
	r = t->sample ? take(a, t->sample, t->is_other) : 0;
	if (t->has_step)
		step(a, &t->step);
	if (r >= 0 && a->has_sample && (is_other_board || (t->sample && !a->at_us)))
		r = make_board(a, t->is_held, &b, &e);
	if (b) {
		b->turn = a->good_turn;
		b->is_past = a->at_us;
	}
	if (b || r < 0)
		post(w, b, r, &e);
}

void *live_arranger(void *worker)
{
	struct arranging a = { .w = worker, .rewind = rewind_new(REWIND_BYTES) };
	struct turn t;

	while (a.rewind && next_turn(a.w, &t)) {
		take_turn(&a, &t);
		(void)sample_unref(t.sample);
		free(t.kill);
	}
	live_ask_done(&a.ask);
	(void)rewind_free(a.rewind);
	return NULL;
}
