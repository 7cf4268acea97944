/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What nets.bpf.c tells: which network namespaces there are, whoever or whatever holds them.
 */

#include <linux/types.h>

enum { NETS_MAX = 8192 }; /* a run passes them in a fraction of a millisecond */

struct nets_one {
	__u64 id; /* Linux 6.18; 0: it has none */
	__u32 inum, spare;
};

/* All that the program and its reader share: its .bss. */
struct nets_list {
	__u32 n;
	__u32 is_whole; /* the list was followed to where it began */
	struct nets_one v[NETS_MAX];
};
