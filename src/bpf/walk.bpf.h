/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Walking the kernel's tables of sockets without a lock, a slice of buckets
 * at a time, for programs that each do something else with what they find.
 *
 * Sockets come and go meanwhile. The memory of one is only ever used for
 * another one, and the end of a chain says of which bucket it is; the lists of
 * bound ports, which have no such mark, are left to the callee to check. A
 * bucket where something does not fit is read again from its head, so what was
 * made of its sockets must not count before its end.
 *
 * All connections that a port accepted are in one list of its owners, so there
 * a run may also end in the midst of a bucket. New ones come to the head of a
 * list; the next run goes on behind the socket passed last, if that is still
 * in the list and before the same one as it was, and else reads the bucket
 * from its head. Nothing is read that may be freed memory: the bucket leads to
 * the port and the port has to be what the socket says it is in.
 *
 * A program keeps a struct walk_cursor and has bpf_loop() call a function that
 * hands its struct walk_ops, whose functions are inlined all of them, to
 * walk_chain() or walk_owners().
 */

#include "bpf/sock.bpf.h"
#include "bpf/walk.h"
#include "kernel/abi.h"

enum {
	WALK_AGAIN_MAX = 64,       /* times that one bucket is read */
	WALK_CHAIN_MAX = 1 << 18,  /* a longer chain is none */
	WALK_OWNERS_MAX = 1 << 26, /* of one bucket of bound ports: more than memory has room for */
	WALK_EMPTY_RUN = 16,       /* empty buckets passed at a time */
	WALK_LOOPS_MAX = 1 << 23,  /* what bpf_loop() takes */
	WALK_AHEAD = 16,           /* buckets looked at ahead, */
	WALK_ROUNDS = 8,           /* and of each so many sockets */
};

/* What to do after a socket: go on, end the run at this bucket's head, or read the bucket again. */
enum verdict { NEXT, STOP, AGAIN };

struct walk_ops {
	__u32 stride, head; /* size of a bucket, and where in it the chain begins */
	__u32 mark;         /* of a chain's end: that of bucket 0 */
	bool is_unmarked;   /* chains have no such mark; .see checks of which bucket each socket is */
	bool looks_ahead;   /* a constant */
	/* Where ->is_listed: the bucket at ->at. NULL: it never is. */
	__u32 (*listed)(__u32 at);
	/* Before the first socket of a bucket, each time that it is read. */
	void (*begin)(struct walk_cursor *c);
	/* A socket, of any namespace. Returns an enum verdict. */
	int (*see)(struct walk_cursor *c, unsigned long p);
	/* In place of .see: passes some of the owners from ->node on, and counts them. Returns an enum
	 * verdict. */
	int (*pass)(struct walk_cursor *c);
	/* Whether the port and address @tb has sockets to be seen. */
	bool (*has_owners)(const struct walk_cursor *c, const struct inet_bind2_bucket *tb);
	/* The bucket was read as a whole. */
	void (*end)(struct walk_cursor *c);
	/* It cannot be: it is too long, or changes all the time. */
	void (*lose)(struct walk_cursor *c);
};

/* The first bucket from @at on that is not empty, or that is WALK_EMPTY_RUN further, or @end. */
PART skip_empty(unsigned long heads, __u32 at, __u32 end, __u32 stride)
{
	for (int i = 0; i < WALK_EMPTY_RUN; i++) {
		unsigned long first = at < end ? read_word(heads + (unsigned long)at * stride) : 0;

		if (at >= end || (first && !(first & 1)))
			break;
		at++;
	}
	return (int)at;
}

static __always_inline unsigned long walk_head(const struct walk_cursor *c, const struct walk_ops *o)
{
	return c->heads + (unsigned long)c->bucket * o->stride + o->head;
}

/* Goes to the bucket at hand; false at the end of the run. */
static __always_inline bool walk_open(struct walk_cursor *c, const struct walk_ops *o)
{
	if (c->at >= c->end || c->steps >= c->max_steps)
		return false;
	c->bucket = o->listed && c->is_listed ? o->listed(c->at) : c->at;
	c->in_bucket = 0;
	c->is_open = 1;
	o->begin(c);
	return true;
}

static __always_inline void walk_close(struct walk_cursor *c, const struct walk_ops *o)
{
	o->end(c);
	c->again = 0;
	c->is_open = 0;
	c->at++;
}

/* Ends the run at the head of the bucket at hand. */
static __always_inline void walk_stop(struct walk_cursor *c)
{
	c->end = c->at;
	c->is_open = 0;
}

/*
 * Reads the bucket from its head again, unless that does not help. There is no result, and nothing else that
 * would have the kernel's verifier follow each number of readings on its own.
 */
