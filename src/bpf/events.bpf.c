/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Tells what happens to TCP connections, as it happens: one record in a ring
 * for each event, with what sock_diag would say of the socket then.
 *
 * Most changes of state are made by whatever packet comes, on behalf of nobody: what only their beginning
 * tells is kept with the socket until its end.
 */

#include "bpf/events.h"
#include "bpf/tcp_record.bpf.h"

enum {
	IPPROTO_TCP = 6,          /* an MPTCP connection changes its state as each of its subflows does */
	KERNEL_THREAD = 0x200000, /* PF_KTHREAD */
	PROGRAMS = 4, /* that may interrupt each other: each has a record of its own for each CPU */
};

struct event_shared shared SEC(".bss.shared");

/* What is kept with a socket; that of a listener is copied to the connections that come through it. */
struct life {
	__u64 open_ns;
	__u32 handshake_us, pid;
	__u64 comm[2];
	__u32 inode, uid;
	__u32 flags;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct life);
} lives SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __always_inline struct event_record *event_at(__u32 n)
{
	return (struct event_record *)record_at(n);
}

/* Who runs, unless that is the kernel itself. */
static __always_inline void take_owner(struct life *l)
{
	unsigned long task =
		read_word(member_at(bpf_get_current_task_btf(), struct task_struct, group_leader));
	const struct task_struct *t = as_kernel(struct task_struct, task);

	if (t->flags & KERNEL_THREAD)
		return;
	l->pid = (__u32)t->tgid;
	l->comm[0] = read_word(member_at(task, struct task_struct, comm));
	l->comm[1] = read_word(member_at(task, struct task_struct, comm) + 8);
}

/* A socket has neither any more when it has been closed. */
static __always_inline void keep_inode(struct event_record *r, unsigned long p, struct life *l)
{
	r->r.m.r.msg.idiag_inode = r->r.m.r.msg.idiag_uid = 0;
	put_owner(&r->r.m.r, as_kernel(struct sock, p));
	if (!r->r.m.r.msg.idiag_inode)
		return;
	l->inode = r->r.m.r.msg.idiag_inode;
	l->uid = r->r.m.r.msg.idiag_uid;
}

static __always_inline void put_life(struct event_record *r, const struct life *l)
{
	r->open_ns = l->open_ns;
	r->handshake_us = l->handshake_us;
	r->pid = l->pid;
	((__u64 *)r->comm)[0] = l->comm[0];
	((__u64 *)r->comm)[1] = l->comm[1];
	r->flags = (__u8)l->flags;
	if (!r->r.m.r.msg.idiag_inode) {
		r->r.m.r.msg.idiag_inode = l->inode;
		r->r.m.r.msg.idiag_uid = l->uid;
	}
}

/* The record of the socket at @p, number @n, as it is in @state. */
PART put_sock(unsigned long p, __u32 n, __u8 state)
{
	struct event_record *r = event_at(n);
	__u64 jiffies = bpf_jiffies64();

	if (!r)
		return 1;
	put_full_common(p, n, state);
	put_full_state(p, n, state, jiffies);
	if (config.want_info) {
		put_full_info(p, n, state, jiffies);
		put_full_counts(p, n, state, jiffies);
		put_full_cong(p, n, state);
	}
	/* The port is given back before the socket is closed, and this remains. */
	r->r.m.r.msg.id.idiag_sport = as_kernel(struct inet_sock, p)->inet_sport;
	r->error = as_kernel(struct sock, p)->sk_err;
	return 0;
}

PART send(__u32 n)
{
	struct event_record *r = event_at(n);
	__u64 used, flags = BPF_RB_NO_WAKEUP;

	if (!r)
		return 1;
	r->lost = shared.lost;
	used = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (used >= shared.wake && used < shared.wake + 8 * sizeof(*r))
		flags = BPF_RB_FORCE_WAKEUP;
	if (bpf_ringbuf_output(&ring, r, sizeof(*r), flags) < 0)
		__sync_fetch_and_add(&shared.lost, 1);
	return 0;
}

/* Whether the socket is one of those that are followed. */
static __always_inline bool is_followed(const struct sock *sk)
{
	const struct sock_common *skc = as_kernel(struct sock_common, sk);

	if (as_kernel(struct sock, sk)->sk_protocol != IPPROTO_TCP)
		return false;
	if (shared.family && skc->skc_family != shared.family)
		return false;
	return !shared.netns || as_kernel(struct net, net_of(skc))->ns.inum == shared.netns;
}

/* The record of this CPU for program @program; as a number the socket can be handed on. */
static __always_inline struct event_record *begin(const struct sock *sk, __u32 program, __u32 *ret_n)
{
	struct event_record *r;

	*ret_n = bpf_get_smp_processor_id() * PROGRAMS + program;
	r = event_at(*ret_n);
	if (r) {
		r->at_ns = bpf_ktime_get_ns();
		r->cookie = bpf_get_socket_cookie((void *)sk);
		*(volatile __u64 *)&r->sock = (__u64)sk;
	}
	return r;
}

static __always_inline struct life *life_of(const struct sock *sk, bool make)
{
	return bpf_sk_storage_get(&lives, (void *)sk, 0, make ? BPF_SK_STORAGE_GET_F_CREATE : 0);
}

/* Whether nothing is to be kept of this change, nor told. */
static __always_inline bool is_nothing(__u8 from, __u8 to)
{
	if (from == to || from == K_TCP_LISTEN)
		return true;
	if (to == K_TCP_FIN_WAIT2 || to == K_TCP_CLOSING || to == K_TCP_TIME_WAIT)
		return !(shared.kinds >> LIFE_STATE & 1);
	return false;
}

