/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/queue.h"

#include <sys/socket.h>

/* Of SCTP and others nobody tells how much of their memory is payload. */
static bool is_stream(const struct row *row)
{
	switch (row_dump(row)->table) {
	case TABLE_TCP:
	case TABLE_MPTCP:
	case TABLE_UNIX_STREAM:
	case TABLE_UNIX_DGRAM: /* tables of one question; the type tells */
	case TABLE_UNIX_SEQPACKET: break;
	default: return false;
	}
	return !row_has(row, SEG_UNIX_MSG) || field_u64(row, F_TYPE, 0) != SOCK_DGRAM;
}

bool queue_is_of_datagrams(const struct row *row)
{
	switch (row_dump(row)->table) {
	case TABLE_UDP:
	case TABLE_UDPLITE:
	case TABLE_RAW:
	case TABLE_ICMP: return true;
	default: return row_has(row, SEG_UNIX_MSG) && field_u64(row, F_TYPE, 0) == SOCK_DGRAM;
	}
}

bool held_complete(const struct row *row, bool is_told, struct seg_held *held)
{
	struct val v;

	if (!is_stream(row) || !field_get(row, F_RECVQ, &v))
		return is_told;
	if (!is_told) {
		memset(held, 0xff, sizeof(*held));
		held->congestion = (struct sv){};
	}
	held->payload = v.u;
	return true;
}
