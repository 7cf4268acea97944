/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* SMC sockets: smc_diag. */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "family/family.h"

static const struct attr attrs[] = {
	[K_SMC_DIAG_CONNINFO] = { .seg = SEG_SMC_CONN + 1 },
	[K_SMC_DIAG_LGRINFO] = { .seg = SEG_SMC_LGR + 1 },
	[K_SMC_DIAG_SHUTDOWN] = { .seg = SEG_SHUTDOWN + 1 },
	[K_SMC_DIAG_DMBINFO] = { .seg = SEG_SMC_DMB + 1 },
	[K_SMC_DIAG_FALLBACK] = { .seg = SEG_SMC_FALLBACK + 1 },
};

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct k_smc_diag_req req = {
		.diag_family = K_AF_SMC,
		.diag_ext = ASK_SMC_BITS(d->ask),
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

/* An IPv4 address has the first of four words. None at all is "any" in either family. */
static bool is_ipv4(const struct k_inet_diag_sockid *id)
{
	uint32_t rest = id->idiag_src[1] | id->idiag_src[2] | id->idiag_src[3] | id->idiag_dst[1] |
			id->idiag_dst[2] | id->idiag_dst[3];

	return !rest && (id->idiag_src[0] | id->idiag_dst[0]);
}

/* What a state is called for other sockets; INIT is what any socket is before it listens or connects. */
static const uint8_t states[] = {
	[K_SMC_ACTIVE] = K_TCP_ESTABLISHED,
	[K_SMC_INIT] = K_TCP_CLOSE,
	[K_SMC_CLOSED] = K_TCP_CLOSE,
	[K_SMC_LISTEN] = K_TCP_LISTEN,
	[K_SMC_PEERCLOSEWAIT1] = K_TCP_FIN_WAIT1,
	[K_SMC_PEERCLOSEWAIT2] = K_TCP_FIN_WAIT2,
	[K_SMC_APPCLOSEWAIT1] = K_TCP_CLOSE_WAIT,
	[K_SMC_APPCLOSEWAIT2] = K_TCP_CLOSE_WAIT,
	[K_SMC_APPFINCLOSEWAIT] = K_TCP_LAST_ACK,
	[K_SMC_PEERFINCLOSEWAIT] = K_TCP_CLOSING,
	[K_SMC_PEERABORTWAIT] = K_TCP_CLOSING,
	[K_SMC_PROCESSABORT] = K_TCP_CLOSING,
};

static void complete(struct row *row)
{
	static const uint8_t v4 = AF_INET, v6 = AF_INET6;
	struct k_smc_diag_msg msg;

	if (!row_has(row, SEG_SMC_MSG))
		return;
	memcpy(&msg, row->seg[SEG_SMC_MSG], sizeof(msg));
	row_put(row, SEG_SMC_STATE, &states[msg.diag_state < ARRAY_SIZE(states) ? msg.diag_state : 0], 1);
	row_put(row, SEG_SMC_AF, is_ipv4(&msg.id) ? &v4 : &v6, 1);
}

const struct family family_smc = {
	.name = "smc",
	.msg = SEG_SMC_MSG,
	.msg_len = sizeof(struct k_smc_diag_msg),
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.complete = complete,
	.request = request,
};
