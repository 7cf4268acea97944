/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What the sockets in the descriptor tables are set to. No lock of a socket is taken: what is read of one may
 * be of two moments.
 */

#include "bpf/held.h"
#include "bpf/files_walk.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct netns_ipv4 {
	int sysctl_tcp_keepalive_time, sysctl_tcp_keepalive_intvl;
	__u8 sysctl_tcp_keepalive_probes;
};

struct net {
	struct netns_ipv4 ipv4;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	unsigned short skc_family;
	unsigned char skc_reuse : 4, skc_reuseport : 1;
	possible_net_t skc_net;
	unsigned long skc_flags;
};

struct sk_buff {
	struct sk_buff *next;
	unsigned int len;
};

struct sk_buff_head {
	struct sk_buff *next;
	__u32 qlen;
};

struct udp_sock {
	struct sk_buff_head reader_queue;
};

struct sock {
	struct sk_buff_head sk_receive_queue;
	__u8 sk_userlocks;
	__u16 sk_protocol, sk_type;
	unsigned long sk_lingertime;
};

struct socket {
	struct sock *sk;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct tcp_congestion_ops {
	char name[HELD_CONGESTION];
};

struct inet_connection_sock {
	struct tcp_congestion_ops *icsk_ca_ops;
	__u8 icsk_ca_setsockopt : 1;
	__u32 icsk_user_timeout;
};

struct tcp_sock {
	__u8 nonagle : 4;
	__u8 keepalive_probes;
	unsigned int keepalive_time, keepalive_intvl;
	__u32 notsent_lowat;
};
#pragma clang attribute pop

enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_UDPLITE = 136, PROTOCOL_MPTCP = 262 };
enum { PACKETS_MAX = 1 << 15 }; /* of a queue: a fraction of a millisecond; what is longer is not told */

/* Bits of .skc_flags, of .nonagle, of .sk_userlocks. */
enum { FLAG_KEEPALIVE = 3, FLAG_LINGER = 4 };
enum { NAGLE_OFF = 1, NAGLE_CORK = 2 };
enum { LOCK_SNDBUF = 1, LOCK_RCVBUF = 2 };

struct held_record held[FILES_FINDS] SEC(".bss.held");

static __always_inline void tell(struct held_record *r, bool is, enum held_flag flag)
{
	r->flags |= is ? flag : 0;
}

static __always_inline void tell_tcp(struct held_record *r, unsigned long sk, const struct sock_common *skc)
{
	const struct inet_connection_sock *icsk = as_kernel(struct inet_connection_sock, sk);
	const struct tcp_sock *tp = as_kernel(struct tcp_sock, sk);
	const struct net *net = as_kernel(struct net, read_word(member_at(skc, struct sock_common, skc_net)));
	unsigned long name = read_word(member_at(sk, struct inet_connection_sock, icsk_ca_ops));
	__u32 nagle = (__u32)BPF_CORE_READ_BITFIELD(tp, nonagle);

	tell(r, true, HELD_IS_TCP);
	tell(r, nagle & NAGLE_OFF, HELD_NODELAY);
	tell(r, nagle & NAGLE_CORK, HELD_CORK);
	tell(r, BPF_CORE_READ_BITFIELD(icsk, icsk_ca_setsockopt), HELD_CONGESTION_SET);
	r->keepidle = tp->keepalive_time ? tp->keepalive_time : (__u32)net->ipv4.sysctl_tcp_keepalive_time;
	r->keepintvl =
		tp->keepalive_intvl ? tp->keepalive_intvl : (__u32)net->ipv4.sysctl_tcp_keepalive_intvl;
	r->keepcnt = tp->keepalive_probes ? tp->keepalive_probes : net->ipv4.sysctl_tcp_keepalive_probes;
	r->user_timeout = icsk->icsk_user_timeout;
	r->notsent_lowat = tp->notsent_lowat;
	if (!name || bpf_probe_read_kernel(r->congestion, sizeof(r->congestion),
					   (const void *)member_at(name, struct tcp_congestion_ops, name)))
		r->congestion[0] = 0;
}

