/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * TCP sockets as the kernel's own tables have them, read by a BPF program
 * without a lock: the messages of a netlink dump, in the same order, for a
 * fraction of its cost, once there are tens of thousands.
 *
 * What the program cannot see of a socket is asked of the kernel for that one
 * socket. Where it does not say what sock_diag says, opening fails, and
 * netlink is to be asked instead.
 */

#include "base/cleanup.h"
#include "source/bpf_walk.h"

struct bpf_tcp;

struct bpf_tcp_opts {
	struct bpf_walk_opts walk;
	bool want_listening; /* dumps of listening sockets will be opened, too */
};

/* Loads the program. Returns 0 or a negative errno: -EPERM, or what this kernel or this build lacks. */
int bpf_tcp_new(const struct bpf_tcp_opts *o, struct bpf_tcp **ret, struct err *e);

/*
 * Does now, in place of the first opening, what all dumps of bound-inactive sockets need once. What fails is
 * tried again then.
 */
void bpf_tcp_prepare_bound(struct bpf_tcp *b);

/*
 * Where @b was made with .is_everywhere: what the table with the answer to @d is called, in the network
 * namespace of the calling thread, while @b lives. Two namespaces for which it is the same share the table,
 * and each table has to be walked once. Returns 0 or a negative errno.
 */
int bpf_tcp_table(struct bpf_tcp *b, const struct dump *d, uint64_t *ret, struct err *e);

/*
 * Why the last source, read to its end, may not have given all; NULL: nothing speaks for it. Borrowed until
 * the next one is opened.
 */
const char *bpf_tcp_doubt(const struct bpf_tcp *b);

/* NULL may be given, and is returned. No source of @b may be open. */
struct bpf_tcp *bpf_tcp_free(struct bpf_tcp *b);

DEFINE_CLEANUP(struct bpf_tcp, bpf_tcp_free)

/* Before a run that is not the first: what the last one found out is forgotten. */
void bpf_tcp_begin(struct bpf_tcp *b);

/*
 * Opens the answer to @d, of which family, states and extensions count: one of listening, bound-inactive or
 * connected sockets at a time, and one source at a time. Returns 0 or a negative errno; then no message was
 * given.
 */
int bpf_tcp_open(struct bpf_tcp *b, const struct dump *d, struct source **ret, struct err *e);
