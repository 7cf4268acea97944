/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Pages for whoever connects, one listing at a time: who asks within a second of another gets the same.
 */

#include <signal.h>

#include "metrics/endpoint.h"
#include "metrics/gather.h"

struct server_opts {
	struct gather *gather; /* borrowed, as is all of this */
	const struct endpoint *at;
	const volatile sig_atomic_t *over; /* becomes true by a signal, .. */
	const sigset_t *mask;              /* .. which comes with this mask only */
	/* After each page: what is to be known about it, and if there is none, why: else @e is NULL. */
	void (*tell)(void *ctx, const struct notes *notes, const struct err *e);
	void *ctx;
};

struct server;

/* @o is borrowed. Returns 0, -ENOSYS with what to install, or another negative errno with detail. */
int server_new(const struct server_opts *o, struct server **ret, struct err *e);
struct server *server_free(struct server *s);

DEFINE_CLEANUP(struct server, server_free)

/* Serves until it is over. Returns 0, or a negative errno with detail. */
int server_run(struct server *s, struct err *e);
