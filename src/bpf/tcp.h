/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the BPF program tcp.bpf.c and its caller have in common beyond a walk's
 * order and records: what else there is to say about TCP, and the search for
 * bound sockets.
 */

#include "bpf/record.h"

/* What program "table" is asked about. */
enum { TCP_TABLE_CONNECTED, TCP_TABLE_LISTENING, TCP_TABLE_BOUND };

enum { TCP_SCANS = 2 };

/*
 * One search for buckets of bound ports that have sockets, of this namespace or
 * of all, of either address family, that neither listen nor are connected. Program
 * "scan" takes the index of its own; so TCP_SCANS can be under way at a time.
 */
struct tcp_scan {
	struct walk_cursor cursor; /* of the program, as are the last ones */
	/* in */
	uint32_t first, end; /* buckets */
	uint32_t max_steps;
	uint32_t is_everywhere; /* as of a walk */
	/* in and out */
	uint32_t is_kept; /* as of a walk */
	/* out */
	uint32_t next;       /* where to go on */
	uint32_t buckets;    /* how many the table has */
	uint32_t n_found;    /* in .found */
	uint32_t is_skipped; /* a bucket had more sockets than may be passed at a time: .next */
	uint32_t found[WALK_BUCKETS];
	uint32_t is_found;
};

struct tcp_record_info {
	struct sock_record_mem m;
	uint8_t cong[16];
	struct k_tcp_bbr_info bbr;
	uint32_t pad;
	struct k_tcp_info info;
};
