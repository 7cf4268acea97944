/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the BPF program count.bpf.c and its caller have in common: what is
 * counted by, a run's order, and the groups counted.
 *
 * The groups are a hash table in an array that the caller can read as memory:
 * its number of slots is a power of two, at most half of them are used, and
 * the program only ever adds to it.
 */

#include <stdint.h>

#include "bpf/walk.h"

/* Constants of one loading, set before it. Addresses are counted by the bits of a mask, as they lie in
 * memory. */
struct tcp_count_config {
	uint32_t want_local, want_peer; /* addresses */
	uint32_t want_local_port, want_peer_port, want_state, want_netns;
	uint32_t is_everywhere; /* sockets of all namespaces that share the table */
	uint32_t want_ahead;    /* pays where there are very many, and takes longer to load */
	uint32_t local_mask4, peer_mask4;
	uint32_t local_mask6[4], peer_mask6[4];
	uint32_t family; /* AF_*, 0: both */
	uint32_t states; /* bits 1 << K_TCP_* */
	uint32_t n_slots, max_groups;
};

/* What is not counted by is 0. */
struct tcp_count_key {
	uint32_t local[4], peer[4]; /* IPv4: the first word; IPv4 in IPv6 form keeps the form */
	uint16_t local_port, peer_port;
	uint8_t state, family; /* never 0: a slot in use */
	uint16_t pad;
	uint64_t netns; /* inode number of the network namespace */
};

struct tcp_count_group {
	struct tcp_count_key key;
	uint64_t n; /* may be 0, for what was there when a bucket was read that had to be read again */
};

enum {
	TCP_COUNT_CHAIN = 256, /* sockets counted in one bucket */
};

/* What one run is to do, and what it did. */
struct tcp_count {
	/* in and out */
	uint32_t next;     /* bucket to go on with */
	uint32_t n_groups; /* slots in use */
	uint32_t is_kept;  /* the run ends, and the next one begins, in the midst of a list of owners */
	/* in */
	uint32_t max_steps, max_buckets; /* sockets, of whatever namespace, and buckets that one run passes */
	/* out */
	uint32_t buckets; /* how many the table has */
	uint32_t is_full; /* there are more groups than fit: the counts mean nothing */
	uint32_t is_lost; /* a bucket could not be read: neither do they then */
	/* of the program */
	struct walk_cursor cursor;
	uint32_t n_pending;
	struct tcp_count_key key;          /* of the socket at hand */
	uint32_t pending[TCP_COUNT_CHAIN]; /* slots of the bucket's sockets */
};
