/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Walks the kernel's tables of connections and of bound ports without a lock,
 * as tcp.bpf.c does, and counts the sockets by some of what tells them apart.
 *
 * Of the sockets of a bucket only the slots of their groups are written down;
 * they count when the end of the chain proves that it is the bucket's.
 */

#include "bpf/count.h"
#include "bpf/walk.bpf.h"
#include "kernel/abi.h"

enum {
	PENDING_RUN = 8, /* sockets counted in one step */
	PROBES_MAX = 32, /* with half of the slots free one search in 2^32 needs more */
	KEY_WORDS = sizeof(struct tcp_count_key) / 8 - 1, /* without the last, the namespace */
};

const volatile struct tcp_count_config config;

struct tcp_count count;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct tcp_count_group));
} groups SEC(".maps");

static __always_inline __u64 hash_of(const __u64 *key)
{
	__u64 h = 0x9e3779b97f4a7c15;

	for (int i = 0; i < KEY_WORDS; i++) {
		h = (h ^ key[i]) * 0xd6e8feb86659fd93;
		h ^= h >> 32;
	}
	if (config.want_netns) {
		h = (h ^ key[KEY_WORDS]) * 0xd6e8feb86659fd93;
		h ^= h >> 32;
	}
	return h;
}

static __always_inline bool is_key(const __u64 *a, const __u64 *b)
{
	__u64 differ = 0;

	for (int i = 0; i < KEY_WORDS; i++)
		differ |= a[i] ^ b[i];
	if (config.want_netns)
		differ |= a[KEY_WORDS] ^ b[KEY_WORDS];
	return !differ;
}

/* Takes the free slot of @g for the group of the socket at hand. */
static __always_inline int take_slot(struct tcp_count_group *g, __u32 slot)
{
	__u64 *to = (__u64 *)&g->key, *key = (__u64 *)&count.key;

	if (count.n_groups >= config.max_groups)
		return -1;
	for (int i = 0; i < KEY_WORDS; i++)
		to[i] = key[i];
	to[KEY_WORDS] = key[KEY_WORDS];
	count.n_groups++;
	return (int)slot;
}

/* The slot of the group of the socket at hand; -1 when there is no room for it. */
PART find_slot(void)
{
	__u64 *key = (__u64 *)&count.key, hash = hash_of(key);
	__u32 slot = (__u32)hash, by = (__u32)(hash >> 32) | 1;
	struct tcp_count_group *g;

	for (int i = 0; i < PROBES_MAX; i++) {
		slot &= config.n_slots - 1;
		g = bpf_map_lookup_elem(&groups, &slot);
		if (!g)
			return -1;
		if (!g->key.family)
			return take_slot(g, slot);
		if (is_key((__u64 *)&g->key, key))
			return (int)slot;
		slot += by;
	}
	return -1;
}

static __always_inline void put_address6(__u32 *to, const struct in6_addr *from, const volatile __u32 *mask6,
					 __u32 mask4)
{
	__u32 w0 = from->in6_u.u6_addr32[0], w1 = from->in6_u.u6_addr32[1];
	__u32 w2 = from->in6_u.u6_addr32[2], w3 = from->in6_u.u6_addr32[3];
	bool is_mapped = !w0 && !w1 && w2 == __builtin_bswap32(0xffff);

	to[0] = w0 & mask6[0];
	to[1] = w1 & mask6[1];
	to[2] = is_mapped ? w2 : w2 & mask6[2];
	to[3] = w3 & (is_mapped ? mask4 : mask6[3]);
}

static __always_inline void put_address4(__u32 *to, __u32 address)
{
	to[0] = address;
	to[1] = to[2] = to[3] = 0;
}

/* What the socket is counted by; a member that is not looked at stays 0. */
static __always_inline void put_key(struct tcp_count_key *k, const struct sock_common *skc, __u8 state)
{
	bool is_inet6 = skc->skc_family == AF_INET6;

	k->family = is_inet6 ? AF_INET6 : AF_INET;
	if (config.want_state)
		k->state = state;
	if (config.want_local_port)
		k->local_port = __builtin_bswap16(skc->skc_num);
	if (config.want_peer_port)
		k->peer_port = skc->skc_dport;
	if (config.want_netns)
		k->netns = as_kernel(struct net, net_of(skc))->ns.inum;
	if (config.want_local) {
		if (is_inet6)
			put_address6(k->local, &skc->skc_v6_rcv_saddr, config.local_mask6,
				     config.local_mask4);
		else
			put_address4(k->local, skc->skc_rcv_saddr & config.local_mask4);
	}
	if (config.want_peer) {
		if (is_inet6)
			put_address6(k->peer, &skc->skc_v6_daddr, config.peer_mask6, config.peer_mask4);
		else
			put_address4(k->peer, skc->skc_daddr & config.peer_mask4);
	}
}

/* As a bit of .states: a connection in TIME-WAIT may be one in FIN-WAIT-2. */
static __always_inline __u8 state_of(const struct sock_common *skc)
{
	__u8 state = skc->skc_state;

	return state == K_TCP_TIME_WAIT ? as_kernel(struct inet_timewait_sock, skc)->tw_substate : state;
}

