/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Samples for a recording with what happened to connections in between: each sample has the events since the
 * one before.
 */

#include "run/capture.h"
#include "run/trace.h"

struct capture_events_opts {
	struct capture *capture; /* borrowed */
	/* Borrowed: which events; .every_us is the time between two samples, .count how many there are to be.
	 */
	const struct trace_opts *trace;
	bool wants_cmdline;       /* as struct capture_opts */
	struct notes *notes;      /* borrowed */
	void (*taken)(void *ctx); /* after each sample */
	void *ctx;
};

/*
 * Takes a sample now and then until @o->trace says that it is over, the last one at the end; where very many
 * events wait also one in between. Returns 0 or a negative errno with detail.
 */
int capture_events(const struct capture_events_opts *o, struct err *e);
