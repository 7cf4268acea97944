/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own counts of sockets.
 *
 * COUNTER_TCP_ALLOC, COUNTER_TCP_ORPHAN and the memory are those of the whole host whatever
 * the network namespace, the others those of the namespace.
 */

#include <stdint.h>

enum proc_counter {
	COUNTER_SOCKETS,   /* of all families */
	COUNTER_TCP_INUSE, /* IPv4; hashed: neither closed nor TIME-WAIT */
	COUNTER_TCP_ORPHAN,
	COUNTER_TCP_TW,
	COUNTER_TCP_ALLOC, /* IPv4 and IPv6, closed ones too, TIME-WAIT not */
	COUNTER_TCP_ESTAB, /* ESTABLISHED and CLOSE-WAIT, IPv4 and IPv6 */
	COUNTER_UDP_INUSE,
	COUNTER_RAW_INUSE,
	COUNTER_FRAG_INUSE,
	COUNTER_TCP6_INUSE,
	COUNTER_UDP6_INUSE,
	COUNTER_RAW6_INUSE,
	COUNTER_FRAG6_INUSE,
	COUNTER_TCP_MEM, /* pages */
	COUNTER_UDP_MEM,
	COUNTER_MAX,
};

struct proc_counters {
	int64_t v[COUNTER_MAX]; /* -1: the kernel did not say */
};

/* All absent. */
static inline struct proc_counters proc_counters_none(void)
{
	struct proc_counters c;

	for (int i = 0; i < COUNTER_MAX; i++)
		c.v[i] = -1;
	return c;
}