static __always_inline void walk_again(struct walk_cursor *c, const struct walk_ops *o)
{
	if (c->again++ >= WALK_AGAIN_MAX) {
		o->lose(c);
		return;
	}
	c->n_again++;
	c->is_open = 0;
}

/* Whether the chain came to the end of the bucket at hand, not of another one. */
static __always_inline bool is_own_end(const struct walk_cursor *c, const struct walk_ops *o)
{
	return o->is_unmarked ? !c->node : c->node && (__u32)(c->node >> 1) == c->bucket + o->mark;
}

/* By lane, of each of the next buckets what is looked at next. What is seen means nothing. */
struct walk_ahead {
	unsigned long node[WALK_AHEAD];
	unsigned long seen;
} walk_ahead[WALK_LANES] SEC(".bss.ahead");

/* Looks at the next socket of each bucket; 1 when there was none. */
PART look_at_sockets(__u32 lane)
{
	struct walk_ahead *a = &walk_ahead[lane % WALK_LANES];
	unsigned long seen = 0, left = 0;

	for (int i = 0; i < WALK_AHEAD; i++) {
		unsigned long node = a->node[i];

		if (!node || node & 1)
			continue;
		seen ^= net_of(as_kernel(struct sock_common,
					 node - bpf_core_field_offset(struct sock_common, skc_nulls_node)));
		a->node[i] = node = read_word(node);
		left |= ~node & 1;
	}
	a->seen = seen;
	return !left;
}

/* The same of ports and addresses, and of each the first socket. */
PART look_at_ports(__u32 lane)
{
	struct walk_ahead *a = &walk_ahead[lane % WALK_LANES];
	unsigned long seen = 0, left = 0;

	for (int i = 0; i < WALK_AHEAD; i++) {
		unsigned long node = a->node[i], tb, owner;

		if (!node)
			continue;
		tb = node - bpf_core_field_offset(struct inet_bind2_bucket, node);
		owner = read_word(member_at(tb, struct inet_bind2_bucket, owners));
		if (owner)
			seen ^= read_word(owner);
		a->node[i] = node = read_word(node);
		left |= node;
	}
	a->seen = seen;
	return !left;
}

static long next_sockets(__u32 round, __u32 *lane)
{
	return is_true(look_at_sockets(*lane));
}

static long next_ports(__u32 round, __u32 *lane)
{
	return is_true(look_at_ports(*lane));
}

PART begin_ahead(__u32 lane, unsigned long heads, __u32 at, __u32 end, __u32 stride)
{
	struct walk_ahead *a = &walk_ahead[lane % WALK_LANES];

	for (__u32 i = 0; i < WALK_AHEAD; i++, at++)
		a->node[i] = at < end ? read_word(heads + (unsigned long)at * stride) : 0;
	return 0;
}

/*
 * Looks at what the next WALK_AHEAD buckets lead to, one of each in turn: the processor waits for many at a
 * time, and the walk, which comes right after, finds them in its cache.
 */
static __always_inline void look_ahead(struct walk_cursor *c, const struct walk_ops *o, void *next)
{
	__u32 lane = c->lane;

	if (!o->looks_ahead || (o->listed && c->is_listed) || c->at < c->looked)
		return;
	(void)begin_ahead(lane, c->heads + o->head, c->at, c->end, o->stride);
	c->looked = c->at + WALK_AHEAD;
	bpf_loop(WALK_ROUNDS, next, &lane, 0);
}

/* One step through chains, for bpf_loop(). */
static __always_inline long walk_chain(struct walk_cursor *c, const struct walk_ops *o)
{
	unsigned long next;

	if (!c->is_open) {
		if (!o->listed || !c->is_listed)
			c->at = (__u32)skip_empty(c->heads + o->head, c->at, c->end, o->stride);
		if (!walk_open(c, o))
			return 1;
		look_ahead(c, o, next_sockets);
		c->node = read_word(walk_head(c, o));
		return 0;
	}
	if (!c->node || c->node & 1) {
		if (is_own_end(c, o))
			walk_close(c, o);
		else
			walk_again(c, o);
		return 0;
	}
	next = read_word(c->node);
	barrier(); /* a socket that .see finds in this bucket after that was in it then */
	c->steps++;
	if (++c->in_bucket > WALK_CHAIN_MAX) {
		walk_again(c, o);
		return 0;
	}
	switch (o->see(c, c->node - bpf_core_field_offset(struct sock_common, skc_nulls_node))) {
	case NEXT: c->node = next; return 0;
	case AGAIN: walk_again(c, o); return 0;
	default: return 1;
	}
}

static __always_inline const struct sock_common *owner_at(unsigned long node)
{
	return as_kernel(struct sock_common, node - bpf_core_field_offset(struct sock_common, skc_bind_node));
}

