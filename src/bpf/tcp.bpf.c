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

#include "bpf/run.bpf.h"
#include "bpf/tcp_record.bpf.h"

enum {
	OWNERS_RUN = 16,          /* owners of a port looked at in one step */
	LISTENING_BASE = 1 << 29, /* in the end marks of listening sockets' chains */
};

struct tcp_scan scan_of[TCP_SCANS] SEC(".bss.scan");

/* False when the socket became another one meanwhile. */
static __always_inline bool put_record(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u64 addresses = skc->skc_addrpair, cookie = (__u64)skc->skc_cookie.counter;
	unsigned long net = net_of(skc);
	__u32 ports = skc->skc_portpair;

	if (state == K_TCP_TIME_WAIT || state == K_TCP_NEW_SYN_RECV) {
		put_mini(p, n, state, jiffies);
	} else {
		put_full(p, n, state, jiffies);
	}
	return skc->skc_portpair == ports && skc->skc_addrpair == addresses && net_of(skc) == net &&
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

/* One socket of the tables of connections or of listening sockets. */
static __always_inline int see(struct walk_cursor *w, unsigned long p)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u8 state;
	__u32 n;

	if (!is_asked_for(w, skc))
		return NEXT;
	state = skc->skc_state;
	if (state == K_TCP_TIME_WAIT)
		walk.n_tw++;
	else if (state != K_TCP_NEW_SYN_RECV)
		walk.n_full++;
	if (!is_wanted(skc, state))
		return NEXT;
	n = walk.n;
	if (n >= walk.max_records)
		return stop_full();
	if (!put_record(p, n, state, walk.jiffies))
		return AGAIN;
	walk.n = n + 1;
	return NEXT;
}

static long step_connected(__u32 i, void *ctx)
{
	const struct walk_ops o = { WALK_CONNECTIONS, WALK_RECORDS, .see = see };

	return walk_chain(&walk.cursor, &o);
}

static long step_listening(__u32 i, void *ctx)
{
	const struct walk_ops o = {
		.stride = bpf_core_type_size(struct inet_listen_hashbucket),
		.head = bpf_core_field_offset(struct inet_listen_hashbucket, nulls_head),
		.mark = LISTENING_BASE,
		WALK_RECORDS,
		.see = see,
	};

	return walk_chain(&walk.cursor, &o);
}

static __always_inline void begin_tcp(unsigned long heads, __u32 buckets)
{
	begin(heads, buckets);
	walk.jiffies = bpf_jiffies64();
	walk.info_len = bpf_core_type_size(struct tcp_info);
}

SEC(BPF_RUN)
int connected(void *ctx)
{
	const struct inet_hashinfo *h = hashinfo_of(own_net());

	begin_tcp(walk_connections(h), h->ehash_mask + 1);
	bpf_loop(WALK_LOOPS_MAX, step_connected, NULL, 0);
	return end();
}

SEC(BPF_RUN)
int listening(void *ctx)
{
	const struct inet_hashinfo *h = hashinfo_of(own_net());

	begin_tcp(walk_listening(h), h->lhash2_mask + 1);
	bpf_loop(WALK_LOOPS_MAX, step_listening, NULL, 0);
	return end();
}

/* One socket bound to the port of a bind bucket: those that neither listen nor are connected count. */
static __always_inline int see_bound(struct walk_cursor *w, unsigned long p)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	unsigned long net = net_of(skc);
	__u64 addresses;
	struct sock_record *r;
	__u32 n = walk.n;

	if (skc->skc_state != K_TCP_CLOSE || !skc->skc_num)
		return NEXT;
	if (walk.family && skc->skc_family != walk.family) {
		walk.has_other = 1;
		return NEXT;
	}
	addresses = skc->skc_addrpair;
	if (!is_owner(w, skc))
		return AGAIN;
	if (n >= walk.max_records)
		return stop_full();
	r = bpf_map_lookup_elem(&records, &n);
	if (!r)
		return STOP;
	put_full_common(p, n, K_TCP_CLOSE);
	r->flags |= RECORD_IS_BOUND;
	put_full_state(p, n, K_TCP_CLOSE, walk.jiffies);
	if (skc->skc_state != K_TCP_CLOSE || skc->skc_addrpair != addresses || net_of(skc) != net)
		return AGAIN;
	walk.n = n + 1;
	return NEXT;
}

static __always_inline bool has_owners(const struct walk_cursor *w, const struct inet_bind2_bucket *tb)
{
	return walk.is_everywhere || (unsigned long)tb->ib_net.net == w->net;
}

