/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* TIPC sockets. What is not asked for by state comes as a message without anything in it. */

#include "base/cleanup.h"
#include "family/family.h"

static const struct attr con_attrs[] = {
	[K_TIPC_NLA_CON_FLAG] = { .seg = SEG_TIPC_CON_FLAG + 1 },
	[K_TIPC_NLA_CON_NODE] = { .seg = SEG_TIPC_CON_NODE + 1 },
	[K_TIPC_NLA_CON_SOCK] = { .seg = SEG_TIPC_CON_SOCK + 1 },
	[K_TIPC_NLA_CON_TYPE] = { .seg = SEG_TIPC_CON_TYPE + 1 },
	[K_TIPC_NLA_CON_INST] = { .seg = SEG_TIPC_CON_INST + 1 },
};

static const struct attr stat_attrs[] = {
	[K_TIPC_NLA_SOCK_STAT_RCVQ] = { .seg = SEG_TIPC_RCVQ + 1 },
	[K_TIPC_NLA_SOCK_STAT_SENDQ] = { .seg = SEG_TIPC_SENDQ + 1 },
	[K_TIPC_NLA_SOCK_STAT_LINK_CONG] = { .seg = SEG_TIPC_LINK_CONG + 1 },
	[K_TIPC_NLA_SOCK_STAT_CONN_CONG] = { .seg = SEG_TIPC_CONN_CONG + 1 },
	[K_TIPC_NLA_SOCK_STAT_DROP] = { .seg = SEG_TIPC_DROP + 1 },
};

static const struct attr group_attrs[] = {
	[K_TIPC_NLA_SOCK_GROUP_ID] = { .seg = SEG_TIPC_GROUP_ID + 1 },
	[K_TIPC_NLA_SOCK_GROUP_OPEN] = { .seg = SEG_TIPC_GROUP_OPEN + 1 },
	[K_TIPC_NLA_SOCK_GROUP_NODE_SCOPE] = { .seg = SEG_TIPC_GROUP_NODE + 1 },
	[K_TIPC_NLA_SOCK_GROUP_CLUSTER_SCOPE] = { .seg = SEG_TIPC_GROUP_CLUSTER + 1 },
	[K_TIPC_NLA_SOCK_GROUP_INSTANCE] = { .seg = SEG_TIPC_GROUP_INST + 1 },
	[K_TIPC_NLA_SOCK_GROUP_BC_SEND_NEXT] = { .seg = SEG_TIPC_GROUP_NEXT + 1 },
};

static const struct attr sock_attrs[] = {
	[K_TIPC_NLA_SOCK_ADDR] = { .seg = SEG_TIPC_ADDR + 1 },
	[K_TIPC_NLA_SOCK_REF] = { .seg = SEG_TIPC_REF + 1 },
	[K_TIPC_NLA_SOCK_CON] = { .nest = con_attrs, .n_nest = ARRAY_SIZE(con_attrs) },
	[K_TIPC_NLA_SOCK_HAS_PUBL] = { .seg = SEG_TIPC_PUBL + 1 },
	[K_TIPC_NLA_SOCK_STAT] = { .nest = stat_attrs, .n_nest = ARRAY_SIZE(stat_attrs) },
	[K_TIPC_NLA_SOCK_TYPE] = { .seg = SEG_TIPC_TYPE + 1 },
	[K_TIPC_NLA_SOCK_INO] = { .seg = SEG_TIPC_INO + 1 },
	[K_TIPC_NLA_SOCK_UID] = { .seg = SEG_UID + 1 },
	[K_TIPC_NLA_SOCK_TIPC_STATE] = { .seg = SEG_TIPC_STATE + 1 },
	[K_TIPC_NLA_SOCK_COOKIE] = { .seg = SEG_TIPC_COOKIE + 1 },
	[K_TIPC_NLA_SOCK_PAD] = { .is_padding = true },
	[K_TIPC_NLA_SOCK_GROUP] = { .nest = group_attrs, .n_nest = ARRAY_SIZE(group_attrs) },
};

static const struct attr attrs[] = {
	[K_TIPC_NLA_SOCK] = { .nest = sock_attrs, .n_nest = ARRAY_SIZE(sock_attrs) },
};

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct k_tipc_sock_diag_req req = {
		.sdiag_family = K_AF_TIPC,
		.tidiag_states = d->states,
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

/* A socket has its port at least; the rest of the program wants to see a family too. */
static void complete(struct row *row)
{
	static const uint8_t af = K_AF_TIPC;

	if (row_has(row, SEG_TIPC_REF))
		row_put(row, SEG_TIPC_AF, &af, sizeof(af));
}

const struct family family_tipc = {
	.name = "tipc",
	.msg = SEG_TIPC_AF,
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.complete = complete,
	.request = request,
};
