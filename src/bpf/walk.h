/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where a walk by walk.bpf.h is. BPF programs keep it in memory that they
 * share with their callers, who have no business in it: of numbers on the
 * stack the kernel's verifier would follow every value that they can have.
 */

#include <stdint.h>

enum { WALK_LANES = 2 }; /* walks by one program at a time */

struct walk_cursor {
	uint64_t heads;            /* the table */
	uint64_t net;              /* the caller's network namespace */
	uint64_t node;             /* in a chain or list: of the next socket */
	uint64_t ports;            /* of a bucket of bound ports: the next one's node */
	uint64_t owners;           /* and the one at hand, whose sockets come */
	uint64_t last;             /* of these the node of the one passed last; 0: none */
	uint64_t kept, sought;     /* between two runs: .node and .owners, which have to be found again */
	uint32_t first, at, end;   /* buckets, or of a list its indexes: of the run, and the one at hand */
	uint32_t bucket;           /* the one at hand */
	uint32_t steps, max_steps; /* sockets passed; so many end the run, at the end of a bucket */
	uint32_t in_bucket;        /* passed in this one */
	uint32_t again, n_again;   /* readings repeated, of this bucket and of all */
	uint8_t is_open;           /* in the midst of a bucket */
	uint8_t is_listed;         /* only some buckets are walked */
	uint8_t is_kept;           /* the next run goes on in the midst of the bucket at hand */
	uint8_t pad;
	uint16_t port; /* of .owners */
	uint16_t pad2;
	uint32_t lane;   /* other than that of another walk at the same time */
	uint32_t looked; /* buckets before this one were looked at */
};
