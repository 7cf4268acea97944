/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What goes on behind the live view: one thread asks the machine again and again, another arranges what came,
 * and whoever shows it waits for neither. They are stopped, but for what is under way, as long as what they
 * made last was not taken.
 */

#include "cli/chosen.h"
#include "live/model.h"

struct live_worker;

struct live_worker_opts {
	struct cli *c;               /* borrowed */
	const struct chosen *chosen; /* borrowed */
	struct lister_opts lister;   /* .columns is of each request */
	int wake;                    /* an eventfd that is told when there is something to take; borrowed */
};

/* Begins. Returns 0 or a negative errno with detail. */
int live_worker_start(const struct live_worker_opts *o, const struct live_ask *ask, struct live_worker **ret,
		      struct err *e);

/* Ends, when what is under way has come to its end. */
struct live_worker *live_worker_free(struct live_worker *w);

DEFINE_CLEANUP(struct live_worker, live_worker_free)

/* From now on @ask is asked for. Returns 0 or -ENOMEM. */
int live_worker_ask(struct live_worker *w, const struct live_ask *ask);

/* Counts the sockets that fit @filter, or with @is_meant destroys them. Returns 0 or -ENOMEM. */
int live_worker_kill(struct live_worker *w, const char *filter, bool is_meant);

/* Goes through the recording, or back to what was sampled. */
void live_worker_step(struct live_worker *w, const struct live_step *step);

/* Rows are to stay where they are until then. */
void live_worker_hold(struct live_worker *w, int64_t until_us);

/* What came since the last call. */
struct live_news {
	struct board *board; /* the caller's; NULL: none */
	bool has_error;
	struct text error;             /* lines: why the request is wrong, or what failed; the caller's */
	uint64_t cost_us;              /* of the last sample */
	struct text notes;             /* what is to be known about it: lines; the caller's */
	struct proc_counters counters; /* of the kernel, when it was taken */
	bool is_whole;                 /* nothing is missing in it */
	uint64_t past_us;              /* when it is of; 0: it is of now */
	size_t n_past;                 /* samples that can be gone back to.. */
	int64_t past_span_us, past_step_us; /* .. how far, and how far apart they are at most */
	bool has_count;                     /* .count sockets would be destroyed */
	size_t count;
	bool has_account; /* .account: lines, what became of them; the caller's */
	struct text account;
};

void live_worker_take(struct live_worker *w, struct live_news *ret);

/* What was taken is shown, or not yet: then no other is made. */
void live_worker_shown(struct live_worker *w, bool is_shown);
