/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Carries out a plan: asks, filters, adds owners, hands the rows to the output.
 */

#include "engine/choose.h"
#include "engine/everywhere.h"
#include "engine/kill.h"
#include "engine/plan.h"
#include "model/names.h"
#include "sink/sink.h"
#include "source/source.h"

/* In place of the system: what a recording says. */
struct run_env {
	void *ctx;
	/* Opens the answer to @d, or returns a negative errno: -ENOENT when the system had no such table. */
	int (*open)(void *ctx, const struct dump *d, struct source **ret, struct err *e);
	/* Who holds the socket with @inode; valid until the next call. */
	struct owners (*owners)(void *ctx, uint32_t inode);
	const struct names *names; /* what an output is to use */
};

struct run_opts {
	const struct run_env *env; /* borrowed; NULL: the system itself */
	const char *proc_root;     /* where to look for owners; NULL: /proc */
	const struct names *names; /* borrowed: what numbers are called, for fields that are names */
	bool want_threads;         /* owners include threads */
	bool is_kernel_only;       /* no text under /proc/net in place of what sock_diag does not answer */
	enum source_kind source;   /* where more than one can tell; of sockets SOURCE_PROC is the plan's */
	uint32_t max_groups;       /* that are counted in the kernel; 0: the usual number */
	struct everywhere *everywhere; /* borrowed; NULL: only the network namespace we are in */
	struct killer *killer; /* borrowed; when there is one, only the sockets it destroyed are shown; what
				  it did is for the caller to report */
};

/*
 * Runs @p into @sink. What went wrong with one table is a note, and the others
 * are still listed. Returns 0, or a negative errno when nothing could go on.
 */
int run_plan(const struct plan *p, const struct run_opts *o, struct sink *sink, struct notes *notes,
	     struct err *e);
