/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Any message as a row of any family, and everything that can be done with
 * the row: for tests that have bytes and want nothing to go wrong.
 */

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "family/family.h"
#include "sink/classic/classic.h"

/* The ways in which a message can be looked at: a family, and for inet what the table was. */
static const struct any_view {
	const struct family *family;
	struct seg_dump origin;
	uint8_t af[2]; /* first byte of its messages; 0: they do not say */
} any_views[] = {
	{ &family_inet, { .table = TABLE_TCP, .protocol = IPPROTO_TCP }, { AF_INET, AF_INET6 } },
	{ &family_inet, { .table = TABLE_MPTCP, .protocol = K_IPPROTO_MPTCP }, { AF_INET, AF_INET6 } },
	{ &family_inet, { .table = TABLE_SCTP, .protocol = IPPROTO_SCTP }, { AF_INET, AF_INET6 } },
	{ &family_inet, { .table = TABLE_RAW, .protocol = IPPROTO_RAW }, { AF_INET, AF_INET6 } },
	{ &family_unix, { .table = TABLE_UNIX_STREAM }, { AF_UNIX } },
	{ &family_packet, { .table = TABLE_PACKET_RAW }, { AF_PACKET } },
	{ &family_netlink, { .table = TABLE_NETLINK }, { AF_NETLINK } },
	{ &family_vsock, { .table = TABLE_VSOCK_STREAM }, { K_AF_VSOCK } },
	{ &family_xdp, { .table = TABLE_XDP }, { K_AF_XDP } },
	{ &family_smc, { .table = TABLE_SMC }, { K_AF_SMC } },
	{ &family_tipc, { .table = TABLE_TIPC }, { 0 } },
};

static bool any_say_no(void *, struct text *, uint16_t)
{
	return false;
}

static bool any_service(void *, struct text *, uint16_t, uint16_t)
{
	return false;
}

static bool any_host(void *, struct text *, struct sv)
{
	return false;
}

static bool any_iface(void *, struct text *t, uint32_t ifindex)
{
	text_printf(t, "if%u", ifindex);
	return true;
}

static bool any_cgroup(void *, struct text *t, uint64_t id)
{
	text_char(t, '/');
	text_hex(t, id);
	return true;
}

static bool any_netlink(void *, struct text *, uint8_t)
{
	return false;
}

static bool any_process(void *, struct text *t, uint32_t)
{
	text_str(t, "\033[31m");
	return true;
}

static bool any_context(void *, struct text *, uint32_t)
{
	return false;
}

static bool any_socket_context(void *, struct text *, uint32_t, uint32_t)
{
	return false;
}

/* Every third map is unknown, every third value fails to print. */
static int any_storage(void *, struct text *t, uint32_t map_id, struct sv value, bool)
{
	if (map_id % 3 == 1)
		return -ENOENT;
	for (size_t i = 0; i < value.len; i++)
		text_hex(t, (uint8_t)value.p[i]);
	return map_id % 3 ? -EINVAL : 0;
}

static const struct names any_names = { .service = any_service,
					.protocol = any_say_no,
					.host = any_host,
					.iface = any_iface,
					.cgroup = any_cgroup,
					.netlink = any_netlink,
					.process = any_process,
					.context = any_context,
					.socket_context = any_socket_context,
					.storage = any_storage };

enum { ANY_SHOW_ALL = (SHOW_STATE << 1) - 1 };

/* Reads every field. @sink, if any, writes the row. Returns how many fields there were. */
static inline size_t any_use(const struct row *row, struct sink *sink)
{
	size_t n = 0;
	struct val v;

	for (enum field_id f = 0; f < F_MAX; f++)
		n += field_get(row, f, &v);
	if (sink)
		sink->ops->row(sink, row);
	return n;
}
