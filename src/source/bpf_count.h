/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * How many TCP sockets there are of each kind, connected or bound and
 * inactive, counted by a BPF program in the kernel's own tables without a
 * lock: for questions that need no row of its own for every socket.
 *
 * Sockets that are there all the time are counted once. All is counted before
 * anything is handed on: opening either succeeds or leaves no trace.
 */

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "bpf/count.h"

struct bpf_count;

struct bpf_count_opts {
	bool want_local, want_peer;          /* addresses */
	uint8_t local_bits[2], peer_bits[2]; /* the bits of them that count, of IPv4 and of IPv6 */
	bool want_local_port, want_peer_port, want_state, want_netns;
	bool is_everywhere;  /* sockets of all network namespaces that share the caller's table */
	uint8_t af;          /* AF_*, 0: both */
	bool want_bound;     /* also sockets that are bound, and neither listen nor are connected */
	uint32_t states;     /* of connections: bits 1 << K_TCP_* */
	uint32_t max_groups; /* to make room for */
	int64_t n_expected;  /* sockets that will be passed; -1: not known */
};

/* As a walk of all namespaces gives it: with its attribute K_INET_DIAG_X_NETNS, or ends before it. */
union bpf_count_message {
	struct nlmsghdr header;
	char bytes[NLMSG_SPACE(sizeof(struct inet_diag_msg)) + NLA_HDRLEN + sizeof(uint32_t)];
};

/*
 * Counts, in the calling thread's network namespace. Connections of a namespace may be in a table that it has
 * for itself, while bound sockets of all namespaces are in one: with .is_everywhere each is to be counted
 * once (bpf_tcp_table()). *@c, NULL or of an earlier count, is used again when it was made for the same @o,
 * else replaced. Returns 0, or a negative errno and NULL in *@c: -E2BIG when there are more groups than
 * .max_groups, else what this kernel, this build or the privilege lacks.
 */
int bpf_count_run(const struct bpf_count_opts *o, struct bpf_count **c, struct err *e);
struct bpf_count *bpf_count_free(struct bpf_count *c);

DEFINE_CLEANUP(struct bpf_count, bpf_count_free)

/*
 * The next group: *@ret as sock_diag would tell of one of its sockets, but
 * with the bits and members only that count, and where namespaces do, the one
 * it is in; *@ret_n is how many there are. Returns false at the end.
 */
bool bpf_count_next(struct bpf_count *c, union bpf_count_message *ret, uint64_t *ret_n);

/* The same of one slot; for the test. */
void bpf_count_message(const struct tcp_count_key *k, bool has_netns, union bpf_count_message *ret);

/* What the program is told to count by. Returns false when @o makes no sense. */
bool bpf_count_configure(const struct bpf_count_opts *o, struct tcp_count_config *ret);
