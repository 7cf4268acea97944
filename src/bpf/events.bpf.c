/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Tells what happens to TCP connections, as it happens: one record in a ring
 * for each event, with what sock_diag would say of the socket then.
 *
 * Most changes of state are made by whatever packet comes, on behalf of nobody: what only their beginning
 * tells is kept until its end.
 */

#include "bpf/events_tally.bpf.h"
#include "bpf/tcp_record.bpf.h"

enum {
	IPPROTO_TCP = 6,          /* an MPTCP connection changes its state as each of its subflows does */
	KERNEL_THREAD = 0x200000, /* PF_KTHREAD */
	PROGRAMS = 4, /* that may interrupt each other: each has a record of its own for each CPU */
};

/* What is kept of a connection until it is over. */
struct life {
	__u64 open_ns;
	__u32 handshake_us, pid;
	__u64 comm[2];
	__u32 inode, uid;
	__u32 flags;
	__u32 pad;
};

/* By the address of the socket. Storage of the kernel's with the socket would cost three times as much. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct life);
} lives SEC(".maps");

/*
 * Connections that were over last, by their sockets: the RST of one that is aborted is told behind its end,
 * and here behind that of its peer; and whoever aborts it may be on another CPU by then.
 */
struct closed {
	__u64 sock; /* 0: it is being written */
	struct life life;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct closed);
} closed SEC(".maps");

struct port {
	__u32 netns;
	__u32 number;
};

