/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The other ends of connections, and who began them: what takes a look at other sockets than the one at hand.
 * Those are listed before the run itself, in all network namespaces, and only for fields that need it. A run
 * of this is one as any other, whose output is the table.
 */

#include "base/cleanup.h"
#include "base/text.h"
#include "enrich/accepts.h"
#include "host/host.h"
#include "plan/plan.h"
#include "run/session.h"

struct peers;

/*
 * What @p needs to know of other sockets of @h. @kept, which is the session's, and NULL at first, keeps what
 * is worth keeping for the next run. Of a machine that is not there nothing is asked, and what keeps some
 * ends from being found is told by peers_put_why(). Returns 0 or -ENOMEM.
 */
int peers_new(struct host *h, const struct session_opts *o, const struct plan *p, struct session **kept,
	      struct peers **ret);
struct peers *peers_free(struct peers *x);

DEFINE_CLEANUP(struct peers, peers_free)

/* Looks for the other end of @row, which tells its network namespace where that is known. False: there is
 * nothing to tell. */
bool peers_find(const struct peers *x, const struct row *row, struct seg_peer_end *ret);

/* Who began the connection of @row. */
enum direction peers_direction(const struct peers *x, const struct row *row);

/* Appends why some other ends may not have been found. */
void peers_put_why(const struct peers *x, struct text *t);
