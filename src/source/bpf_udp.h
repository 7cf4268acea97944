/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * UDP sockets as the kernel's own table has them, read by a BPF program
 * without a lock: the messages of a netlink dump, in the same order. Netlink
 * holds the lock that packets to a port need while it tells of the sockets of
 * that port, and passes all of them again for each few hundred that it tells
 * of.
 */

#include "base/cleanup.h"
#include "source/bpf_walk.h"

struct bpf_udp;

/* Loads the program. Returns 0 or a negative errno: -EPERM, or what this kernel or this build lacks. */
int bpf_udp_new(const struct bpf_walk_opts *o, struct bpf_udp **ret, struct err *e);

/* As bpf_tcp_table(), of the one table that there is for all of UDP. */
int bpf_udp_table(struct bpf_udp *b, uint64_t *ret, struct err *e);

/* NULL may be given, and is returned. No source of @b may be open. */
struct bpf_udp *bpf_udp_free(struct bpf_udp *b);

DEFINE_CLEANUP(struct bpf_udp, bpf_udp_free)

/* Before a run that is not the first: what the last one found out is forgotten. */
void bpf_udp_begin(struct bpf_udp *b);

/*
 * Opens the answer to @d, of which family, states and extensions count; one
 * source at a time. Returns 0 or a negative errno, and no message was given then: -E2BIG when more sockets
 * came to one slot than there is room for, which loading it anew makes.
 */
int bpf_udp_open(struct bpf_udp *b, const struct dump *d, struct source **ret, struct err *e);
