/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/announced.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "base/clock.h"
#include "nl/nl.h"

struct announced {
	struct events source;
	struct nl *nl;
	uint64_t n_lost; /* at least */
};

static int next(struct events *source, struct event *ret, struct err *e)
{
	struct announced *a = (struct announced *)source;
	const struct nlmsghdr *nlh;
	struct inet_diag_msg m;
	int r;

	do {
		r = nl_next_event(a->nl, &nlh, e);
		if (r == -ENOBUFS) {
			a->n_lost++;
			r = 0;
		}
		if (r <= 0)
			return r;
		if (mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
			return err_say(e, -EBADMSG, "the kernel announced something that makes no sense");
		memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	} while (!m.id.idiag_dport); /* it was no connection */
	*ret = (struct event){ .nlh = nlh,
			       .kind = EVENT_CLOSE,
			       .at_ns = (uint64_t)clock_monotonic_us() * 1000,
			       .cookie = m.id.idiag_cookie[0] | (uint64_t)m.id.idiag_cookie[1] << 32,
			       .to = K_TCP_CLOSE };
	return 1;
}

/* Of the first loss the kernel tells at once, of all how many there were, where it is new enough. */
static uint64_t lost(const struct events *source)
{
	const struct announced *a = (const struct announced *)source;
	uint64_t n = nl_dropped(a->nl);

	return n < a->n_lost ? a->n_lost : n;
}

static void stop(struct events *)
{
}

static void close_events(struct events *source)
{
	struct announced *a = (struct announced *)source;

	(void)nl_close(a->nl);
	free(a);
}

static const struct events_ops ops = { .next = next, .lost = lost, .stop = stop, .close = close_events };

int announced_open(const struct event_opts *o, struct events **ret, struct err *e)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	struct announced *a;
	int r = nl_open(NETLINK_SOCK_DIAG, &nl, e);

	if (r >= 0 && o->family != AF_INET6)
		r = nl_join(nl, SKNLGRP_INET_TCP_DESTROY, e);
	if (r >= 0 && o->family != AF_INET)
		r = nl_join(nl, SKNLGRP_INET6_TCP_DESTROY, e);
	if (r < 0)
		return err_context(e, r, "following connections");
	a = calloc(1, sizeof(*a));
	if (!a)
		return err_sys(e, -ENOMEM, "following connections");
	*a = (struct announced){ .source = { .ops = &ops, .fd = nl_fd(nl) }, .nl = take_ptr(nl) };
	*ret = &a->source;
	return 0;
}
