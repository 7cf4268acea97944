/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Walks the kernel's tables of TCP sockets without a lock and writes down
 * what sock_diag would say about each.
 *
 * Sockets come and go meanwhile. The memory of one is only ever used for
 * another one, the end of a chain says of which bucket it is, and what tells
 * a socket from others is read twice: a bucket where any of this does not fit
 * is read again from its head. So each run gives whole buckets only.
 */

#include "bpf/record.bpf.h"

enum {
	AGAIN_MAX = 64,           /* times that one bucket is read */
	CHAIN_MAX = 1 << 16,      /* a longer chain is none */
	OWNERS_MAX = 1 << 18,     /* of one bucket of bound ports: what may be passed without a break */
	EMPTY_RUN = 64,           /* empty buckets passed at a time */
	OWNERS_RUN = 16,          /* owners of a port looked at in one step */
	LOOPS_MAX = 1 << 23,      /* what bpf_loop() takes */
	LISTENING_BASE = 1 << 29, /* in the end marks of listening sockets' chains */
};

struct tcp_walk walk;
struct tcp_scan scan_of[TCP_SCANS] SEC(".bss.scan");

struct cursor {
	unsigned long heads, net, node;
	unsigned long tb, owners; /* of bound ports */
	__u64 jiffies;
	__u32 at, bucket;
	__u32 n, first_n; /* records; those before this bucket */
	__u32 steps, in_bucket, again;
	__u8 is_open, has_other;
};

/* False when the socket became another one meanwhile. */
static __always_inline bool put_record(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u64 addresses = skc->skc_addrpair, cookie = (__u64)skc->skc_cookie.counter;
	__u32 ports = skc->skc_portpair;

	if (state == K_TCP_TIME_WAIT || state == K_TCP_NEW_SYN_RECV) {
		put_mini(p, n, state, jiffies);
	} else {
		put_full_common(p, n, state);
		put_full_state(p, n, state, jiffies);
		if (config.want_info) {
			put_full_info(p, n, state, jiffies);
			put_full_counts(p, n, state, jiffies);
			put_full_cong(p, n, state);
		}
	}
	return skc->skc_portpair == ports && skc->skc_addrpair == addresses &&
	       (!cookie || (__u64)skc->skc_cookie.counter == cookie);
}

/* The states to match, as bits: a connection in TIME-WAIT may be one in FIN-WAIT-2. */
static __always_inline bool is_wanted(const struct sock_common *skc, __u8 state)
{
	__u32 states = walk.states;

	if (states >> K_TCP_SYN_RECV & 1)
		states |= 1u << K_TCP_NEW_SYN_RECV;
	if (state == K_TCP_TIME_WAIT)
		state = as_kernel(struct inet_timewait_sock, skc)->tw_substate;
	return states >> (state & 31) & 1;
}

enum verdict { NEXT, STOP, AGAIN };

/* One socket of the tables of connections or of listening sockets. */
static __always_inline enum verdict see(struct cursor *c, unsigned long p)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u8 state;
	__u32 n;

	if (!walk.is_everywhere && net_of(skc) != c->net)
		return NEXT;
	if (walk.family && skc->skc_family != walk.family) {
		c->has_other = 1;
		return NEXT;
	}
	state = skc->skc_state;
	if (!is_wanted(skc, state))
		return NEXT;
	n = c->n;
	if (n >= walk.max_records)
		return STOP;
	if (!put_record(p, n, state, c->jiffies))
		return AGAIN;
	c->n = n + 1;
	return NEXT;
}

static __always_inline void begin_bucket(struct cursor *c)
{
	c->is_open = 1;
	c->first_n = c->n;
	c->in_bucket = 0;
	c->has_other = 0;
}

static __always_inline void end_bucket(struct cursor *c)
{
	__u32 n = walk.n_others;

	if (c->has_other && n < TCP_WALK_OTHERS) {
		walk.others[n] = c->bucket;
		walk.n_others = n + 1;
	}
	c->again = 0;
	c->is_open = 0;
	c->at++;
}

