/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the BPF programs that walk tables of sockets and their caller have in
 * common: a walk's order, and one record for each socket found.
 *
 * A record holds what sock_diag would say, in the layouts it says it with, so
 * that it can be made the same message. It is shorter when less is asked for.
 */

#include <linux/inet_diag.h>
#include <stdint.h>

#include "bpf/walk.h"
#include "kernel/abi.h"

/* Constants of one loading, set before it. */
struct walk_config {
	uint32_t want_mem, want_info;
	uint32_t only_counts; /* of .want_info what put_counts() has, the others 0 */
	uint32_t want_cc;     /* what the congestion control knows */
	uint32_t want_timer;  /* .idiag_timer, and what belongs to it */
	uint32_t want_detail; /* .mark to .tclass but .v6only */
	uint32_t want_ahead;  /* pays where there are very many, and takes longer to load */
	uint32_t usec_per_jiffy, msec_per_jiffy;
};

enum {
	WALK_BUCKETS = 1024, /* at most, by number */
	WALK_OTHERS = 4096,
};

/* What one run is to do, and what it did. */
struct walk_run {
	/* in */
	uint32_t first, end;    /* buckets, or with .n_listed indexes into .listed */
	uint32_t is_listed;     /* walk the buckets .listed */
	uint32_t family;        /* AF_*, 0: both */
	uint32_t states;        /* bits 1 << K_TCP_* */
	uint32_t is_everywhere; /* sockets of all namespaces that share the table */
	uint32_t max_records, max_steps;
	/* in and out */
	uint32_t is_kept; /* the run ends, and the next one begins, in the midst of a list of owners */
	/* out */
	uint32_t next;       /* where to go on */
	uint32_t n_records;  /* in the map */
	uint32_t n_others;   /* in .others */
	uint32_t n_seen;     /* sockets passed */
	uint32_t n_full;     /* those among them that are asked for but for their state: connections */
	uint32_t n_tw;       /* and those in TIME-WAIT */
	uint32_t n_again;    /* buckets read again, because they changed */
	uint32_t buckets;    /* how many the table has */
	uint32_t info_len;   /* of the kernel's struct tcp_info */
	uint32_t is_full;    /* one bucket alone has more than .max_records */
	uint32_t netns;      /* inode number of the caller's network namespace */
	uint32_t is_skipped; /* the bucket .next could not be read */
	uint32_t listed[WALK_BUCKETS];
	uint32_t others[WALK_OTHERS]; /* buckets with sockets of the other address family, in order */
	/* of the program */
	uint64_t table, secret; /* what program "table" says of one, and what it is made with */
	struct walk_cursor cursor;
	uint64_t jiffies;
	uint32_t n, first_n; /* records; those before the bucket at hand */
	uint32_t first_full, first_tw;
	uint32_t has_other;
};

enum {
	RECORD_IS_FULL = 1, /* a socket, not what stands for one in TIME-WAIT or SYN-RECV */
	/* What the program cannot tell: */
	RECORD_HAS_ULP = 2,
	RECORD_HAS_MD5 = 4,
	RECORD_HAS_CC = 8,     /* an algorithm that it does not know */
	RECORD_HAS_TIMER = 16, /* a timer that kernels treat differently */
	RECORD_HAS_ROUTE = 32, /* a route's own least RTO */
	RECORD_IS_BOUND = 64,  /* bound-inactive */
	RECORD_HAS_BBR = 128,  /* .bbr is valid */
	RECORD_INCOMPLETE =
		RECORD_HAS_ULP | RECORD_HAS_MD5 | RECORD_HAS_CC | RECORD_HAS_TIMER | RECORD_HAS_ROUTE,
};

struct sock_record {
	struct inet_diag_msg msg;
	uint32_t flags; /* RECORD_* */
	uint32_t netns; /* its inode number */
	uint32_t mark;
	uint32_t class_id;
	uint64_t cgroup;
	uint8_t sockopt[2];
	uint8_t shutdown, tos, tclass, v6only;
	uint8_t pad[2];
};

struct sock_record_mem {
	struct sock_record r;
	struct sk_meminfo mem;
	uint32_t pad;
};
