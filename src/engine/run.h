/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Carries out a plan: asks, filters, adds owners, hands the rows to the output.
 */

#include "engine/kill.h"
#include "engine/plan.h"
#include "sink/sink.h"

struct run_opts {
	const char *proc_root; /* where to look for owners; NULL: /proc */
	bool want_threads;     /* owners include threads */
	bool is_kernel_only;   /* no text under /proc/net in place of what the kernel does not answer */
	struct killer *killer; /* borrowed; when there is one, only the sockets it destroyed are shown */
};

/*
 * Runs @p into @sink. What went wrong with one table is a note, and the others
 * are still listed. Returns 0, or a negative errno when nothing could go on.
 */
int run_plan(const struct plan *p, const struct run_opts *o, struct sink *sink, struct notes *notes,
	     struct err *e);