/* Reads a bucket from its head again, unless that does not help. */
static __always_inline void repeat_bucket(struct cursor *c)
{
	if (c->again++ >= AGAIN_MAX) {
		end_bucket(c);
		return;
	}
	walk.n_again++;
	c->n = c->first_n;
	c->is_open = 0;
}

/* The first bucket from @at on that is not empty, or that is EMPTY_RUN further, or the end of the run. */
PART skip_empty(unsigned long heads, __u32 at, __u32 stride)
{
	for (int i = 0; i < EMPTY_RUN; i++) {
		if (at >= walk.end || !(read_word(heads + (unsigned long)at * stride) & 1))
			break;
		at++;
	}
	return (int)at;
}

/* Goes to the next bucket, if it has anything in it; false at the end of the run. */
static __always_inline bool open_bucket(struct cursor *c, __u32 stride, __u32 head)
{
	__u32 bucket;

	if (!walk.is_listed)
		c->at = (__u32)skip_empty(c->heads + head, c->at, stride);
	bucket = c->at;
	if (bucket >= walk.end || c->steps >= walk.max_steps || walk.n_others >= TCP_WALK_OTHERS)
		return false;
	if (walk.is_listed)
		bucket = walk.listed[bucket % TCP_WALK_BUCKETS];
	c->bucket = bucket;
	c->node = read_word(c->heads + (unsigned long)bucket * stride + head);
	begin_bucket(c);
	return true;
}

/* One step through chains whose end marks say which bucket they belong to. */
static __always_inline long step(struct cursor *c, __u32 stride, __u32 head, __u32 base)
{
	unsigned long next, p;

	if (!c->is_open)
		return !open_bucket(c, stride, head);
	if (!c->node || c->node & 1) {
		if ((__u32)(c->node >> 1) == c->bucket + base && c->node)
			end_bucket(c);
		else
			repeat_bucket(c);
		return 0;
	}
	p = c->node - bpf_core_field_offset(struct sock_common, skc_nulls_node);
	next = read_word(c->node);
	c->steps++;
	if (++c->in_bucket > CHAIN_MAX) {
		repeat_bucket(c);
		return 0;
	}
	switch (see(c, p)) {
	case NEXT: c->node = next; return 0;
	case AGAIN: repeat_bucket(c); return 0;
	default: return 1;
	}
}

static long step_connected(__u32 i, struct cursor *c)
{
	return step(c, bpf_core_type_size(struct inet_ehash_bucket), 0, 0);
}

static long step_listening(__u32 i, struct cursor *c)
{
	return step(c, bpf_core_type_size(struct inet_listen_hashbucket),
		    bpf_core_field_offset(struct inet_listen_hashbucket, nulls_head), LISTENING_BASE);
}

static __always_inline void begin(struct cursor *c)
{
	*c = (struct cursor){ .net = own_net(), .at = walk.first, .jiffies = bpf_jiffies64() };
	walk.n_others = walk.n_again = walk.is_full = walk.is_skipped = 0;
	walk.info_len = bpf_core_type_size(struct tcp_info);
}

/* The table has so many buckets; a list has as many as it has. */
static __always_inline void set_buckets(__u32 buckets)
{
	walk.buckets = buckets;
	if (!walk.is_listed && walk.end > buckets)
		walk.end = buckets;
}

/* What was read of a bucket that was not read to its end does not count. */
static __always_inline void end(const struct cursor *c)
{
	walk.next = c->at;
	walk.n_records = c->is_open ? c->first_n : c->n;
	walk.is_full = c->is_open && !c->first_n;
	walk.n_seen = c->steps;
}