/* Who listens there: a connection does not know which socket it came through. */
struct listener {
	__u32 pid; /* 0: several share the port */
	__u32 pad;
	__u64 comm[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct port);
	__type(value, struct listener);
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __always_inline struct event_record *event_at(__u32 n)
{
	return (struct event_record *)record_at(n);
}

/* Who runs, unless that is the kernel itself. */
static __always_inline void take_owner(__u32 *pid, __u64 comm[2])
{
	unsigned long task =
		read_word(member_at(bpf_get_current_task_btf(), struct task_struct, group_leader));
	const struct task_struct *t = as_kernel(struct task_struct, task);

	if (t->flags & KERNEL_THREAD)
		return;
	*pid = (__u32)t->tgid;
	comm[0] = read_word(member_at(task, struct task_struct, comm));
	comm[1] = read_word(member_at(task, struct task_struct, comm) + 8);
}

/* A socket has neither any more when it has been closed. */
static __always_inline void keep_inode(const struct sock *sk, struct life *l)
{
	struct sock_record r;

	r.msg.idiag_inode = r.msg.idiag_uid = 0;
	put_owner(&r, as_kernel(struct sock, sk));
	if (!r.msg.idiag_inode)
		return;
	l->inode = r.msg.idiag_inode;
	l->uid = r.msg.idiag_uid;
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
	put_full(p, n, state, jiffies);
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
	if (shared.is_tallied) {
		if (!tally_add(r))
			__sync_fetch_and_add(&shared.lost, 1);
		return 0;
	}
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
	__u64 key = (__u64)sk;
	struct life *l = bpf_map_lookup_elem(&lives, &key);

	if (!l && make) {
		struct life none = {};

		bpf_map_update_elem(&lives, &key, &none, BPF_NOEXIST);
		l = bpf_map_lookup_elem(&lives, &key);
	}
	return l;
}

/* Keeps a copy of @l; false where something is kept already, and @is_new forbids to replace it. */
static __always_inline bool keep_new(const struct sock *sk, const struct life *l, bool is_new)
{
	__u64 key = (__u64)sk;

	return bpf_map_update_elem(&lives, &key, l, is_new ? BPF_NOEXIST : BPF_ANY) == 0;
}

/* Whether nothing is to be kept of this change, nor told. */
static __always_inline bool is_nothing(__u8 from, __u8 to)
{
	if (from == to || from == K_TCP_LISTEN)
		return true;
	if (shared.kinds >> LIFE_STATE & 1)
		return false;
	return to == K_TCP_FIN_WAIT2 || to == K_TCP_CLOSING || to == K_TCP_TIME_WAIT ||
	       to == K_TCP_CLOSE_WAIT ||
	       (from == K_TCP_SYN_SENT && to == K_TCP_ESTABLISHED && !shared.want_handshake);
}

static __always_inline struct port port_of(const struct sock *sk)
{
	const struct sock_common *skc = as_kernel(struct sock_common, sk);

	return (struct port){ .netns = as_kernel(struct net, net_of(skc))->ns.inum, .number = skc->skc_num };
}

static __always_inline void listen_at(const struct sock *sk)
{
	struct port port = port_of(sk);
	struct listener l = {}, *other = bpf_map_lookup_elem(&listeners, &port);

	take_owner(&l.pid, l.comm);
	if (other && other->pid != l.pid &&
	    BPF_CORE_READ_BITFIELD(as_kernel(struct sock_common, sk), skc_reuseport))
		l.pid = 0;
	bpf_map_update_elem(&listeners, &port, &l, BPF_ANY);
}

static __always_inline void begin_out(const struct sock *sk, struct life *l)
{
	l->open_ns = bpf_ktime_get_ns();
	l->flags = LIFE_OUT;
	take_owner(&l->pid, l->comm);
	keep_inode(sk, l);
	keep_new(sk, l, false);
}

/*
 * Whoever listens is known from then on; the connection itself has no process yet. False where both ends have
 * connected: it began before.
 */
static __always_inline bool begin_in(const struct sock *sk, struct life *l)
{
	struct port port = port_of(sk);
	const struct listener *by = bpf_map_lookup_elem(&listeners, &port);
	const struct life *other;

	if (by) {
		l->pid = by->pid;
		l->comm[0] = by->comm[0];
		l->comm[1] = by->comm[1];
	}
	l->open_ns = bpf_ktime_get_ns();
	l->handshake_us = as_kernel(struct tcp_sock, sk)->srtt_us >> 3;
	l->flags = LIFE_IN;
	if (keep_new(sk, l, true))
		return true;
	other = life_of(sk, false);
	if (other && other->flags & LIFE_OUT)
		return false;
	keep_new(sk, l, false);
	return true;
}

/* Whether the process that runs is the one that ends it: everything else has a reason in sk_err. */
static __always_inline bool is_ended_here(const struct sock *sk, __u8 from, __u8 to)
{
	if (to == K_TCP_FIN_WAIT1 || to == K_TCP_LAST_ACK)
		return true;
	return to == K_TCP_CLOSE && (from == K_TCP_ESTABLISHED || from == K_TCP_CLOSE_WAIT) &&
	       !as_kernel(struct sock, sk)->sk_err;
}

static __always_inline void go_on(const struct sock *sk, struct life *l, __u8 from, __u8 to)
{
	if (to == K_TCP_ESTABLISHED && l->open_ns)
		l->handshake_us = (__u32)((bpf_ktime_get_ns() - l->open_ns) / 1000);
	if (!(l->flags & LIFE_OUT) && is_ended_here(sk, from, to))
		take_owner(&l->pid, l->comm);
	if (!l->inode)
		keep_inode(sk, l);
}

static __always_inline __u8 told_as(__u8 kind)
{
	return shared.kinds >> (kind & 31) & 1 ? kind : LIFE_STATE;
}

/* Keeps what the change of state of @sk tells, which has begun. Returns which event that is, LIFE_KINDS for
 * none. */
static __always_inline __u8 keep(const struct sock *sk, struct life *l, __u8 from, __u8 to)
{
	if (from == K_TCP_SYN_RECV && !(l && l->flags & LIFE_OUT))
		return LIFE_KINDS;
	if (l)
		go_on(sk, l, from, to);
	return to == K_TCP_CLOSE ? LIFE_CLOSE : LIFE_STATE;
}

/* Whether one of its ports, as far as they are known yet, is one of those that are told. */
static __always_inline bool has_port(const struct sock *sk)
{
	__u16 peer = as_kernel(struct sock_common, sk)->skc_dport;
	__u16 local = as_kernel(struct inet_sock, sk)->inet_sport;

	if (!shared.n_ports || !local)
		return true;
	for (__u32 i = 0; i < LIFE_PORTS; i++) {
		if (i >= shared.n_ports)
			break;
		if (shared.ports[i] == local || shared.ports[i] == peer)
			return true;
	}
	return false;
}

static __always_inline void tell(const struct sock *sk, const struct life *l, __u8 kind, __u8 from, __u8 to,
				 __u32 program)
{
	__u32 n;
	struct event_record *r = has_port(sk) ? begin(sk, program, &n) : (void *)0;

	if (!r)
		return;
	r->kind = kind;
	r->from = from;
	r->to = to;
	put_sock(*(volatile __u64 *)&r->sock, n, to);
	if (l)
		put_life(r, l);
	else
		r->open_ns = r->handshake_us = r->flags = r->pid = 0;
	send(n);
}

static __always_inline struct closed *closed_at(const struct sock *sk)
{
	__u64 key = (__u64)sk;
	__u32 i = (__u32)(key >> 6 ^ key >> 16) & (LIFE_CLOSED - 1);

	return bpf_map_lookup_elem(&closed, &i);
}

static __always_inline void forget(const struct sock *sk, const struct life *l)
{
	/* One that an RST came for sends none. */
	bool is_needed = shared.kinds >> LIFE_RESET & 1 && !(l->flags & LIFE_RST_IN);
	struct closed *c = is_needed ? closed_at(sk) : (void *)0;
	__u64 key = (__u64)sk;

	if (c) {
		*(volatile __u64 *)&c->sock = 0;
		barrier();
		c->life = *l;
		barrier();
		*(volatile __u64 *)&c->sock = key;
	}
	bpf_map_delete_elem(&lives, &key);
}

/* Another CPU may put another one in its place meanwhile. */
static __always_inline bool find_forgotten(const struct sock *sk, struct life *ret)
{
	const struct closed *c = closed_at(sk);
	__u64 key = (__u64)sk;

	if (!c || *(const volatile __u64 *)&c->sock != key)
		return false;
	barrier();
	*ret = c->life;
	barrier();
	return *(const volatile __u64 *)&c->sock == key;
}

SEC(BPF_TRACE_SET_STATE) int on_state(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	__u8 from = (__u8)ctx[1], to = (__u8)ctx[2], kind;
	struct life begun = {}, *l = &begun;

	if (is_nothing(from, to) || !is_followed(sk))
		return 0;
	if (to == K_TCP_LISTEN) {
		listen_at(sk);
		return 0;
	}
	if (from == K_TCP_CLOSE) {
		begin_out(sk, l);
		kind = LIFE_OPEN;
	} else if (from == K_TCP_SYN_RECV && to != K_TCP_CLOSE && begin_in(sk, l)) {
		kind = LIFE_ACCEPT;
	} else {
		l = life_of(sk, to != K_TCP_CLOSE);
		kind = keep(sk, l, from, to);
	}
	if (kind != LIFE_KINDS) {
		kind = told_as(kind);
		if (shared.kinds >> (kind & 31) & 1)
			tell(sk, l, kind, from, to, 0);
	}
	if (l && to == K_TCP_CLOSE)
		forget(sk, l);
	return 0;
}

/* What happens to the socket in the state it is in: tells it as @kind, and keeps @flag. */
static __always_inline int happens(const struct sock *sk, __u32 program, __u8 kind, __u32 flag)
{
	struct life *l, over;
	__u8 state;

	if (!sk)
		return 0;
	state = as_kernel(struct sock_common, sk)->skc_state;
	if (state == K_TCP_LISTEN || state == K_TCP_TIME_WAIT || state == K_TCP_NEW_SYN_RECV ||
	    !is_followed(sk))
		return 0;
	l = life_of(sk, flag && state != K_TCP_CLOSE);
	if (!l && state == K_TCP_CLOSE && find_forgotten(sk, &over))
		l = &over;
	barrier_var(l); /* else its members are reached for before it is known to be one */
	if (l)
		l->flags |= flag;
	if (shared.kinds >> (kind & 31) & 1)
		tell(sk, l, kind, state, state, program);
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
