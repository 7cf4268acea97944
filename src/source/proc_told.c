/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What the text files under /proc/net tell of a socket, and what only sock_diag does. */

#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>

#include "kernel/abi.h"
#include "source/proc.h"

#define ALL_OF(seg)                      \
	{                                \
		SEG_##seg, 0, UINT16_MAX \
	}
#define UP_TO(seg, type, member)                     \
	{                                            \
		SEG_##seg, 0, offsetof(type, member) \
	}
#define ONLY(seg, type, member)                                                                         \
	{                                                                                               \
		SEG_##seg, offsetof(type, member), offsetof(type, member) + sizeof(((type *)0)->member) \
	}

/* Runs of bytes that the messages made of a file's lines have, and that are not said to be unknown there. */
struct run {
	uint8_t seg;
	uint16_t from, to;
};

/* The device and the cookie are not among them. */
static const struct run of_inet[] = {
	UP_TO(INET_MSG, struct inet_diag_msg, id.idiag_if),
	ONLY(INET_MSG, struct inet_diag_msg, idiag_expires),
	ONLY(INET_MSG, struct inet_diag_msg, idiag_rqueue),
	ONLY(INET_MSG, struct inet_diag_msg, idiag_wqueue),
	ONLY(INET_MSG, struct inet_diag_msg, idiag_uid),
	ONLY(INET_MSG, struct inet_diag_msg, idiag_inode),
	ALL_OF(INET_PROC),
	ALL_OF(PROC_REST),
	ALL_OF(PROC_DROPS),
	{},
};

static const struct run of_unix[] = {
	UP_TO(UNIX_MSG, struct unix_diag_msg, udiag_cookie),
	ALL_OF(UNIX_NAME),
	{},
};

static const struct run of_packet[] = {
	UP_TO(PACKET_MSG, struct packet_diag_msg, pdiag_cookie),
	ONLY(PACKET_INFO, struct packet_diag_info, pdi_index),
	ONLY(SKMEM, struct sk_meminfo, rmem_alloc),
	ALL_OF(UID),
	{},
};

static const struct run of_netlink[] = {
	ONLY(NETLINK_MSG, struct netlink_diag_msg, ndiag_family),
	ONLY(NETLINK_MSG, struct netlink_diag_msg, ndiag_protocol),
	ONLY(NETLINK_MSG, struct netlink_diag_msg, ndiag_portid),
	ONLY(NETLINK_MSG, struct netlink_diag_msg, ndiag_ino),
	ALL_OF(NETLINK_GROUPS),
	ALL_OF(NETLINK_PROC),
	{},
};

static const struct run *runs_of(const struct family *family)
{
	return family == &family_unix      ? of_unix
	       : family == &family_packet  ? of_packet
	       : family == &family_netlink ? of_netlink
					   : of_inet;
}

static bool is_told(const struct run *run, const struct loc *l)
{
	for (; run->to; run++)
		if (l->seg == run->seg &&
		    (l->any_len || (l->off >= run->from && l->off + l->size <= run->to)))
			return true;
	return l->seg == SEG_DUMP || seg_ask[l->seg] & (ASK_OWNERS | ASK_CONTEXT | ASK_PEERS);
}

/* UDP and raw sockets answer none of these. */
static bool is_of_connections(const struct dump *d, const struct loc *l)
{
	const uint64_t ask =
		ASK_INET(K_INET_DIAG_INFO) | ASK_INET(K_INET_DIAG_CONG) | ASK_INET(K_INET_DIAG_VEGASINFO);

	return d->family == &family_inet && d->origin.protocol != IPPROTO_TCP && seg_ask[l->seg] & ask;
}

bool proc_tells(const struct dump *d, enum field_id f)
{
	const struct run *runs = runs_of(d->family);
	enum table table = d->origin.table;
	bool has_answer = false;

	if (!family_has(d->family, f) || !field_can_be(f, table, d->states, false))
		return true;
	if (!field_can_be(f, table, d->states, true))
		return false;
	for (const struct loc *l = fields[f].at; l->size; l++) {
		if (is_told(runs, l))
			return true;
		has_answer |= !is_of_connections(d, l);
	}
	return !has_answer;
}