SEC(BPF_RUN)
int connected(void *ctx)
{
	const struct inet_hashinfo *h;
	struct cursor c;

	begin(&c);
	h = hashinfo_of(c.net);
	set_buckets(h->ehash_mask + 1);
	c.heads = read_word(member_at(h, struct inet_hashinfo, ehash));
	bpf_loop(LOOPS_MAX, step_connected, &c, 0);
	end(&c);
	return 0;
}

SEC(BPF_RUN)
int listening(void *ctx)
{
	const struct inet_hashinfo *h;
	struct cursor c;

	begin(&c);
	h = hashinfo_of(c.net);
	set_buckets(h->lhash2_mask + 1);
	c.heads = read_word(member_at(h, struct inet_hashinfo, lhash2));
	bpf_loop(LOOPS_MAX, step_listening, &c, 0);
	end(&c);
	return 0;
}

/* One socket bound to the port of a bind bucket: those that neither listen nor are connected count. */
static __always_inline enum verdict see_bound(struct cursor *c, unsigned long p, unsigned long tb)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	unsigned long addresses, bound_to;
	struct tcp_record *r;
	__u32 n = c->n;

	if (skc->skc_state != K_TCP_CLOSE || !skc->skc_num)
		return NEXT;
	if (walk.family && skc->skc_family != walk.family) {
		c->has_other = 1;
		return NEXT;
	}
	addresses = skc->skc_addrpair;
	bound_to = read_word(member_at(skc, struct inet_connection_sock, icsk_bind2_hash));
	if (bound_to != tb)
		return AGAIN;
	if (n >= walk.max_records)
		return STOP;
	r = bpf_map_lookup_elem(&records, &n);
	if (!r)
		return STOP;
	put_full_common(p, n, K_TCP_CLOSE);
	r->flags |= TCP_RECORD_IS_BOUND;
	put_full_state(p, n, K_TCP_CLOSE, c->jiffies);
	if (skc->skc_state != K_TCP_CLOSE || skc->skc_addrpair != addresses)
		return AGAIN;
	c->n = n + 1;
	return NEXT;
}

static __always_inline long step_owner(struct cursor *c)
{
	unsigned long p = c->node - bpf_core_field_offset(struct sock_common, skc_bind_node);
	unsigned long next = read_word(c->node);

	c->steps++;
	if (++c->in_bucket > OWNERS_MAX) {
		walk.is_skipped = 1;
		end_bucket(c);
		return 0;
	}
	switch (see_bound(c, p, c->owners)) {
	case NEXT: c->node = next; return 0;
	case AGAIN: repeat_bucket(c); return 0;
	default: return 1;
	}
}

/* A bucket of bound ports is a list of ports and addresses, each with a list of sockets. */
static long step_bound(__u32 i, struct cursor *c)
{
	unsigned long tb;

	if (!c->is_open) {
		if (c->at >= walk.end || c->steps >= walk.max_steps || walk.n_others >= TCP_WALK_OTHERS)
			return 1;
		c->bucket = c->at;
		if (walk.is_listed)
			c->bucket = walk.listed[c->at % TCP_WALK_BUCKETS];
		c->tb = read_word(member_at(
			c->heads + (unsigned long)c->bucket * bpf_core_type_size(struct inet_bind_hashbucket),
			struct inet_bind_hashbucket, chain));
		c->node = 0;
		begin_bucket(c);
		return 0;
	}
	if (c->node)
		return step_owner(c);
	if (!c->tb) {
		end_bucket(c);
		return 0;
	}
	tb = c->tb - bpf_core_field_offset(struct inet_bind2_bucket, node);
	c->tb = read_word(c->tb);
	if (++c->in_bucket > OWNERS_MAX) {
		repeat_bucket(c);
		return 0;
	}
	c->owners = tb;
	if (walk.is_everywhere || read_word(member_at(tb, struct inet_bind2_bucket, ib_net)) == c->net)
		c->node = read_word(member_at(tb, struct inet_bind2_bucket, owners));
	return 0;
}

