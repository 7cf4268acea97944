/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The inside of the worker, for its files. */

#include <pthread.h>

#include "cli/live_worker.h"
#include "live/rewind.h"
#include "run/session.h"

/* What the machine is asked for. Owned by whoever has it last. */
struct live_job {
	struct plan_opts opts;
	struct filter *filter;
	char *filter_text; /* by which two are told apart */
	bool wants_all;
	uint64_t every_us;
	uint32_t number;
};

struct live_worker {
	struct live_worker_opts o;
	struct plan_opts base;
	struct host *names; /* whose names filters are read with, apart from those of the one that is asked */
	pthread_t sampler, arranger;
	bool has_sampler, has_arranger;

	pthread_mutex_t asking; /* of a recording, whose names filters are read with, too */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock: */
	bool is_over;
	struct live_ask ask; /* of which the arranger knows .turn up to .known_turn */
	uint32_t known_turn;
	struct live_job *job; /* for the sampler, NULL: the one it has */
	uint64_t every_us;
	struct sample *sample; /* for the arranger */
	bool sample_is_other;
	struct board *board; /* to be taken */
	bool has_error;
	struct text error;
	uint64_t cost_us;
	struct text notes; /* what is to be known about the last sample: lines */
	struct proc_counters counters;
	bool is_whole; /* nothing is missing in it */
	int64_t held_until_us;
	char *kill; /* the filter of those that are to be counted, or destroyed; NULL: none are */
	bool kill_is_meant;
	struct live_step step; /* through a recording, or what was sampled, .has_step */
	bool has_step;
	size_t n_past; /* samples that can be gone back to */
	int64_t past_span_us, past_step_us;
	uint64_t past_us;            /* of the last sample */
	bool has_count, has_account; /* to be taken */
	size_t count;
	struct text account;
	bool is_unshown; /* what was taken is not on the screen yet */

	/* The arranger's: */
	struct arranger *arrange;
	struct fieldset planned;
	char *planned_filter;
	bool planned_all;
	uint32_t n_jobs;
};

struct live_job *live_job_free(struct live_job *j);

DEFINE_CLEANUP(struct live_job, live_job_free)

/* There is something to take. */
void live_worker_tell(const struct live_worker *w);

/* What failed is to be taken. Under the lock. */
void live_worker_fail(struct live_worker *w, int r, const struct err *e);

/* Reads the filter of a request; NULL and "" are none. Returns as filter_parse(). */
int live_worker_filter(struct live_worker *w, const char *text, struct filter **ret, struct err *e);

/* What the threads do. */
void *live_sampler(void *worker);
void *live_arranger(void *worker);
