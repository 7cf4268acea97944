/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Unix domain sockets: unix_diag. */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "family/family.h"

static const struct attr attrs[] = {
	[UNIX_DIAG_NAME] = { .seg = SEG_UNIX_NAME + 1 },    [UNIX_DIAG_VFS] = { .seg = SEG_UNIX_VFS + 1 },
	[UNIX_DIAG_PEER] = { .seg = SEG_UNIX_PEER + 1 },    [UNIX_DIAG_ICONS] = { .seg = SEG_UNIX_ICONS + 1 },
	[UNIX_DIAG_RQLEN] = { .seg = SEG_UNIX_RQLEN + 1 },  [UNIX_DIAG_MEMINFO] = { .seg = SEG_SKMEM + 1 },
	[UNIX_DIAG_SHUTDOWN] = { .seg = SEG_SHUTDOWN + 1 }, [K_UNIX_DIAG_UID] = { .seg = SEG_UID + 1 },
};

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	const struct unix_diag_req req = {
		.sdiag_family = AF_UNIX,
		.udiag_states = d->states,
		.udiag_show = ASK_UNIX_BITS(d->ask),
	};

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	return sizeof(req);
}

const struct family family_unix = {
	.name = "unix",
	.msg = SEG_UNIX_MSG,
	.msg_len = sizeof(struct unix_diag_msg),
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.request = request,
};
