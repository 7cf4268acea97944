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
#include "sink/sink.h"

struct peers;

/* Sockets that are to be listed. */
struct peers_ask {
	const struct plan *plan;
	bool is_everywhere; /* of all network namespaces */
	struct sink *sink;
	/* Told with .ctx where they are listed, before the first of them; NULL: only where we are. */
	void (*see)(void *ctx, struct host *h, const struct places *all);
	void *ctx;
};

/* Lists them, for whoever passed @arg to peers_new(). Returns as session_run(), and -ENOTRECOVERABLE also
 * when an answer of it failed so. */
typedef int peers_list(void *arg, const struct peers_ask *ask, struct notes *notes, struct err *e);

/*
 * What @p needs to know of other sockets of @h, which @list lists. Of a machine that is not there nothing is
 * asked, and what keeps some ends from being found is told by peers_put_why(). Returns 0, -ENOMEM, or
 * -ENOTRECOVERABLE when this thread is in another network namespace now.
 */
int peers_new(struct host *h, const struct plan *p, peers_list *list, void *arg, struct peers **ret,
	      struct err *e);
struct peers *peers_free(struct peers *x);

DEFINE_CLEANUP(struct peers, peers_free)

/* Looks for the other end of @row, which tells its network namespace where that is known. False: there is
 * nothing to tell. */
bool peers_find(const struct peers *x, const struct row *row, struct seg_peer_end *ret);

/*
 * Whether @row is of a socket that may stand for another, as those of docker-proxy do; and which is the
 * other, for the command line of who holds it.
 */
bool peers_may_be_published(const struct peers *x, const struct row *row);
bool peers_find_behind(const struct peers *x, struct sv cmdline, struct seg_peer_end *ret);

/* Who began the connection of @row. */
enum direction peers_direction(const struct peers *x, const struct row *row);

/* Appends why some other ends may not have been found. */
void peers_put_why(const struct peers *x, struct text *t);
