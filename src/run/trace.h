/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Follows TCP connections from beginning to end: a row for each event, with what the socket has then.
 */

#include <signal.h>

#include "plan/plan.h"
#include "sink/sink.h"

struct host;

struct trace_opts {
	struct selection select;     /* families; states where they were said */
	uint32_t kinds;              /* bits 1 << EVENT_* that are told */
	const struct filter *filter; /* borrowed, may be NULL */
	struct host *host;           /* borrowed */
	bool is_everywhere;          /* all network namespaces */
	bool has_no_bpf, needs_bpf;  /* no program is to be loaded; nothing else will do */
	uint64_t every_us;           /* the sink's runs are so long; 0: one that lasts until the end */
	uint64_t count;              /* and so many; 0: without end */
	bool is_slow;              /* the end of a run takes its time: what would only be late is left out */
	size_t ring;               /* bytes for events that wait to be read; 0: the usual number */
	int fd;                    /* where the output goes: nothing to do when nobody reads it any more */
	const sigset_t *wait_mask; /* the signal mask while waiting */
	void (*idle)(void *ctx);   /* NULL, or called when there are no more events for the moment */
	void *ctx;
	const volatile sig_atomic_t *is_over; /* becomes true by a signal that only @wait_mask lets in */
};

/*
 * Hands each event to @sink, and flushes it when there are no more for the moment, until @o->is_over or the
 * output has enough. Returns 0 then; -EPIPE when nobody reads the output any more; -EBADMSG when a field is
 * asked for that is not known of events; another error of the output; or why the kernel does not tell. Each
 * with detail in @e.
 */
int trace(const struct trace_opts *o, struct sink *sink, struct notes *notes, struct err *e);
