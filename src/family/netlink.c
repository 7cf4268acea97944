/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Netlink sockets: netlink_diag. */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "family/family.h"

static const struct attr attrs[] = {
	[NETLINK_DIAG_MEMINFO] = { .seg = SEG_SKMEM + 1 },
	[NETLINK_DIAG_GROUPS] = { .seg = SEG_NETLINK_GROUPS + 1 },
	[K_NETLINK_DIAG_FLAGS] = { .seg = SEG_NETLINK_FLAGS + 1 },
	[K_NETLINK_DIAG_X_PROC] = { .seg = SEG_NETLINK_PROC + 1 },
};

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct netlink_diag_req req = {
		.sdiag_family = AF_NETLINK,
		.sdiag_protocol = NDIAG_PROTO_ALL,
		.ndiag_show = ASK_NETLINK_BITS(d->ask),
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

const struct family family_netlink = {
	.name = "netlink",
	.msg = SEG_NETLINK_MSG,
	.msg_len = sizeof(struct netlink_diag_msg),
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.request = request,
};