static __always_inline void begin_out(struct event_record *r, unsigned long p, struct life *l)
{
	l->open_ns = r->at_ns;
	l->flags = LIFE_OUT;
	l->handshake_us = l->inode = l->uid = l->pid = 0;
	take_owner(l);
	keep_inode(r, p, l);
}

/* Whoever listens is known from then on; the connection itself has no process yet. */
static __always_inline void begin_in(struct event_record *r, unsigned long p, struct life *l)
{
	__u32 us = as_kernel(struct tcp_sock, p)->srtt_us >> 3;

	if (!(l->flags & LIFE_LISTENER))
		l->pid = 0;
	l->open_ns = r->at_ns;
	l->handshake_us = us;
	l->flags = LIFE_IN;
	l->inode = l->uid = 0;
}

/* Whether the process that runs is the one that ends it: everything else has a reason in sk_err. */
static __always_inline bool is_ended_here(unsigned long p, __u8 from, __u8 to)
{
	if (to == K_TCP_FIN_WAIT1 || to == K_TCP_LAST_ACK)
		return true;
	return to == K_TCP_CLOSE && (from == K_TCP_ESTABLISHED || from == K_TCP_CLOSE_WAIT) &&
	       !as_kernel(struct sock, p)->sk_err;
}

static __always_inline void go_on(struct event_record *r, unsigned long p, struct life *l, __u8 from, __u8 to)
{
	if (to == K_TCP_ESTABLISHED && l->open_ns)
		l->handshake_us = (__u32)((r->at_ns - l->open_ns) / 1000);
	if (to == K_TCP_FIN_WAIT1)
		l->flags |= LIFE_LOCAL_FIN;
	if (to == K_TCP_CLOSE_WAIT)
		l->flags |= LIFE_REMOTE_FIN;
	if (!(l->flags & LIFE_OUT) && is_ended_here(p, from, to))
		take_owner(l);
	keep_inode(r, p, l);
}

static __always_inline __u8 told_as(__u8 kind)
{
	return shared.kinds >> (kind & 31) & 1 ? kind : LIFE_STATE;
}

SEC(BPF_TRACE_SET_STATE) int on_state(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	__u8 from = (__u8)ctx[1], to = (__u8)ctx[2], kind = LIFE_STATE;
	struct event_record *r;
	struct life *l;
	unsigned long p;
	__u32 n;

	if (is_nothing(from, to) || !is_followed(sk))
		return 0;
	r = begin(sk, 0, &n);
	l = life_of(sk, true);
	if (!r || !l)
		return 0;
	p = *(volatile __u64 *)&r->sock;
	if (to == K_TCP_LISTEN) {
		l->flags = LIFE_LISTENER;
		take_owner(l);
		return 0;
	}
	if (from == K_TCP_CLOSE) {
		begin_out(r, p, l);
		kind = LIFE_OPEN;
	} else if (from == K_TCP_SYN_RECV && !(l->flags & LIFE_OUT)) {
		if (to == K_TCP_CLOSE)
			return 0;
		begin_in(r, p, l);
		kind = LIFE_ACCEPT;
	} else {
		go_on(r, p, l, from, to);
		if (to == K_TCP_CLOSE)
			kind = LIFE_CLOSE;
	}
	kind = told_as(kind);
	if (!(shared.kinds >> (kind & 31) & 1))
		return 0;
	r->kind = kind;
	r->from = from;
	r->to = to;
	put_sock(p, n, to);
	put_life(r, l);
	send(n);
	return 0;
}

/* What happens to the socket in the state it is in: tells it as @kind, and keeps @flag. */
static __always_inline int happens(const struct sock *sk, __u32 program, __u8 kind, __u32 flag)
{
	struct event_record *r;
	struct life *l;
	unsigned long p;
	__u8 state;
	__u32 n;

	if (!sk)
		return 0;
	state = as_kernel(struct sock_common, sk)->skc_state;
	if (state == K_TCP_LISTEN || state == K_TCP_TIME_WAIT || state == K_TCP_NEW_SYN_RECV ||
	    !is_followed(sk))
		return 0;
	r = begin(sk, program, &n);
	l = life_of(sk, flag != 0);
	if (!r)
		return 0;
	if (l)
		l->flags |= flag;
	if (!(shared.kinds >> (kind & 31) & 1))
		return 0;
	p = *(volatile __u64 *)&r->sock;
	r->kind = kind;
	r->from = r->to = state;
	put_sock(p, n, state);
	if (l) {
		put_life(r, l);
	} else {
		r->open_ns = r->handshake_us = r->flags = r->pid = 0;
	}
	r->flags |= (__u8)flag;
	send(n);
	return 0;
}

SEC(BPF_TRACE_RETRANSMIT) int on_retransmit(__u64 *ctx)
{
	return happens((const struct sock *)ctx[0], 1, LIFE_RETRANSMIT, 0);
}

SEC(BPF_TRACE_SEND_RESET) int on_send_reset(__u64 *ctx)
{
	return happens((const struct sock *)ctx[0], 2, LIFE_RESET, LIFE_RST_OUT);
}

SEC(BPF_TRACE_RECEIVE_RESET) int on_receive_reset(__u64 *ctx)
{
	return happens((const struct sock *)ctx[0], 3, LIFE_RESET, LIFE_RST_IN);
}

/* The port of the socket at ctx[0], in network order with a bit above it, while that is the one with the
 * cookie sought. */
SEC(BPF_RUN) int find_port(__u64 *ctx)
{
	unsigned long p = (unsigned long)ctx[0];
	__u32 port = as_kernel(struct inet_sock, p)->inet_sport;

	if ((__u64)as_kernel(struct sock_common, p)->skc_cookie.counter != shared.sought || !port)
		return 0;
	return (int)(port | 1u << 16);
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
