/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* AF_XDP sockets: xdp_diag. */

#include "base/cleanup.h"
#include "family/family.h"

static const struct attr attrs[] = {
	[K_XDP_DIAG_INFO] = { .seg = SEG_XDP_INFO + 1 },
	[K_XDP_DIAG_UID] = { .seg = SEG_UID + 1 },
	[K_XDP_DIAG_RX_RING] = { .seg = SEG_XDP_RX_RING + 1 },
	[K_XDP_DIAG_TX_RING] = { .seg = SEG_XDP_TX_RING + 1 },
	[K_XDP_DIAG_UMEM] = { .seg = SEG_XDP_UMEM + 1 },
	[K_XDP_DIAG_UMEM_FILL_RING] = { .seg = SEG_XDP_FILL_RING + 1 },
	[K_XDP_DIAG_UMEM_COMPLETION_RING] = { .seg = SEG_XDP_COMP_RING + 1 },
	[K_XDP_DIAG_MEMINFO] = { .seg = SEG_SKMEM + 1 },
	[K_XDP_DIAG_STATS] = { .seg = SEG_XDP_STATS + 1 },
};

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct k_xdp_diag_req req = {
		.sdiag_family = K_AF_XDP,
		.xdiag_show = ASK_XDP_BITS(d->ask),
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

const struct family family_xdp = {
	.name = "xdp",
	.msg = SEG_XDP_MSG,
	.msg_len = sizeof(struct k_xdp_diag_msg),
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.request = request,
};
