/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Packet sockets: packet_diag. */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "family/family.h"

static const struct attr attrs[] = {
	[PACKET_DIAG_INFO] = { .seg = SEG_PACKET_INFO + 1 },
	[PACKET_DIAG_MCLIST] = { .seg = SEG_PACKET_MCLIST + 1 },
	[PACKET_DIAG_RX_RING] = { .seg = SEG_PACKET_RX_RING + 1 },
	[PACKET_DIAG_TX_RING] = { .seg = SEG_PACKET_TX_RING + 1 },
	[PACKET_DIAG_FANOUT] = { .seg = SEG_PACKET_FANOUT + 1 },
	[PACKET_DIAG_UID] = { .seg = SEG_UID + 1 },
	[PACKET_DIAG_MEMINFO] = { .seg = SEG_SKMEM + 1 },
	[PACKET_DIAG_FILTER] = { .seg = SEG_PACKET_FILTER + 1 },
};

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct packet_diag_req req = {
		.sdiag_family = AF_PACKET,
		.pdiag_show = ASK_PACKET_BITS(d->ask),
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

const struct family family_packet = {
	.name = "packet",
	.msg = SEG_PACKET_MSG,
	.msg_len = sizeof(struct packet_diag_msg),
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.request = request,
};
