/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a socket has and we may not see: who holds it, its mark, its cgroup, ...
 *
 * Absent, such a field looks as if the socket did not have it. As long as it
 * is only shown, that is for the reader to know. An answer that depends on it
 * (by the filter, by what is counted, by the order) is not whole: that is told
 * always, and by what programs read.
 */

#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"
#include "run/context.h"

/* Kinds of fields that are hidden for one reason. */
enum unseen_kind {
	UNSEEN_OWNERS,
	UNSEEN_PARTS, /* what is read of a process (model/defs/part.def) */
	UNSEEN_PEER_OWNERS,
	UNSEEN_PEERS, /* which socket is at the other end */
	UNSEEN_PEER_CGROUP,
	UNSEEN_MARK,
	UNSEEN_MD5,
	UNSEEN_ULP,
	UNSEEN_PACKET_FILTER,
	UNSEEN_CGROUP,
	UNSEEN_TENANT, /* who is in the cgroup (model/defs/tenant.def) */
	UNSEEN_PEER_TENANT,
	UNSEEN_NAMES_BARRED,
	UNSEEN_NAMES_LATE,
	UNSEEN_NAMES_BROKEN,
	UNSEEN_PEER_NAMES_BARRED,
	UNSEEN_PEER_NAMES_LATE,
	UNSEEN_PEER_NAMES_BROKEN,
	UNSEEN_SOCKOPTS, /* what only the socket itself tells (model/defs/sockopt.def) */
	UNSEEN_PAYLOAD,
	UNSEEN_USER,
	UNSEEN_MAX
};

/* Sockets that something is hidden of. */
struct unseen_count {
	uint64_t n;
	uint64_t n_bare;  /* of these, without anything that is in sight */
	uint64_t n_meant; /* and those that the filter is true of, as far as can be seen */
};

struct unseen {
	uint32_t in_filter; /* bits 1 << UNSEEN_* of what the filter reads; 0: nothing to do */
	uint32_t in_keys;   /* and of what decides about groups and order */
	uint32_t in_shown;  /* and of what is to be shown */
	uint32_t in_named;  /* of that, what somebody asked for by name */
	const struct filter *filter;
	const struct names *names;      /* borrowed, of the host */
	struct fieldset of[UNSEEN_MAX]; /* the fields of each kind */
	bool is_recorded;               /* rows come from a recording */
	bool may_admin;                 /* CAP_NET_ADMIN, if perhaps not where the sockets are */
	uint64_t nobody;  /* whom a user that has no number here is shown as; UINT64_MAX: nobody */
	bool is_again;    /* what is met now was met before: it is not counted once more */
	uint32_t counted; /* bits of the row at hand that are among .filtered */
	struct unseen_count filtered[UNSEEN_MAX]; /* where the filter's verdict might be the contrary */
	struct unseen_count keyed[UNSEEN_MAX];    /* others whose group or place might be another */
	struct unseen_count shown[UNSEEN_MAX];
};

/* Whether this process has CAP_NET_ADMIN here. */
bool unseen_has_net_admin(void);

void unseen_init(struct unseen *u, const struct plan *plan, struct host *host);

/*
 * To be called when the filter said @verdict about @row and .in_filter is not 0. Returns whether it might
 * have said the contrary, had it seen all; and remembers.
 */
bool unseen_filtered(struct unseen *u, const struct context *c, const struct row *row, bool verdict);

/* Remembers what is missing in the complete @row, which is handed on. For when in_keys or in_shown is not 0.
 */
void unseen_passed(struct unseen *u, const struct context *c, const struct row *row);

/* Tells what there is to tell. @is_kill: sockets for which the filter might have decided otherwise were left
 * alone. Returns a bit 1 << UNSEEN_* for each kind that it told of. */
uint32_t unseen_report(const struct unseen *u, const struct context *c, bool is_kill, struct notes *notes);
