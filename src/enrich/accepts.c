/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/accepts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "enrich/tuple.h"
#include "kernel/abi.h"

struct listening {
	struct listener l;
	struct listening *next, *same_port;
};

struct named {
	uint64_t name; /* hash of it, 0 for none */
	uint32_t inode, netns;
	struct named *next;
};

struct accepts {
	struct hash by_port; /* the first with the same */
	struct listening *listening;
	struct hash by_inode; /* Unix sockets */
	struct named *named;
	struct hash names; /* of listeners: any pointer */
};

int accepts_new(struct accepts **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

struct accepts *accepts_free(struct accepts *x)
{
	if (!x)
		return NULL;
	while (x->listening) {
		struct listening *l = x->listening;

		x->listening = l->next;
		free(l);
	}
	while (x->named) {
		struct named *n = x->named;

		x->named = n->next;
		free(n);
	}
	hash_done(&x->by_port);
	hash_done(&x->by_inode);
	hash_done(&x->names);
	free(x);
	return NULL;
}

static uint64_t port_hash(const struct listener *l)
{
	return hash_u64((uint64_t)l->netns << 24 | (uint64_t)(l->family == AF_INET6) << 16 | l->port);
}

int accepts_add(struct accepts *x, const struct listener *l)
{
	struct listening *n = malloc(sizeof(*n)), *first = hash_find(&x->by_port, port_hash(l), NULL, NULL);

	if (!n)
		return -ENOMEM;
	*n = (struct listening){ .l = *l, .next = x->listening };
	x->listening = n;
	if (!first)
		return hash_put(&x->by_port, port_hash(l), n);
	n->same_port = first->same_port;
	first->same_port = n;
	return 0;
}

static bool is_any(const uint8_t addr[16])
{
	static const uint8_t any[16], any4[16] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, any, sizeof(any)) || !memcmp(addr, any4, sizeof(any4));
}

bool accepts_has(const struct accepts *x, const struct listener *c)
{
	for (const struct listening *l = hash_find(&x->by_port, port_hash(c), NULL, NULL); l;
	     l = l->same_port)
		if ((is_any(l->l.addr) || !memcmp(l->l.addr, c->addr, sizeof(c->addr))) &&
		    (!l->l.ifindex || l->l.ifindex == c->ifindex))
			return true;
	return false;
}

int accepts_add_unix(struct accepts *x, uint32_t inode, uint32_t netns, struct sv name, bool is_listener)
{
	uint64_t hash = name.len ? hash_bytes(name) | 1 : 0;
	struct named *n;

	if (is_listener && hash && !hash_find(&x->names, hash, NULL, NULL) &&
	    hash_put(&x->names, hash, x) < 0)
		return -ENOMEM;
	if (!inode || is_listener || hash_find(&x->by_inode, hash_u64(inode), NULL, NULL))
		return 0;
	n = malloc(sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct named){ .name = hash, .inode = inode, .netns = netns, .next = x->named };
	x->named = n;
	return hash_put(&x->by_inode, hash_u64(inode), n);
}

static const struct named *find_unix(const struct accepts *x, uint32_t inode)
{
	return hash_find(&x->by_inode, hash_u64(inode), NULL, NULL);
}

bool accepts_unix_netns(const struct accepts *x, uint32_t inode, uint32_t *ret)
{
	const struct named *n = find_unix(x, inode);

	if (n)
		*ret = n->netns;
	return n;
}

static bool has_listeners_name(const struct accepts *x, const struct named *n)
{
	return n->name && hash_find(&x->names, n->name, NULL, NULL);
}

enum direction accepts_unix(const struct accepts *x, uint32_t own, uint32_t peer)
{
	const struct named *a = find_unix(x, own), *b = find_unix(x, peer);

	if (!a || !b || has_listeners_name(x, a) == has_listeners_name(x, b))
		return DIRECTION_UNKNOWN;
	return has_listeners_name(x, a) ? DIRECTION_IN : DIRECTION_OUT;
}

/*
 * What is acknowledged and was not sent as data, of which @outstanding bytes are not acknowledged yet: the
 * SYN that connect() sent.
 */
static int64_t extra_acked(const struct tcp_signs *s, uint64_t outstanding)
{
	uint64_t sent = s->bytes_sent - s->bytes_retrans;
	uint64_t fin = s->state == K_TCP_FIN_WAIT2;

	return (int64_t)(s->bytes_acked - fin + outstanding - sent);
}

/*
 * A connection that was not made by a handshake, but put into place from a saved one (TCP_REPAIR), counts
 * nothing as delivered for that; it looks as if a listener had made it.
 */
static bool had_handshake(const struct tcp_signs *s)
{
	return (uint64_t)s->delivered + s->total_retrans > s->data_segs_out;
}

static enum direction by_listeners(const struct tcp_signs *s)
{
	if (s->has_listener == s->has_peer_listener)
		return DIRECTION_UNKNOWN;
	return s->has_listener ? DIRECTION_IN : DIRECTION_OUT;
}

/* Who has sent no FIN, or has it acknowledged, so that the counts tell of the SYN. */
static enum direction by_counts(const struct tcp_signs *s)
{
	bool is_idle = !s->unacked && !s->notsent;
	int64_t extra = extra_acked(s, is_idle ? 0 : (uint64_t)s->wqueue - s->notsent);

	if (extra != 0 && extra != 1)
		return by_listeners(s);
	if (extra == 0 && !had_handshake(s))
		return by_listeners(s);
	/* The queue is read a moment before the counts: it has to agree with what else is known. */
	if (!is_idle && s->has_listener != (extra == 0))
		return DIRECTION_UNKNOWN;
	return extra ? DIRECTION_OUT : DIRECTION_IN;
}

enum direction tcp_direction(const struct tcp_signs *s)
{
	switch (s->state) {
	case K_TCP_SYN_SENT: return DIRECTION_OUT;
	case K_TCP_SYN_RECV:
		/* One with an inode may be of two that connected to each other at once, or of TCP Fast Open.
		 */
		return s->has_inode ? DIRECTION_UNKNOWN : DIRECTION_IN;
	case K_TCP_ESTABLISHED:
	case K_TCP_CLOSE_WAIT:
	case K_TCP_FIN_WAIT2: return s->has_info ? by_counts(s) : by_listeners(s);
	case K_TCP_FIN_WAIT1:
	case K_TCP_TIME_WAIT:
	case K_TCP_LAST_ACK:
	case K_TCP_CLOSING: return by_listeners(s);
	default: return DIRECTION_UNKNOWN;
	}
}
