/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/tcp_count.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/abi.h"
#include "nl/nl.h"

enum { TIMER_TIME_WAIT = 3 };

struct dump {
	uint32_t states; /* bits 1 << K_TCP_* */
	bool (*counts)(const struct inet_diag_msg *m);
	int64_t n;
};

/* Adds to @d->n the TCP sockets of @family that it describes. */
static int count_family(struct nl *nl, uint8_t family, struct dump *d, struct err *e)
{
	const struct inet_diag_req_v2 req = {
		.sdiag_family = family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = d->states,
	};
	const struct nlmsghdr *nlh;
	struct inet_diag_msg m;
	int r;

	r = nl_ask(nl, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req, sizeof(req), e);
	while (r >= 0 && (r = nl_next(nl, &nlh, e)) > 0) {
		if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
			continue;
		memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
		if (d->counts(&m))
			d->n++;
	}
	return r;
}

static int count(struct dump *d, int64_t *ret, struct err *e)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	int r = nl_open(NETLINK_SOCK_DIAG, &nl, e);

	if (r >= 0)
		r = count_family(nl, AF_INET, d, e);
	if (r >= 0)
		r = count_family(nl, AF_INET6, d, e);
	if (r == -ENOENT) /* no IPv6 */
		r = 0;
	if (r >= 0)
		*ret = d->n;
	return r;
}

/* A FIN-WAIT-2 without the memory of a socket is among TIME-WAIT's. */
static bool is_orphan(const struct inet_diag_msg *m)
{
	return m->idiag_inode == 0 && m->idiag_timer != TIMER_TIME_WAIT;
}

static bool is_any(const struct inet_diag_msg *m)
{
	return m->idiag_family == AF_INET || m->idiag_family == AF_INET6;
}

int tcp_count_orphans(int64_t *ret, struct err *e)
{
	struct dump d = { .counts = is_orphan };
	int r;

	d.states = 1u << K_TCP_FIN_WAIT1 | 1u << K_TCP_FIN_WAIT2 | 1u << K_TCP_LAST_ACK | 1u << K_TCP_CLOSING;
	r = count(&d, ret, e);
	return r < 0 ? err_context(e, r, "counting orphaned TCP sockets") : 0;
}

int tcp_count_listening(int64_t *ret, struct err *e)
{
	struct dump d = { .states = 1u << K_TCP_LISTEN, .counts = is_any };
	int r = count(&d, ret, e);

	return r < 0 ? err_context(e, r, "counting listening TCP sockets") : 0;
}

int tcp_count_bound(int64_t *ret, struct err *e)
{
	struct dump d = { .states = 1u << K_TCP_BOUND_INACTIVE, .counts = is_any };
	int r = count(&d, ret, e);

	return r < 0 ? err_context(e, r, "counting bound TCP sockets") : 0;
}
