/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/limited.h"

enum { APP, RWND, SNDBUF, CWND, NETWORK };

const char *const limited_words[] = {
	[APP] = "app", [RWND] = "rwnd", [SNDBUF] = "sndbuf", [CWND] = "cwnd", [NETWORK] = "network", NULL
};

enum { CA_RECOVERY = 3 }; /* and above it loss */

/* Whether most of the time with data to send was like @part. */
static bool is_most(const struct row *row, enum field_id part)
{
	return field_u64(row, part, 0) > field_u64(row, F_TCP_BUSY, 0) / 2;
}

/* Whether the window of the peer has no room for one more segment. */
static bool is_window_full(const struct row *row, uint64_t unacked)
{
	uint64_t mss = field_u64(row, F_TCP_MSS, 0), window = field_u64(row, F_TCP_SND_WND, UINT64_MAX);

	if (window == UINT64_MAX)
		return is_most(row, F_TCP_RWND_LIMITED);
	return (unacked + 1) * mss > window;
}

/* Segments that are thought to be under way. */
static uint64_t in_flight(const struct row *row, uint64_t unacked)
{
	uint64_t left = field_u64(row, F_TCP_SACKED, 0) + field_u64(row, F_TCP_LOST, 0);

	return (unacked > left ? unacked - left : 0) + field_u64(row, F_TCP_RETRANS, 0);
}

const char *limited_by(const struct row *row)
{
	uint64_t unacked = field_u64(row, F_TCP_UNACKED, 0),
		 unsent = field_u64(row, F_TCP_NOTSENT, UINT64_MAX);

	if (unsent == UINT64_MAX) /* before Linux 4.6 it is not told */
		return NULL;
	if (!unacked && !unsent)
		return limited_words[APP];
	if (field_u64(row, F_TCP_CA_STATE, 0) >= CA_RECOVERY || field_u64(row, F_TCP_RETRANSMITS, 0))
		return limited_words[NETWORK];
	if (unsent && is_window_full(row, unacked))
		return limited_words[RWND];
	if (in_flight(row, unacked) >= field_u64(row, F_TCP_CWND, UINT64_MAX))
		return limited_words[CWND];
	if (unsent)
		return limited_words[NETWORK];
	return is_most(row, F_TCP_SNDBUF_LIMITED) ? limited_words[SNDBUF] : limited_words[APP];
}
