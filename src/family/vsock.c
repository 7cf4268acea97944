/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Sockets between virtual machines and their host: vsock_diag. */

#include "base/cleanup.h"
#include "family/family.h"

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct k_vsock_diag_req req = {
		.sdiag_family = K_AF_VSOCK,
		.vdiag_states = d->states,
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

const struct family family_vsock = {
	.name = "vsock",
	.msg = SEG_VSOCK_MSG,
	.msg_len = sizeof(struct k_vsock_diag_msg),
	.request = request,
};
