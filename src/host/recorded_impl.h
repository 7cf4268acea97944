/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The machine of a recording, in parts: recorded.c, its messages, owners and names. Inner to host/. */

#include "base/hash.h"
#include "enrich/users.h"
#include "history/facts.h"
#include "host/names.h"
#include "host/recorded.h"

/* Messages of one table of one network namespace that follow each other. */
struct recorded_run {
	size_t at, n; /* for store_next(): what is behind */
	uint32_t table, netns;
	uint8_t af; /* AF_*, as their messages begin */
};

struct recorded {
	struct host host;
	struct store_reader *reader; /* borrowed */
	const char *file;            /* borrowed: its name */
	size_t sample;
	struct store_time at;
	uint32_t home;   /* the network namespace that is asked where nothing else is said; 0: not known */
	char *home_name; /* what it is called, where somebody said; or NULL */
	struct notes *notes; /* of this run; borrowed */

	struct recorded_run *runs; /* of this sample */
	size_t n_runs;

	struct owner *owners; /* of the socket asked for last */
	struct owner_texts *texts;
	size_t owners_cap;
	struct recorded_tenant *tenants; /* that were asked for in this run */

	struct names names;
	struct users *users;
	uint32_t names_of;       /* whose interfaces are named */
	struct netns_list *list; /* what places() gave; NULL: nobody asked */
};

static inline struct recorded *recorded_of(struct host *h)
{
	return (struct recorded *)h;
}

static inline struct sv recorded_fact(const struct recorded *r, enum fact kind, const struct fact_key *key)
{
	return store_fact(r->reader, (uint8_t)kind, fact_key_sv(key));
}

/* The fact of @kind that has the word @word for its key. */
static inline struct sv recorded_word(const struct recorded *r, enum fact kind, const char *word)
{
	return store_fact(r->reader, (uint8_t)kind, sv(word));
}

/* recorded_messages.c: as the members of struct host_ops. */
int recorded_open(struct host *h, const struct host_ask *q, struct source **ret, struct err *e);
int recorded_open_text(struct host *h, const struct host_ask *q, struct source **ret, struct err *e);

/* recorded_owners.c: the same. */
struct owners recorded_owners(struct host *h, uint32_t inode);
const struct tenant *recorded_tenant(struct host *h, uint64_t id, bool want_names);
const struct tenant *recorded_tenant_of(struct host *h, uint32_t pid, bool want_names);
enum procs_sight recorded_sight(struct host *h, struct text *t);
void recorded_aside(struct host *h, uint32_t inode, bool *ret_in_ring, size_t *ret_in_flight);
/* Forgets what was asked for in the run before; with @all also what it was put in. */
void recorded_owners_forget(struct recorded *r, bool all);

/* recorded_unbound.c, recorded_nat.c: the same. */
int recorded_next_unbound(struct host *h, size_t *at, struct seg_unbound *ret, size_t *ret_untold);
int recorded_nat(struct host *h, const struct place *p, struct nat *into, struct err *e);

/* recorded_names.c: makes .host.names and .output. Returns 0 or -ENOMEM. */
int recorded_names_new(struct recorded *r);

/* recorded_places.c: as the members of struct host_ops. */
int recorded_places(struct host *h, enum procs_way way, struct notes *notes, struct places **ret,
		    struct err *e);
int recorded_enter(struct host *h, const char *name, struct err *e);
/* Which network namespace is home in the sample at hand. False: that called .home_name is not in it. */
bool recorded_find_home(struct recorded *r);
