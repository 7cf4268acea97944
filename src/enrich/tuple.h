/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The two ends of a connection as one of them has them: whatever the address family, addresses have 16 bytes,
 * those of IPv4 mapped into IPv6 (RFC 4291, 2.5.5.2), for a socket of the one may be connected to one of the
 * other.
 */

#include <stdint.h>
#include <string.h>

#include "base/sv.h"

/* MPTCP has the addresses and the inode of its first subflow, which is a TCP socket. */
enum tuple_kind { TUPLE_TCP, TUPLE_UDP };

struct tuple {
	uint8_t local[16], peer[16];
	uint16_t lport, pport; /* big endian */
	uint32_t kind;         /* enum tuple_kind */
};

_Static_assert(sizeof(struct tuple) == 40, "compared as bytes");

/* The 4 or 16 bytes @addr as 16. */
static inline void tuple_addr(uint8_t ret[16], struct sv addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memset(ret, 0, 16);
	if (addr.len == 4)
		memcpy(ret, mapped, sizeof(mapped));
	memcpy(ret + (addr.len == 4 ? 12 : 0), addr.p, addr.len == 4 ? 4 : addr.len < 16 ? addr.len : 16);
}

/* As the other end has it, when nothing between them changes addresses. */
static inline struct tuple tuple_swap(const struct tuple *t)
{
	struct tuple ret = { .lport = t->pport, .pport = t->lport, .kind = t->kind };

	memcpy(ret.local, t->peer, sizeof(ret.local));
	memcpy(ret.peer, t->local, sizeof(ret.peer));
	return ret;
}

static inline struct sv tuple_key(const struct tuple *t)
{
	return sv_n((const char *)t, sizeof(*t));
}