SEC(BPF_RUN)
int bound(void *ctx)
{
	const struct inet_hashinfo *h;
	struct cursor c;

	begin(&c);
	h = hashinfo_of(c.net);
	set_buckets(h->bhash_size);
	c.heads = read_word(member_at(h, struct inet_hashinfo, bhash2));
	bpf_loop(LOOPS_MAX, step_bound, &c, 0);
	end(&c);
	return 0;
}

struct scan_cursor {
	unsigned long heads, net;
	unsigned long tb, node;
	struct tcp_scan *scan;
	__u32 at, end;
	__u32 steps, in_bucket, again;
	__u16 port;
	__u8 is_open, is_found;
};

static __always_inline void end_scanned(struct scan_cursor *c)
{
	__u32 n = c->scan->n_found;

	if (c->is_found) {
		c->scan->found[n % TCP_WALK_BUCKETS] = c->at;
		c->scan->n_found = n + 1;
	}
	c->is_open = 0;
	c->again = 0;
	c->at++;
}

/* The bucket changed meanwhile. One that does so all the time may have what is looked for. */
static __always_inline void scan_again(struct scan_cursor *c)
{
	c->is_open = 0;
	if (c->again++ < AGAIN_MAX)
		return;
	c->is_found = 1;
	end_scanned(c);
}

/* Passes some of the owners of a port. One of another port tells that the list was left. */
static __always_inline void scan_owners(struct scan_cursor *c)
{
	unsigned long node = c->node;
	int i;

	for (i = 0; i < OWNERS_RUN && node; i++) {
		const struct sock_common *skc = as_kernel(
			struct sock_common, node - bpf_core_field_offset(struct sock_common, skc_bind_node));

		if (skc->skc_num != c->port) {
			scan_again(c);
			return;
		}
		c->is_found |= skc->skc_state == K_TCP_CLOSE;
		node = read_word(node);
	}
	c->steps += i;
	c->in_bucket += i;
	c->node = node;
}

static long step_scan(__u32 i, struct scan_cursor *c)
{
	const struct inet_bind2_bucket *tb;

	if (!c->is_open) {
		if (c->at >= c->end || c->steps >= c->scan->max_steps || c->scan->n_found >= TCP_WALK_BUCKETS)
			return 1;
		c->tb = read_word(member_at(
			c->heads + (unsigned long)c->at * bpf_core_type_size(struct inet_bind_hashbucket),
			struct inet_bind_hashbucket, chain));
		c->node = 0;
		c->in_bucket = c->is_found = 0;
		c->is_open = 1;
	}
	if (c->in_bucket > OWNERS_MAX) {
		c->scan->is_skipped = 1;
		end_scanned(c);
	} else if (c->node) {
		scan_owners(c);
	} else if (!c->tb || c->is_found) {
		end_scanned(c);
	} else {
		tb = as_kernel(struct inet_bind2_bucket,
			       c->tb - bpf_core_field_offset(struct inet_bind2_bucket, node));
		c->in_bucket++;
		c->tb = read_word(c->tb);
		c->port = tb->port;
		if ((unsigned long)tb->ib_net.net == c->net)
			c->node = (unsigned long)tb->owners.first;
	}
	return 0;
}

SEC(BPF_RUN)
int scan(struct bpf_raw_tracepoint_args *ctx)
{
	struct tcp_scan *s = &scan_of[ctx->args[0] % TCP_SCANS];
	struct scan_cursor c = { .net = own_net(), .scan = s, .at = s->first, .end = s->end };
	const struct inet_hashinfo *h = hashinfo_of(c.net);

	s->n_found = s->is_skipped = 0;
	s->buckets = h->bhash_size;
	if (c.end > s->buckets)
		c.end = s->buckets;
	c.heads = read_word(member_at(h, struct inet_hashinfo, bhash2));
	bpf_loop(LOOPS_MAX, step_scan, &c, 0);
	s->next = c.at;
	return 0;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