/* Passes one owner of a port. Returns an enum verdict. */
static __always_inline int walk_owner(struct walk_cursor *c, const struct walk_ops *o)
{
	unsigned long p = c->node - bpf_core_field_offset(struct sock_common, skc_bind_node);
	unsigned long next = read_word(c->node);
	int r = AGAIN;

	c->steps++;
	c->in_bucket++;
	/* One of another port tells that the list was left. */
	if (as_kernel(struct sock_common, p)->skc_num == c->port)
		r = o->see(c, p);
	if (r != NEXT)
		return r;
	c->last = c->node;
	c->node = next;
	return NEXT;
}

/* Whether the socket is still one of those of the port and address at hand. */
static __always_inline bool is_owner(const struct walk_cursor *c, const struct sock_common *skc)
{
	const struct inet_timewait_sock *tw = as_kernel(struct inet_timewait_sock, skc);

	if (skc->skc_state == K_TCP_TIME_WAIT && bpf_core_field_exists(tw->tw_tb2))
		return read_word(member_at(tw, struct inet_timewait_sock, tw_tb2)) == c->owners;
	return read_word(member_at(skc, struct inet_connection_sock, icsk_bind2_hash)) == c->owners;
}

/* Ends the run in the midst of a list: to go on there, or where more than this bucket was read, at its head.
 */
static __always_inline void walk_keep(struct walk_cursor *c)
{
	c->is_kept = c->at == c->first;
}

/* Begins to look for the place that was kept. */
static __always_inline void walk_resume(struct walk_cursor *c, const struct walk_ops *o)
{
	c->is_kept = 0;
	c->sought = c->owners;
	c->kept = c->node;
	c->node = 0;
	c->ports = read_word(walk_head(c, o));
}

/* Goes on at the place that was kept, which is in the list of @tb, if there is still such a place. */
static __always_inline void walk_find(struct walk_cursor *c, const struct walk_ops *o, unsigned long tb)
{
	if (tb != c->sought)
		return;
	c->sought = 0;
	if (as_kernel(struct inet_bind2_bucket, tb)->port == c->port && is_owner(c, owner_at(c->last)) &&
	    owner_at(c->last)->skc_num == c->port && read_word(c->last) == c->kept)
		c->node = c->kept;
	else
		walk_again(c, o);
}

/*
 * One step through the buckets of bound ports, for bpf_loop(): each is a list of ports and addresses, each
 * of these has a list of sockets.
 */
static __always_inline long walk_owners(struct walk_cursor *c, const struct walk_ops *o)
{
	unsigned long tb;

	if (!c->is_open) {
		if (!walk_open(c, o))
			return 1;
		look_ahead(c, o, next_ports);
		c->ports = read_word(walk_head(c, o));
		c->node = c->last = c->sought = 0;
		return 0;
	}
	if (c->is_kept) {
		walk_resume(c, o);
		return 0;
	}
	if (c->in_bucket > WALK_OWNERS_MAX) {
		o->lose(c);
		return 0;
	}
	if (c->node) {
		if (c->steps >= c->max_steps && c->last) {
			walk_keep(c);
			return 1;
		}
		switch (o->pass ? o->pass(c) : walk_owner(c, o)) {
		case NEXT: return 0;
		case AGAIN: walk_again(c, o); return 0;
		default: return 1;
		}
	}
	if (!c->ports) {
		if (c->sought)
			walk_again(c, o);
		else
			walk_close(c, o);
		return 0;
	}
	tb = c->ports - bpf_core_field_offset(struct inet_bind2_bucket, node);
	c->ports = read_word(c->ports);
	c->in_bucket++;
	if (c->sought) {
		walk_find(c, o, tb);
		return 0;
	}
	c->owners = tb;
	c->port = as_kernel(struct inet_bind2_bucket, tb)->port;
	c->last = 0;
	if (o->has_owners(c, as_kernel(struct inet_bind2_bucket, tb)))
		c->node = read_word(member_at(tb, struct inet_bind2_bucket, owners));
	return 0;
}

/* The tables, for a .heads. */
static __always_inline unsigned long walk_connections(const struct inet_hashinfo *h)
{
	return read_word(member_at(h, struct inet_hashinfo, ehash));
}

static __always_inline unsigned long walk_listening(const struct inet_hashinfo *h)
{
	return read_word(member_at(h, struct inet_hashinfo, lhash2));
}

static __always_inline unsigned long walk_bound_ports(const struct inet_hashinfo *h)
{
	return read_word(member_at(h, struct inet_hashinfo, bhash2));
}

/* How their buckets lie. */
#define WALK_CONNECTIONS .stride = bpf_core_type_size(struct inet_ehash_bucket), .head = 0, .mark = 0
#define WALK_BOUND_PORTS                                           \
	.stride = bpf_core_type_size(struct inet_bind_hashbucket), \
	.head = bpf_core_field_offset(struct inet_bind_hashbucket, chain)
