/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Events of a recording, as run/trace.h told them when they happened.
 */

#include <signal.h>

#include "plan/plan.h"
#include "sink/sink.h"

struct host;

struct replay_opts {
	struct selection select;     /* families; states where they were said */
	uint32_t kinds;              /* bits 1 << EVENT_* that are told */
	const struct filter *filter; /* borrowed, may be NULL */
	struct host *host;           /* borrowed: of a recording, at the first of its samples that counts */
	const char *file;            /* borrowed: what that is called */
	bool is_everywhere;          /* all network namespaces */
	uint64_t since_us, until_us; /* from then to then, by the clock that was set; 0, UINT64_MAX: all */
	uint64_t every_us;           /* the sink's runs are so long; 0: one that has all */
	uint64_t count;              /* and so many; 0: all */
	/* Makes @host the machine at the time of the next sample. Returns 1, 0 behind the last one that
	 * counts, or a negative errno. */
	int (*next)(void *ctx, struct err *e);
	void *ctx;
	const volatile sig_atomic_t *is_over; /* becomes true by a signal */
};

/*
 * Hands each event to @sink. What was not recorded is told, and makes the answer part of one. Returns 0;
 * -EBADMSG when a field is asked for that is not known of events; or another negative errno, with detail.
 */
int replay(const struct replay_opts *o, struct sink *sink, struct notes *notes, struct err *e);
