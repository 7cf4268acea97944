/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is known of a machine before it is asked for its sockets; how it is best asked depends on it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * With so many TCP sockets in use, listing those that are bound but neither listen nor are connected holds up
 * new connections: the kernel passes all sockets of a port under the lock that they need, for about 0.2 us
 * each.
 */
enum { TCP_BOUND_CHEAP = 20000 };

/*
 * And with so many on the whole host it takes long wherever it is done, for about 0.15 us each and address
 * family: the table of bound ports is one for all network namespaces, and is passed under its locks.
 */
enum { TCP_BOUND_CHEAP_HOST = 100000 };

struct facts {
	uint16_t kernel; /* its version, 0x60a for 6.10; 0: not known */
	/* Sockets that are counted in the network namespace, or in all that share its table; -1: not known.
	 */
	int64_t n_tcp;   /* all but bound-inactive ones */
	int64_t n_inuse; /* the same without TIME-WAIT */
	int64_t n_udp;
	int64_t n_host; /* TCP sockets of all namespaces */
	size_t n_netns; /* that have TCP sockets in the table of this one; 0: only this one is asked for */
	bool has_bpf;   /* our BPF programs can be tried on it */
};

/* Whether Linux @kernel has a list of bound-inactive sockets; one that is not known is taken to have it. */
static inline bool kernel_lists_bound(uint16_t kernel)
{
	return !kernel || kernel >= 0x608;
}

/* Of a machine about which nothing is known. */
static inline struct facts facts_unknown(void)
{
	return (struct facts){ .n_tcp = -1, .n_inuse = -1, .n_udp = -1, .n_host = -1 };
}
