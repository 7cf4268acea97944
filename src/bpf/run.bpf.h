/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * One run of a program that walks a table and writes records: what it was
 * told, what it answers, and what to do at both ends of a bucket.
 */

#include "bpf/record.bpf.h"
#include "bpf/walk.bpf.h"

struct walk_run walk;

static __always_inline __u32 listed(__u32 at)
{
	return walk.listed[at % WALK_BUCKETS];
}

/* What was read of this bucket before does not count. */
static __always_inline void begin_bucket(struct walk_cursor *w)
{
	if (w->again) {
		walk.n = walk.first_n;
		walk.n_full = walk.first_full;
		walk.n_tw = walk.first_tw;
	}
	walk.first_n = walk.n;
	walk.first_full = walk.n_full;
	walk.first_tw = walk.n_tw;
	walk.has_other = 0;
}

static __always_inline void end_bucket(struct walk_cursor *w)
{
	__u32 n = walk.n_others;

	if (!walk.has_other || n >= WALK_OTHERS)
		return;
	walk.others[n] = w->bucket;
	walk.n_others = n + 1;
	/* No room for another one: the run ends here. */
	if (n + 1 == WALK_OTHERS)
		w->end = w->at;
}

static __always_inline void lose_bucket(struct walk_cursor *w)
{
	walk.is_skipped = 1;
	walk_stop(w);
}

/* There is no room for another record. Where all are of one bucket there never is. Returns an enum verdict.
 */
static __always_inline int stop_full(void)
{
	walk.is_full = !walk.first_n;
	return STOP;
}

/* Of a struct walk_ops. */
#define WALK_RECORDS                                                                     \
	.listed = listed, .begin = begin_bucket, .end = end_bucket, .lose = lose_bucket, \
	.looks_ahead = config.want_ahead

/* Whether it is a socket of a namespace and an address family that are asked for. */
static __always_inline bool is_asked_for(const struct walk_cursor *w, const struct sock_common *skc)
{
	if (!walk.is_everywhere && net_of(skc) != w->net)
		return false;
	if (!walk.family || skc->skc_family == walk.family)
		return true;
	walk.has_other = 1;
	return false;
}

/* The table has @buckets; a list has as many as it has. */
static __always_inline void begin(unsigned long heads, __u32 buckets)
{
	unsigned long net = own_net();

	walk.n_others = walk.is_skipped = walk.is_full = 0;
	if (walk.is_kept) {
		walk.cursor.steps = 0;
		return;
	}
	if (!walk.is_listed && walk.end > buckets)
		walk.end = buckets;
	walk.cursor = (struct walk_cursor){ .heads = heads,
					    .net = net,
					    .first = walk.first,
					    .at = walk.first,
					    .end = walk.end,
					    .max_steps = walk.max_steps,
					    .is_listed = !!walk.is_listed };
	walk.n = walk.first_n = 0;
	walk.n_full = walk.first_full = walk.n_tw = walk.first_tw = 0;
	walk.buckets = buckets;
	walk.netns = as_kernel(struct net, net)->ns.inum;
}

/* What was read of a bucket that was not read to its end does not count. */
static __always_inline int end(void)
{
	const struct walk_cursor *c = &walk.cursor;

	walk.next = c->at;
	walk.n_records = walk.n;
	if (c->is_open || c->again) {
		walk.n_records = walk.first_n;
		walk.n_full = walk.first_full;
		walk.n_tw = walk.first_tw;
	}
	walk.is_kept = c->is_kept;
	walk.n_seen = c->steps;
	walk.n_again = c->n_again;
	return 0;
}

/* Of the table at @p: the same for two namespaces that share it, and no address. */
static __always_inline __u64 identity(unsigned long p)
{
	__u64 h;

	if (!walk.secret)
		walk.secret = (__u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
	h = (p ^ walk.secret) * 0xd6e8feb86659fd93;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
	return h ^ h >> 32;
}
