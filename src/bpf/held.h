/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What held.bpf.c tells of each find of the window (bpf/files.h): as the kernel has it, times in ticks of its
 * clock.
 */

#include "bpf/files.h"

enum held_flag {
	HELD_IS_TCP = 1 << 0,
	HELD_IS_MPTCP = 1 << 1, /* its options are in several places: to be asked itself */
	HELD_NODELAY = 1 << 2,
	HELD_CORK = 1 << 3,
	HELD_KEEPALIVE = 1 << 4,
	HELD_LINGER = 1 << 5,
	HELD_REUSEADDR = 1 << 6,
	HELD_REUSEPORT = 1 << 7,
	HELD_SNDBUF_LOCKED = 1 << 8,
	HELD_RCVBUF_LOCKED = 1 << 9,
	HELD_CONGESTION_SET = 1 << 10,
	HELD_HAS_QUEUE = 1 << 11, /* of datagrams, all of which were counted */
};

enum { HELD_CONGESTION = 16 };

struct held_record {
	__u64 linger;
	__u32 flags;
	__u32 keepidle, keepintvl, keepcnt;
	__u32 user_timeout, notsent_lowat;
	__u32 packets, next; /* next: the length of the first */
	__u64 payload;
	char congestion[HELD_CONGESTION];
};
