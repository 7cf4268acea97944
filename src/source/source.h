/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where messages come from: the kernel, a text file under /proc/net, or a
 * recording. One source answers one dump. Whatever it is, it gives netlink
 * messages as sock_diag would send them.
 */

#include "base/err.h"
#include "family/family.h"

struct source;

struct source_ops {
	/*
	 * Sets *@ret to the next message, valid until the next call; its nlmsg_len can be trusted.
	 * Returns 1 for a message, 0 at the end, or a negative errno with detail in @e. -ENOENT and
	 * -EOPNOTSUPP from the first call mean that this kernel does not have the table.
	 */
	int (*next)(struct source *s, const struct nlmsghdr **ret, struct err *e);
	void (*close)(struct source *s);
};

struct source { /* the first member of every source */
	const struct source_ops *ops;
	struct sv ready; /* messages behind the one given last that lie there already, where that is told */
	uint64_t n_skipped;  /* what made no sense so far, and was left out */
	bool is_interrupted; /* at the end: the table changed meanwhile, so rows may be missing or doubled */
};

static inline int source_next(struct source *s, const struct nlmsghdr **ret, struct err *e)
{
	return s->ops->next(s, ret, e);
}

static inline struct source *source_close(struct source *s)
{
	if (s)
		s->ops->close(s);
	return NULL;
}
