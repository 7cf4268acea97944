/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which sockets of a dump came already, for dumps that bring some twice.
 */

#include "base/hash.h"

enum { SEEN_MAX = 1 << 16 }; /* sockets remembered, in 2 MiB; of those beyond, all count as new */

struct seen {
	struct hash cookies;
	uint32_t group;
};

void seen_done(struct seen *s);

/*
 * Whether the socket with @cookie came before. Sockets of another @group
 * than the last one's come together: what was seen is forgotten then.
 */
bool seen_before(struct seen *s, uint32_t group, uint64_t cookie);
