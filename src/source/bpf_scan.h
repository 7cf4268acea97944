/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where in the kernel's table of bound ports there are sockets that neither
 * listen nor are connected: mostly nowhere, and the table names all TCP
 * sockets. So two threads look for them before any is read.
 */

#include <stdint.h>

#include "base/err.h"
#include "bpf/tcp.h"

enum { BPF_BUCKETS_MAX = 1 << 24 }; /* that a table can have */

/* A set of buckets of a table. */
struct bpf_buckets {
	uint8_t *bits; /* to be freed; NULL: none was made yet */
	uint32_t n;    /* buckets that the table has */
};

/* Makes the empty set. Returns 0 or -ENOMEM. */
int bpf_buckets_make(struct bpf_buckets *b, uint32_t n);

void bpf_buckets_clear(struct bpf_buckets *b);

/* Adds @bucket, if the table has it. */
void bpf_buckets_add(struct bpf_buckets *b, uint32_t bucket);

/*
 * Adds to @ret, which may not be made yet, all buckets with bound sockets that program
 * @program, which reads and writes the TCP_SCANS @scans, finds. Returns 0 or a negative errno.
 */
int bpf_scan(int program, struct tcp_scan *scans, struct bpf_buckets *ret, struct err *e);
