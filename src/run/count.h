/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * For an output that only counts: TCP sockets counted in the kernel, with no
 * row for each. Listening ones, which are found at once, come as rows all the
 * same, and are counted with them.
 */

#include "plan/plan.h"
#include "run/context.h"
#include "run/unlisted.h"
#include "sink/sink.h"
#include "source/bpf_count.h"

/* Whether @sink, which may be NULL, only counts what the plan shows, by what can be counted by. */
bool count_is_possible(const struct plan *p, const struct sink *sink);

struct count_opts {
	const struct plan *plan;
	const struct step *step;   /* one that asks for what is counted */
	int64_t n_tcp;             /* so many sockets are expected; -1: not known */
	uint32_t max_groups;       /* 0: as many as there may be, within reason */
	struct bpf_count **kept;   /* in and out: the program of an earlier count, or NULL */
	struct unlisted *unlisted; /* count in all places that share the caller's table; NULL: here */
	struct context
		*context; /* borrowed: says what is known of the groups beside their numbers; or NULL */
};

/*
 * Counts the connected and the bound-inactive sockets of all address families
 * that the plan asks for, into @sink. Returns 0, 1 when the output takes no more, or a negative errno with
 * detail: then nothing was counted, and rows are to be asked for.
 */
int count_sockets(const struct count_opts *o, struct sink *sink, struct err *e);
