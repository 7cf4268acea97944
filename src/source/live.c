/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/live.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "base/cleanup.h"

enum { REQUEST_MAX = 68 * 1024 }; /* a filter program is less than 64 KiB */

struct live {
	struct source source;
	struct nl *nl;
};

static int live_next(struct source *s, const struct nlmsghdr **ret, struct err *e)
{
	struct live *l = (struct live *)s;
	int r = nl_next(l->nl, ret, e);

	s->ready = nl_ready(l->nl);
	if (r == 0)
		s->is_interrupted = nl_is_interrupted(l->nl);
	return r;
}

static void live_close(struct source *s)
{
	free(s);
}

static const struct source_ops live_ops = { .next = live_next, .close = live_close };

int live_open(struct nl *nl, const struct dump *d, struct source **ret, struct err *e)
{
	_cleanup_free_ uint8_t *req = malloc(REQUEST_MAX);
	_cleanup_free_ struct live *l = malloc(sizeof(*l));
	size_t len;
	int r;

	if (!req || !l)
		return err_sys(e, -ENOMEM, "asking for %s sockets", d->family->name);
	*l = (struct live){ .source.ops = &live_ops, .nl = nl };
	len = d->family->request(d, req, REQUEST_MAX);
	if (!len)
		return err_sys(e, -E2BIG, "asking for %s sockets", d->family->name);
	nl_expect_long(nl, d->ask & ASK_STORAGE);
	r = nl_ask(nl, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, req, len, e);
	if (r < 0)
		return r;
	*ret = &take_ptr(l)->source;
	return 0;
}
