/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Asking one machine again and again: what is worth keeping from run to run, such as loaded BPF programs,
 * is the session's; what a run found out ends with it.
 */

#include "host/host.h"
#include "plan/agenda.h"
#include "run/kill.h"
#include "sink/sink.h"

struct session_opts {
	enum source_kind source; /* where more than one can tell; text instead of the kernel is the plan's */
	bool is_everywhere;      /* all network namespaces */
	bool want_threads;       /* owners include threads */
	bool is_kernel_only;     /* no text under /proc/net in place of what sock_diag does not answer */
	bool has_no_owners;      /* nobody on this machine holds the sockets */
	bool has_no_bpf;         /* programs are not to be loaded */
	uint32_t max_groups;     /* that are counted in the kernel; 0: the usual number */
	struct killer *killer;   /* borrowed; when there is one, only the sockets it destroyed are shown */
	bool (*rates_of)(const struct row *row); /* whether its rates matter; NULL: those of each row do */
	/* NULL, or told before the sockets are asked for: the network namespaces, NULL when only ours is
	 * listed. */
	void (*see)(void *ctx, struct host *h, const struct places *all);
};

struct session;

/* @h is borrowed. Returns 0 or -ENOMEM. */
int session_new(struct host *h, const struct session_opts *o, struct session **ret);
struct session *session_free(struct session *s);

DEFINE_CLEANUP(struct session, session_free)

/* What the output is told to be the time of the next runs, in microseconds since 1970; 0, as at first:
 * nothing. */
void session_tell_time(struct session *s, uint64_t at_us);

/* Whether owners include threads from the next run on. */
void session_want_threads(struct session *s, bool want);

/*
 * Runs @p into @sink, any number of times: the answer is that of now. What
 * went wrong with one table is a note, and the others are still listed.
 * Returns 0, or a negative errno when nothing could go on.
 */
int session_run(struct session *s, const struct plan *p, struct sink *sink, struct notes *notes,
		struct err *e);

/*
 * Appends to @ret what session_run() would ask, of whom, and why: the agenda that it follows, some lines of
 * "name: value". Returns 0 or a negative errno.
 */
int session_explain(struct session *s, const struct plan *p, const struct sink *sink, struct text *ret,
		    struct notes *notes, struct err *e);