/* A queue on the way. */
struct queue {
	unsigned long head, at;
	__u64 bytes;
	__u32 n, first;
};

static long take_packet(__u32 i __attribute__((unused)), struct queue *q)
{
	const struct sk_buff *skb = as_kernel(struct sk_buff, q->at);

	if (q->at == q->head || !q->at)
		return 1;
	if (!q->n++)
		q->first = skb->len;
	q->bytes += skb->len;
	q->at = read_word(member_at(q->at, struct sk_buff, next));
	return 0;
}

/*
 * Adds what is in the queue at @head to @r. Packets are taken away meanwhile, and what was one is another's:
 * it counts when the way led back to the head, and length and beginning are what they were. Returns whether
 * it does.
 */
static __always_inline bool add_queue(struct held_record *r, unsigned long head)
{
	const struct sk_buff_head *list = as_kernel(struct sk_buff_head, head);
	unsigned long next = member_at(head, struct sk_buff_head, next);
	unsigned long first = read_word(next);
	struct queue q = { .head = head, .at = first };
	__u32 n = list->qlen;

	bpf_loop(PACKETS_MAX, take_packet, &q, 0);
	fence();
	if (q.at != head || q.n != n || list->qlen != n || read_word(next) != first)
		return false;
	if (n && !r->packets)
		r->next = q.first;
	r->packets += n;
	r->payload += q.bytes;
	return true;
}

/* The datagrams that wait; of UDP first those in the queue that readers have for themselves. */
static __always_inline void tell_queue(struct held_record *r, unsigned long sk, __u16 protocol)
{
	bool is_whole = true;

	r->packets = r->next = 0;
	r->payload = 0;
	if (protocol == PROTOCOL_UDP || protocol == PROTOCOL_UDPLITE)
		is_whole = add_queue(r, member_at(sk, struct udp_sock, reader_queue));
	is_whole = is_whole && add_queue(r, member_at(sk, struct sock, sk_receive_queue));
	tell(r, is_whole, HELD_HAS_QUEUE);
}

static __always_inline void look_into(const struct file *file, __u32 at)
{
	unsigned long inode = read_word(member_at(file, struct file, f_inode));
	unsigned long socket = inode - bpf_core_field_offset(struct socket_alloc, vfs_inode) +
			       bpf_core_field_offset(struct socket_alloc, socket);
	unsigned long p = read_word(member_at(socket, struct socket, sk));
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	const struct sock *sk = as_kernel(struct sock, p);
	struct held_record *r = &held[at];
	unsigned long flags;
	__u16 protocol;
	bool is_inet;

	r->flags = 0;
	if (!p)
		return;
	flags = skc->skc_flags;
	tell(r, flags >> FLAG_KEEPALIVE & 1, HELD_KEEPALIVE);
	tell(r, flags >> FLAG_LINGER & 1, HELD_LINGER);
	tell(r, BPF_CORE_READ_BITFIELD(skc, skc_reuse), HELD_REUSEADDR);
	tell(r, BPF_CORE_READ_BITFIELD(skc, skc_reuseport), HELD_REUSEPORT);
	tell(r, sk->sk_userlocks & LOCK_SNDBUF, HELD_SNDBUF_LOCKED);
	tell(r, sk->sk_userlocks & LOCK_RCVBUF, HELD_RCVBUF_LOCKED);
	r->linger = sk->sk_lingertime;
	is_inet = skc->skc_family == AF_INET || skc->skc_family == AF_INET6;
	protocol = is_inet ? sk->sk_protocol : 0;
	if (sk->sk_type == SOCK_STREAM && protocol == PROTOCOL_TCP)
		tell_tcp(r, p, skc);
	tell(r, protocol == PROTOCOL_MPTCP, HELD_IS_MPTCP);
	if ((is_inet || skc->skc_family == AF_UNIX) && (sk->sk_type == SOCK_DGRAM || sk->sk_type == SOCK_RAW))
		tell_queue(r, p, protocol);
}

SEC(BPF_ITER_TASK)
int each_task(struct task_context *ctx)
{
	return walk_task(ctx->task ? as_kernel(struct task_struct, ctx->task) : NULL);
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