static long step_bound(__u32 i, void *ctx)
{
	const struct walk_ops o = { WALK_BOUND_PORTS, WALK_RECORDS, .has_owners = has_owners,
				    .see = see_bound };

	return walk_owners(&walk.cursor, &o);
}

SEC(BPF_RUN)
int bound(void *ctx)
{
	const struct inet_hashinfo *h = hashinfo_of(own_net());

	begin_tcp(walk_bound_ports(h), h->bhash_size);
	bpf_loop(WALK_LOOPS_MAX, step_bound, NULL, 0);
	return end();
}

static __always_inline void begin_scanned(struct walk_cursor *w)
{
	((struct tcp_scan *)w)->is_found = 0;
}

static __always_inline void end_scanned(struct walk_cursor *w)
{
	struct tcp_scan *s = (struct tcp_scan *)w;
	__u32 n = s->n_found;

	if (!s->is_found)
		return;
	s->found[n % WALK_BUCKETS] = w->at;
	s->n_found = n + 1;
	/* No room for another one: the run ends here. */
	if (n + 1 == WALK_BUCKETS)
		w->end = w->at;
}

/* A bucket that changes all the time may have what is looked for. */
static __always_inline void lose_scanned(struct walk_cursor *w)
{
	struct tcp_scan *s = (struct tcp_scan *)w;

	if (w->in_bucket > WALK_OWNERS_MAX) {
		s->is_skipped = 1;
		walk_stop(w);
		return;
	}
	s->is_found = 1;
	w->ports = w->node = w->sought = 0;
}

static __always_inline bool has_owners_to_scan(const struct walk_cursor *w,
					       const struct inet_bind2_bucket *tb)
{
	return ((struct tcp_scan *)w)->is_everywhere || (unsigned long)tb->ib_net.net == w->net;
}

/* Passes some of the owners of a port, as walk_owner() does one. Returns an enum verdict. */
static __always_inline int scan_owners(struct walk_cursor *w)
{
	struct tcp_scan *s = (struct tcp_scan *)w;
	unsigned long node = w->node;
	int i;

	for (i = 0; i < OWNERS_RUN && node; i++) {
		const struct sock_common *skc = owner_at(node);

		if (skc->skc_num != w->port)
			return AGAIN;
		s->is_found |= skc->skc_state == K_TCP_CLOSE;
		w->last = node;
		node = read_word(node);
	}
	w->steps += i;
	w->in_bucket += i;
	w->node = node;
	/* One is enough. */
	if (s->is_found)
		w->ports = w->node = 0;
	return NEXT;
}

/* What bpf_loop() hands on lies on the stack. */
static long step_scan(__u32 i, struct tcp_scan **s)
{
	const struct walk_ops o = {
		WALK_BOUND_PORTS,
		.begin = begin_scanned,
		.has_owners = has_owners_to_scan,
		.pass = scan_owners,
		.end = end_scanned,
		.lose = lose_scanned,
		.looks_ahead = config.want_ahead,
	};

	return walk_owners(&(*s)->cursor, &o);
}

SEC(BPF_RUN)
int scan(struct bpf_raw_tracepoint_args *ctx)
{
	struct tcp_scan *s = &scan_of[ctx->args[0] % TCP_SCANS];
	unsigned long net = own_net();
	const struct inet_hashinfo *h = hashinfo_of(net);

	s->n_found = s->is_skipped = 0;
	s->buckets = h->bhash_size;
	if (s->is_kept)
		s->cursor.steps = 0;
	else
		s->cursor = (struct walk_cursor){ .heads = walk_bound_ports(h),
						  .net = net,
						  .lane = (__u32)ctx->args[0],
						  .first = s->first,
						  .at = s->first,
						  .end = s->end < s->buckets ? s->end : s->buckets,
						  .max_steps = s->max_steps };
	bpf_loop(WALK_LOOPS_MAX, step_scan, &s, 0);
	s->next = s->cursor.at;
	s->is_kept = s->cursor.is_kept;
	return 0;
}

SEC(BPF_RUN)
int table(struct bpf_raw_tracepoint_args *ctx)
{
	const struct inet_hashinfo *h = hashinfo_of(own_net());

	switch (ctx->args[0]) {
	case TCP_TABLE_CONNECTED: walk.table = identity(walk_connections(h)); break;
	case TCP_TABLE_LISTENING: walk.table = identity(walk_listening(h)); break;
	default: walk.table = identity(walk_bound_ports(h)); break;
	}
	return 0;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
