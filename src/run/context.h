/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What no message says about a socket: who holds it, and what its numbers are
 * called. Added to a row as segments, so that nobody behind can tell.
 */

#include "base/cleanup.h"
#include "base/notes.h"
#include "enrich/procs.h"
#include "family/family.h"
#include "host/host.h"
#include "model/field.h"
#include "run/peers.h"
#include "run/sampler.h"
#include "run/tenancy.h"

struct context_opts {
	struct host *host;                       /* borrowed: who is asked */
	struct notes *notes;                     /* borrowed: told once what is missing */
	struct peers *peers;                     /* borrowed: the other ends; NULL: nobody asks for them */
	bool (*rates_of)(const struct row *row); /* whether its rates matter; NULL: those of each row do */
	struct sampler *sampler;   /* borrowed: what counters were; NULL: nobody asks for rates */
	struct seg_sample sample;  /* borrowed: where and when */
	bool want_threads;         /* owners include threads */
	enum procs_way owners_way; /* how owners are found */
	bool has_no_owners;        /* nobody on this machine holds these sockets: not even looked for */
	bool is_everywhere;        /* rows come from several network namespaces */
};

struct context;

/* Returns 0 or -ENOMEM. @o's strings and tables must outlive the context. */
int context_new(const struct context_opts *o, struct context **ret);
struct context *context_free(struct context *c);

/*
 * Begins to look for owners now, in a thread, where there is a core for it,
 * instead of at the first row that needs them. For when there surely is one.
 */
void context_begin_owners(struct context *c);

/*
 * Asks for the listeners of @places, NULL for those of home, where @set has something of them; before
 * anything else is asked. Returns 0, -ENOMEM, or -ENOTRECOVERABLE when this thread is elsewhere now.
 */
int context_list_listeners(struct context *c, const struct places *places, const struct fieldset *set);

/*
 * From now on rows that do not say so are of the network namespace with the number @netns, 0 when it is not
 * known; before, of that of the thread.
 */
void context_visit(struct context *c, uint32_t netns);

/* What rows are to get: settled once, so that each row costs only what it gets. */
struct additions {
	bool owners, netns;
	bool rates;       /* of counters, since the sample before */
	bool sample;      /* where and when it was read */
	bool why;         /* nobody is seen to hold it */
	bool why_briefly; /* the same, where that is known without asking more */
	uint32_t held;    /* what the socket itself tells: bits HELD_BIT() */
	bool peers;       /* what only a look at other sockets tells: */
	bool direction;   /* who began; and */
	bool peer_owners; /* who holds the other end */
	struct tenancy_want tenants, peer_tenants;
	uint32_t parts, peer_parts; /* of the owners, to be read: bits 1 << enum part */
	uint64_t words;             /* bits of the lines of model/defs/derived.def */
};

/* What of @set no message has. */
struct additions context_additions(const struct context *c, const struct fieldset *set);

static inline bool additions_are_any(const struct additions *a)
{
	return a->owners || a->netns || a->sample || a->rates || a->why || a->why_briefly || a->tenants.any ||
	       a->held || a->peers || a->words;
}

/* Adds @what, where it is not in the row yet, to @row. It is valid until the call with the next row. */
void context_add(struct context *c, const struct additions *what, struct row *row);

/* Adds @owners, valid as long as the row, as those of its socket, which are not looked for then. */
void context_own(struct context *c, struct owners owners, struct row *row);

/* Has fetched which owners rows of the messages @ready, which come next and are as @family makes them, will
 * need.
 */
void context_foresee(const struct context *c, const struct family *family, struct sv ready);

/* Which processes could not be looked into; all could be, before a row has needed them. */
enum procs_sight context_sight(const struct context *c);

/* The processes, which are read when nobody did yet; NULL when they cannot be. Borrowed. */
struct procs *context_procs(struct context *c);

/* Appends why that is so, and what helps. */
void context_put_blind(const struct context *c, struct text *t);

/* Appends why the other ends of some connections are not known. */
void context_put_peers(const struct context *c, struct text *t);

/* Whether each cgroup that there is can be named. */
bool context_sees_cgroups(const struct context *c);

/* Notes how many facts about processes that are there could not be read, as /proc/PID/exe. */
void context_tell_unread(const struct context *c);

/* -ENOMEM when a text could not be made, else 0. */
int context_error(const struct context *c);

DEFINE_CLEANUP(struct context, context_free)
