/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * MPTCP connections with their subflows as one. The kernel lists a connection among the MPTCP sockets and
 * each of its subflows among the TCP sockets, with the same inode, or, where no process holds the connection,
 * with its token; a listener likewise. To tell, this has to see the MPTCP sockets first
 * (plan_opts.is_mptcp_first). A subflow whose connection has not come, as when a filter keeps it away, is a
 * TCP socket as any other.
 */

#include "base/cleanup.h"
#include "model/tabular.h"
#include "plan/plan.h"
#include "sink/sink.h"

struct subflows;

/* Whether sockets of @sel can be subflows of others of it. */
bool subflows_are_possible(const struct selection *sel);

/*
 * For records that go to @to, borrowed, which has .whole(): subflows_tabular() takes them, and
 * subflows_wrap() has to be what makes them. NULL: subflows are left out. Returns 0 or -ENOMEM.
 */
int subflows_new(struct tabular *to, struct subflows **ret);
struct subflows *subflows_free(struct subflows *x);

DEFINE_CLEANUP(struct subflows, subflows_free)

/* Where the records go that @inner of subflows_wrap() makes. */
struct tabular *subflows_tabular(struct subflows *x);

/* Where the rows go, as long as it lives, on their way to @inner, borrowed. */
struct sink *subflows_wrap(struct subflows *x, struct sink *inner);
