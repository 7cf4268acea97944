/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Follows the kernel's announcements of destroyed TCP and UDP sockets.
 *
 * Who listens makes the end of every socket dearer on this host, in all
 * network namespaces.
 */

#include <signal.h>

#include "plan/plan.h"
#include "run/context.h"
#include "sink/sink.h"

struct nl;

struct follow_opts {
	struct selection select;     /* tables and families; a destroyed socket has no state to select by */
	const struct filter *filter; /* borrowed, may be NULL */
	struct host *host;           /* borrowed: what numbers are called there */
	int fd;                      /* where the output goes: nothing to do when nobody reads it any more */
	const sigset_t *wait_mask;   /* the signal mask while waiting */
	const volatile sig_atomic_t *is_over; /* becomes true by a signal that only @wait_mask lets in */
	void (*lost)(void *ctx, uint64_t n);  /* told that @n were lost so far, at least */
	void *ctx;
};

/* Whether there is anything to follow in @sel. */
bool follow_has(const struct selection *sel);

/*
 * Opens @ret to what the kernel announces of @sel: a message for each socket that is destroyed. Returns 0 or
 * a negative errno, with detail.
 */
int follow_subscribe(const struct selection *sel, struct nl **ret, struct err *e);

/* A field that @filter reads, sockets of TCP and UDP may have, and no announcement tells; F_MAX: none. */
enum field_id follow_untold(const struct filter *filter);

/*
 * Hands each destroyed socket to @sink and flushes it, until @o->is_over.
 * Returns 0 then; -EPIPE when nobody reads the output any more; another error
 * of the output; or why the kernel cannot be listened to, with detail in @e.
 */
int follow(const struct follow_opts *o, struct sink *sink, struct notes *notes, struct err *e);
