/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/why.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* Whether all have it by threads with tables of their own, which /proc/PID/fd does not show. */
static bool is_by_threads(const struct owners *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (!o->v[i].holder)
			return false;
	return o->n > 0;
}

/* No process can hold it: no socket is made of it yet, or any more. */
static const char *why_no_socket(const struct row *row)
{
	uint64_t state = field_u64(row, F_STATE, 0);
	struct seg_dump from;

	memcpy(&from, row->seg[SEG_DUMP], sizeof(from));
	if (from.table == TABLE_SCTP || from.table == TABLE_TIPC) /* they count states in another way */
		return NULL;
	switch (state) {
	case K_TCP_TIME_WAIT: return "time-wait";
	case K_TCP_SYN_RECV:
	case K_TCP_ESTABLISHED:
	case K_TCP_CLOSE_WAIT: return "not-accepted";
	case K_TCP_FIN_WAIT1:
	case K_TCP_FIN_WAIT2:
	case K_TCP_CLOSING:
	case K_TCP_LAST_ACK: return "orphan";
	default: return NULL;
	}
}

const char *why_nobody(const struct row *row, enum procs_sight sight, enum why_open *ret_open)
{
	struct seg_dump from;
	struct val v;

	*ret_open = WHY_SETTLED;
	memcpy(&from, row->seg[SEG_DUMP], sizeof(from));
	if (field_get(row, F_OWNERS, &v) && v.owners.n)
		return is_by_threads(&v.owners) ? "thread-only" : NULL;
	if (row_has(row, SEG_NETLINK_MSG) && !field_u64(row, F_NETLINK_PORTID, 1))
		return "kernel";
	if (!field_u64(row, F_INODE, 0))
		return why_no_socket(row);
	if (from.is_recorded)
		return NULL;
	*ret_open = WHY_HIDDEN;
	switch (sight) {
	case PROCS_SIGHT_NAMESPACE: return "other-pid-namespace";
	case PROCS_SIGHT_SOME:
	case PROCS_SIGHT_MOUNT:
	case PROCS_SIGHT_NONE: return "hidden";
	case PROCS_SIGHT_ALL: break;
	}
	*ret_open = WHY_APART;
	return NULL;
}

const char *why_apart(struct host *h, uint32_t inode)
{
	size_t n_flight;
	bool is_in_ring;

	host_aside(h, inode, &is_in_ring, &n_flight);
	return is_in_ring ? "io_uring" : n_flight ? "in-flight" : NULL;
}

bool why_is_of_iface(const struct names *names, const struct row *row)
{
	static const uint8_t any[16];
	struct val v;

	if (row_dump(row)->table != TABLE_UDP || field_u64(row, F_DPORT, 0) || !names->iface_has_port ||
	    !field_get(row, F_SRC, &v) || v.s.len > sizeof(any) || memcmp(v.s.p, any, v.s.len) != 0)
		return false;
	return names->iface_has_port(names->ctx, ntohs((uint16_t)field_u64(row, F_SPORT, 0)));
}

const char *why_undescribed(struct host *h, struct still *still, const struct row *row)
{
	uint32_t netns = (uint32_t)field_u64(row, F_NETNS_ID, 0);
	const char *why = why_apart(h, (uint32_t)field_u64(row, F_INODE, 0));
	bool is_here = h->is_live && (!netns || netns == host_here(h));

	return is_here && still_has_ended(still, row) ? "gone" : why;
}
