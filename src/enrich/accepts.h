/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who listens where, and which Unix sockets have the name of a listener: from that, and from what the kernel
 * counted, it follows who of a connection's two ends began.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/sv.h"

enum direction {
	DIRECTION_UNKNOWN,
	DIRECTION_IN,  /* it came through a listener */
	DIRECTION_OUT, /* it was connected */
};

struct listener {
	uint8_t family; /* AF_INET, AF_INET6: a connection has that of its listener, also when its addresses
			   are mapped */
	uint16_t port;  /* big endian */
	uint32_t netns, ifindex; /* .ifindex: 0 when it is not bound to an interface */
	uint8_t addr[16];        /* as tuple_addr() makes it; all zero, or mapped zero: all */
};

struct accepts;

/* Returns 0 or -ENOMEM. */
int accepts_new(struct accepts **ret);
struct accepts *accepts_free(struct accepts *x);

DEFINE_CLEANUP(struct accepts, accepts_free)

/* Adds a copy of @l. Returns 0 or -ENOMEM. */
int accepts_add(struct accepts *x, const struct listener *l);

/* Whether a connection of @c, with the address, port and interface that it has itself, may have come through
 * one. */
bool accepts_has(const struct accepts *x, const struct listener *c);

/*
 * Adds the Unix socket @inode of the network namespace @netns, named @name, empty for none. Returns 0 or
 * -ENOMEM.
 */
int accepts_add_unix(struct accepts *x, uint32_t inode, uint32_t netns, struct sv name, bool is_listener);

/* Sets *@ret to the network namespace that the Unix socket @inode is listed in; false when it is not known.
 */
bool accepts_unix_netns(const struct accepts *x, uint32_t inode, uint32_t *ret);

/*
 * Who began the connection of the Unix sockets @own and @peer. Whom a listener makes has its name, and the
 * other end has none or another; the two of a pair have neither.
 */
enum direction accepts_unix(const struct accepts *x, uint32_t own, uint32_t peer);

/* What the kernel tells of a TCP connection; all as in struct tcp_info, .wqueue as in inet_diag_msg. */
struct tcp_signs {
	uint32_t state; /* K_TCP_* */
	bool has_inode;
	bool has_info; /* of what follows, all is told */
	uint64_t bytes_acked, bytes_sent, bytes_retrans;
	uint32_t wqueue, notsent, unacked, total_retrans, delivered, data_segs_out;
	bool has_listener;      /* of its own address and port */
	bool has_peer_listener; /* of its peer's, which is in the same network namespace */
};

/*
 * Who began it. A SYN takes a sequence number, and its acknowledgement counts as a byte: tcp_info's count of
 * acknowledged bytes is one above that of the bytes sent where the SYN was sent by connect(), and equal where
 * the socket was made by a listener, which sends the SYN before there is the socket (Linux 4.19).
 */
enum direction tcp_direction(const struct tcp_signs *s);
