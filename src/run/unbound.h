/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Descriptors of sockets that are in no table: made and never bound, or closed by the other end and kept. All
 * sockets that the tables showed in a run are remembered; the descriptors of others are looked at one by one,
 * and those that are in no table come as rows of a table of their own.
 */

#include "host/host.h"
#include "run/context.h"

struct unbound;

/* Where it goes: a row each. */
struct unbound_to {
	struct host *host;
	struct context *context;
	struct notes *notes; /* told what could not be looked at: as a hint, */
	bool is_alone;       /* or, where nothing else is asked for, so that the answer is not whole */
	bool lacks_bound;    /* TCP sockets that have a port alone may be in no answer */
	bool (*take)(void *ctx,
		     const struct nlmsghdr *nlh); /* a message, valid for the call; false: no more */
	void *ctx;
};

/* Returns NULL without memory. */
struct unbound *unbound_new(void);
/* Takes NULL too; returns NULL. */
struct unbound *unbound_free(struct unbound *u);

/* That a table has the socket of @row. */
void unbound_note(struct unbound *u, const struct row *row);

/* Hands on each socket that is in no table. Returns 0 or -ENOMEM. */
int unbound_find(struct unbound *u, const struct unbound_to *to);

/* Of how many sockets that could not tell. */
size_t unbound_untold(const struct unbound *u);
