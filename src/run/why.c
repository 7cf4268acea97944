/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/why.h"

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

const char *why_nobody(const struct row *row, enum procs_sight sight, bool *ret_is_apart)
{
	struct seg_dump from;
	struct val v;

	*ret_is_apart = false;
	memcpy(&from, row->seg[SEG_DUMP], sizeof(from));
	if (field_get(row, F_OWNERS, &v) && v.owners.n)
		return is_by_threads(&v.owners) ? "thread-only" : NULL;
	if (row_has(row, SEG_NETLINK_MSG) && !field_u64(row, F_NETLINK_PORTID, 1))
		return "kernel";
	if (!field_u64(row, F_INODE, 0))
		return why_no_socket(row);
	if (from.is_recorded)
		return NULL;
	switch (sight) {
	case PROCS_SIGHT_NAMESPACE: return "other-pid-namespace";
	case PROCS_SIGHT_SOME:
	case PROCS_SIGHT_MOUNT:
	case PROCS_SIGHT_NONE: return "hidden";
	case PROCS_SIGHT_ALL: break;
	}
	*ret_is_apart = true;
	return NULL;
}

const char *why_apart(struct host *h, uint32_t inode)
{
	size_t n_flight;
	bool is_in_ring;

	host_aside(h, inode, &is_in_ring, &n_flight);
	return is_in_ring ? "io_uring" : n_flight ? "in-flight" : NULL;
}
