/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Sockets that are in no table: messages are made in this process (run/unbound.h), and nobody else is asked.
 */

#include "family/family.h"

const struct family family_unbound = {
	.name = "unbound",
	.msg = SEG_UNBOUND_MSG,
	.msg_len = sizeof(struct seg_unbound),
};
