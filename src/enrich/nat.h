/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Connections whose addresses are changed on their way through this host, as its connection tracking tells:
 * what either end has for its own address and its peer's. Others are not kept.
 */

#include "base/err.h"
#include "base/hash.h"
#include "enrich/tuple.h"

struct nat {
	struct hash by_tuple;
	struct nat_pair *first; /* all of them, to be freed */
};

void nat_done(struct nat *n);

/* Adds that what one end has as @one, the other has as @other. Returns 0 or -ENOMEM. */
int nat_add(struct nat *n, const struct tuple *one, const struct tuple *other);

/*
 * What the other end has, when one has @t, into *@ret. Returns 1; 0 when nothing is known to change it; or
 * -ENOTUNIQ when two entries say two things, as those of two network namespaces may.
 */
int nat_find(const struct nat *n, const struct tuple *t, struct tuple *ret);

/*
 * The next of them behind *@at, NULL at first: what the other end has, when one has *@ret_one; .pport of
 * *@ret_other is 0 when two entries say two things. False: there are no more.
 */
struct nat_pair;
bool nat_next(const struct nat *n, const struct nat_pair **at, struct tuple *ret_one,
	      struct tuple *ret_other);
/* Adds one that nat_next() told. Returns 0 or -ENOMEM. */
int nat_put(struct nat *n, const struct tuple *one, const struct tuple *other);

/*
 * Reads the connection tracking of the network namespace that @fd is a descriptor of, -1 for that of the
 * thread. Returns 0 or a negative errno: -EPERM without CAP_NET_ADMIN, -ENOTRECOVERABLE when the way home is
 * barred. A kernel that knows of no connection tracking has nothing to tell: 0.
 */
int nat_ask(struct nat *n, int fd, struct err *e);

/* The same of one message, an entry, which may be wrong in any way but for nlmsg_len. Returns 0 or -ENOMEM.
 */
struct nlmsghdr;
int nat_take(struct nat *n, const struct nlmsghdr *nlh);
