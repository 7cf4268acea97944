/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Walks the kernel's table of UDP sockets without a lock and writes down what
 * sock_diag would say about each, in the same order.
 *
 * Sockets come and go meanwhile. Their memory stays what it is while the
 * program runs, and nothing marks the end of a chain: each socket has to be
 * of the slot at hand after it said which is the next one, and what tells it
 * from others is read twice. A slot where any of this does not fit is read
 * again from its head. So each run gives whole slots only.
 */

#include "bpf/run.bpf.h"

enum {
	PATIENCE = 8,    /* times that a slot is read again for a socket that is just leaving it */
	COUNTS_RUN = 64, /* slots whose sockets are counted in one step */
};

PART put_udp(unsigned long p, __u32 n)
{
	const struct sock *sk = as_kernel(struct sock, p);
	struct sock_record *r = record_at(n);

	if (!r)
		return 1;
	r->msg.idiag_rqueue =
		(__u32)(sk->sk_backlog.rmem_alloc.counter - as_kernel(struct udp_sock, p)->forward_deficit);
	r->msg.idiag_wqueue = (__u32)sk->sk_wmem_alloc.refs.counter - 1;
	if (config.want_mem)
		put_mem(&((struct sock_record_mem *)r)->mem, sk);
	return 0;
}

/* False when the socket became another one meanwhile. */
static __always_inline bool put_record(unsigned long p, __u32 n, __u8 state)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u64 addresses = skc->skc_addrpair, cookie = (__u64)skc->skc_cookie.counter;
	unsigned long net = net_of(skc);
	__u32 ports = skc->skc_portpair;

	put_full_common(p, n, state);
	put_udp(p, n);
	return skc->skc_portpair == ports && skc->skc_addrpair == addresses && skc->skc_state == state &&
	       net_of(skc) == net && (!cookie || (__u64)skc->skc_cookie.counter == cookie);
}

static __always_inline int see(struct walk_cursor *w, unsigned long p)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	__u32 n = walk.n, port = skc->skc_num;
	__u8 state = skc->skc_state;

	if (!port)
		return w->again < PATIENCE ? AGAIN : NEXT;
	if (((port + as_kernel(struct net, net_of(skc))->hash_mix) & (walk.buckets - 1)) != w->bucket)
		return AGAIN;
	if (!is_asked_for(w, skc) || !(walk.states >> (state & 31) & 1))
		return NEXT;
	if (n >= walk.max_records)
		return stop_full();
	if (!put_record(p, n, state))
		return AGAIN;
	walk.n = n + 1;
	return NEXT;
}

static long step(__u32 i, void *ctx)
{
	const struct walk_ops o = {
		.stride = bpf_core_type_size(struct udp_hslot),
		.head = bpf_core_field_offset(struct udp_hslot, head),
		.is_unmarked = true,
		WALK_RECORDS,
		.see = see,
	};

	return walk_chain(&walk.cursor, &o);
}

SEC(BPF_RUN)
int sockets(void *ctx)
{
	const struct udp_table *t = udp_table_of(own_net());

	begin(read_word(member_at(t, struct udp_table, hash)), t->mask + 1);
	bpf_loop(WALK_LOOPS_MAX, step, NULL, 0);
	return end();
}

SEC(BPF_RUN)
int table(void *ctx)
{
	return tell_table(read_word(member_at(udp_table_of(own_net()), struct udp_table, hash)));
}

struct longest {
	unsigned long heads;
	__u32 at, end;
	__u32 n;
};

/* The most that one of COUNTS_RUN slots has. Without branches, which the verifier would follow both ways. */
PART longest_of(unsigned long heads, __u32 at, __u32 end)
{
	__s64 n = 0;

	for (int i = 0; i < COUNTS_RUN && at < end; i++, at++) {
		unsigned long slot = heads + (unsigned long)at * bpf_core_type_size(struct udp_hslot);
		__s64 more = (__s64)(__u32)as_kernel(struct udp_hslot, slot)->count - n;

		n += more & ~(more >> 63);
	}
	return (int)n;
}

static long step_longest(__u32 i, struct longest *l)
{
	__u32 here = (__u32)longest_of(l->heads, l->at, l->end);

	if (here > l->n)
		l->n = here;
	l->at += COUNTS_RUN;
	return l->at >= l->end;
}

/* How many sockets, of all namespaces, the slot with the most of them has. */
SEC(BPF_RUN)
int longest(void *ctx)
{
	const struct udp_table *t = udp_table_of(own_net());
	struct longest l = { .heads = read_word(member_at(t, struct udp_table, hash)), .end = t->mask + 1 };

	bpf_loop(WALK_LOOPS_MAX, step_longest, &l, 0);
	return (int)l.n;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