/*
 * Adds the socket at @p, which is wanted if its address family is, to those that
 * count when the bucket ends. Returns an enum verdict.
 */
PART add(unsigned long p, __u8 state)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u32 ports = skc->skc_portpair, n = count.n_pending;
	unsigned long net = net_of(skc);
	__u64 addresses = skc->skc_addrpair;
	int slot;

	if (config.family && skc->skc_family != config.family)
		return NEXT;
	put_key(&count.key, skc, state);
	/* It became another one meanwhile. */
	if (skc->skc_portpair != ports || skc->skc_addrpair != addresses || net_of(skc) != net)
		return AGAIN;
	slot = find_slot();
	if (slot < 0 || n >= TCP_COUNT_CHAIN) {
		count.is_full = 1;
		return STOP;
	}
	count.pending[n] = (__u32)slot;
	count.n_pending = n + 1;
	return NEXT;
}

static __always_inline int see(struct walk_cursor *c, unsigned long p)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u8 state;

	if (!config.is_everywhere && net_of(skc) != c->net)
		return NEXT;
	state = state_of(skc);
	if (!(config.states >> (state & 31) & 1))
		return NEXT;
	return add(p, state == K_TCP_NEW_SYN_RECV ? K_TCP_SYN_RECV : state);
}

/* Counts the PENDING_RUN sockets from that of number @run times as many on. */
static long count_run(__u32 run, void *ctx)
{
	for (__u32 i = 0; i < PENDING_RUN; i++) {
		__u32 at = run * PENDING_RUN + i, slot;
		struct tcp_count_group *g;

		if (at >= count.n_pending)
			return 1;
		slot = count.pending[at % TCP_COUNT_CHAIN];
		g = bpf_map_lookup_elem(&groups, &slot);
		if (g)
			g->n++;
	}
	return 0;
}

static __always_inline void end_bucket(struct walk_cursor *c)
{
	bpf_loop(TCP_COUNT_CHAIN / PENDING_RUN, count_run, NULL, 0);
}

static __always_inline void lose_bucket(struct walk_cursor *c)
{
	count.is_lost = 1;
	walk_stop(c);
}

static __always_inline void begin_bucket(struct walk_cursor *w)
{
	count.n_pending = 0;
}

static long step_connected(__u32 i, void *ctx)
{
	const struct walk_ops o = { WALK_CONNECTIONS,      .looks_ahead = config.want_ahead,
				    .begin = begin_bucket, .see = see,
				    .end = end_bucket,     .lose = lose_bucket };

	return walk_chain(&count.cursor, &o);
}

/* The table has @buckets. */
static __always_inline void begin(unsigned long heads, __u32 buckets)
{
	__u32 end = count.next + count.max_buckets;

	count.buckets = buckets;
	if (count.is_kept) {
		count.cursor.steps = 0;
		return;
	}
	count.cursor = (struct walk_cursor){ .heads = heads,
					     .net = own_net(),
					     .first = count.next,
					     .at = count.next,
					     .end = end < buckets ? end : buckets,
					     .max_steps = count.max_steps };
}

SEC(BPF_RUN)
int connected(void *ctx)
{
	const struct inet_hashinfo *h = hashinfo_of(own_net());

	begin(walk_connections(h), h->ehash_mask + 1);
	bpf_loop(WALK_LOOPS_MAX, step_connected, NULL, 0);
	/* A bucket that was not read to its end did not count. */
	count.next = count.cursor.at;
	return 0;
}

/* One socket bound to a port: those that neither listen nor are connected count. */
static __always_inline int see_bound(struct walk_cursor *c, unsigned long p)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);

	if (skc->skc_state != K_TCP_CLOSE || !skc->skc_num)
		return NEXT;
	/* It left the list, whose end has no mark. */
	return is_owner(c, skc) ? add(p, K_TCP_CLOSE) : AGAIN;
}

static __always_inline bool has_owners(const struct walk_cursor *c, const struct inet_bind2_bucket *tb)
{
	return config.is_everywhere || (unsigned long)tb->ib_net.net == c->net;
}

static long step_bound(__u32 i, void *ctx)
{
	const struct walk_ops o = { WALK_BOUND_PORTS,      .looks_ahead = config.want_ahead,
				    .begin = begin_bucket, .has_owners = has_owners,
				    .see = see_bound,      .end = end_bucket,
				    .lose = lose_bucket };

	return walk_owners(&count.cursor, &o);
}

/* The kernel tells of these since 6.8 only, and has no such list before. */
SEC(BPF_RUN)
int bound(void *ctx)
{
	const struct inet_hashinfo *h = hashinfo_of(own_net());

	begin(walk_bound_ports(h), h->bhash_size);
	if (!bpf_core_field_exists(((struct inet_bind2_bucket *)0)->owners)) {
		count.next = count.buckets;
		return 0;
	}
	bpf_loop(WALK_LOOPS_MAX, step_bound, NULL, 0);
	count.next = count.cursor.at;
	count.is_kept = count.cursor.is_kept;
	return 0;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
