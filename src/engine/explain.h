/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A plan in words: what would be read, asked, of whom, and why.
 */

#include "engine/choose.h"
#include "engine/everywhere.h"
#include "sink/sink.h"

struct explain_opts {
	enum source_kind source;
	const char *proc_root;                     /* where owners are looked for; NULL: /proc */
	const struct proc_counter_paths *counters; /* where the numbers of sockets come from */
	bool is_kill;
	const struct everywhere *everywhere; /* NULL: only the network namespace we are in */
	const struct sink *sink;             /* where the rows would go */
	bool is_retained;                    /* the output needs all rows before it can show one */
};

/* Appends the plan @p to @t, some lines of "name: value". */
void explain(const struct plan *p, const struct explain_opts *o, struct text *t);
