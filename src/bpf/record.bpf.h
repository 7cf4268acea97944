/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From a socket of the kernel to its record: what sock_diag would say of any.
 */

#include "bpf/record.h"
#include "bpf/sock.bpf.h"

const volatile struct walk_config config;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sock_record_mem));
} records SEC(".maps");

static __always_inline void put_address(struct inet_diag_msg *m, const struct sock_common *skc)
{
	if (m->idiag_family != AF_INET6) {
		m->id.idiag_src[0] = skc->skc_rcv_saddr;
		m->id.idiag_dst[0] = skc->skc_daddr;
		m->id.idiag_src[1] = m->id.idiag_src[2] = m->id.idiag_src[3] = 0;
		m->id.idiag_dst[1] = m->id.idiag_dst[2] = m->id.idiag_dst[3] = 0;
		return;
	}
	for (int i = 0; i < 4; i++) {
		m->id.idiag_src[i] = skc->skc_v6_rcv_saddr.in6_u.u6_addr32[i];
		m->id.idiag_dst[i] = skc->skc_v6_daddr.in6_u.u6_addr32[i];
	}
}

/* What any of the three kinds has. */
static __always_inline void put_common(struct sock_record *r, const struct sock_common *skc, __u8 state)
{
	struct inet_diag_msg *m = &r->msg;
	__u64 cookie = (__u64)skc->skc_cookie.counter;

	m->idiag_family = (__u8)skc->skc_family;
	m->idiag_state = state;
	m->idiag_timer = m->idiag_retrans = 0;
	m->id.idiag_sport = __builtin_bswap16(skc->skc_num);
	m->id.idiag_dport = skc->skc_dport;
	put_address(m, skc);
	m->id.idiag_if = (__u32)skc->skc_bound_dev_if;
	m->id.idiag_cookie[0] = (__u32)cookie;
	m->id.idiag_cookie[1] = (__u32)(cookie >> 32);
	m->idiag_expires = m->idiag_rqueue = m->idiag_wqueue = m->idiag_uid = m->idiag_inode = 0;
	r->netns = as_kernel(struct net, net_of(skc))->ns.inum;
	r->flags = 0;
}

static __always_inline void put_owner(struct sock_record *r, const struct sock *sk)
{
	unsigned long socket, inode;

	if (bpf_core_field_exists(sk->sk_ino)) {
		r->msg.idiag_uid = sk->sk_uid.val;
		r->msg.idiag_inode = (__u32)sk->sk_ino;
		return;
	}
	socket = read_word(member_at(sk, struct sock, sk_socket));
	if (!socket)
		return;
	inode = member_at(socket - bpf_core_field_offset(struct socket_alloc, socket), struct socket_alloc,
			  vfs_inode);
	r->msg.idiag_uid = as_kernel(struct inode, inode)->i_uid.val;
	r->msg.idiag_inode = (__u32)as_kernel(struct inode, inode)->i_ino;
}

static __always_inline __u8 bit(unsigned long flags, int from, int to)
{
	return (__u8)((flags >> from & 1) << to);
}

/* What the kernel sends about every socket. */
static __always_inline void put_detail(struct sock_record *r, const struct sock_common *skc)
{
	const struct sock *sk = as_kernel(struct sock, skc);
	const struct inet_sock *inet = as_kernel(struct inet_sock, skc);
	unsigned long f = inet->inet_flags;

	r->mark = sk->sk_mark;
	r->class_id = 0;
	if (bpf_core_field_exists(sk->sk_cgrp_data.classid))
		r->class_id = sk->sk_cgrp_data.classid;
	if (!r->class_id)
		r->class_id = sk->sk_priority;
	r->cgroup = sk->sk_cgrp_data.cgroup->kn->id;
	r->shutdown = sk->sk_shutdown & 3;
	r->tos = inet->tos;
	r->tclass = r->msg.idiag_family == AF_INET6 ? inet->pinet6->tclass : 0;
	/* INET_FLAGS_* to the bits of struct inet_diag_sockopt */
	r->sockopt[0] = bit(f, 9, 0) | bit(f, 16, 1) | bit(f, 11, 2) | bit(f, 12, 3) | bit(f, 13, 4) |
			bit(f, 15, 5) | bit(f, 14, 6) | bit(f, 17, 7);
	r->sockopt[1] = bit(f, 18, 0) | bit(f, 10, 1) | bit(f, 19, 2);
}

static __always_inline void put_socket(struct sock_record *r, const struct sock_common *skc)
{
	r->flags = RECORD_IS_FULL;
	put_owner(r, as_kernel(struct sock, skc));
	r->v6only = 0;
	if (r->msg.idiag_family == AF_INET6)
		r->v6only = BPF_CORE_READ_BITFIELD(skc, skc_ipv6only);
	if (config.want_detail)
		put_detail(r, skc);
}

static __always_inline __u32 drops_of(const struct sock *sk)
{
	const struct numa_drop_counters *c;

	if (!bpf_core_field_exists(sk->sk_drop_counters) || !sk->sk_drop_counters)
		return (__u32)sk->sk_drops.counter;
	c = as_kernel(struct numa_drop_counters, read_word(member_at(sk, struct sock, sk_drop_counters)));
	return (__u32)c->drops0.counter + (__u32)c->drops1.counter;
}

static __always_inline void put_mem(struct sk_meminfo *m, const struct sock *sk)
{
	m->rmem_alloc = (__u32)sk->sk_backlog.rmem_alloc.counter;
	m->rcvbuf = (__u32)sk->sk_rcvbuf;
	m->wmem_alloc = (__u32)sk->sk_wmem_alloc.refs.counter - 1;
	m->sndbuf = (__u32)sk->sk_sndbuf;
	m->fwd_alloc = (__u32)sk->sk_forward_alloc;
	m->wmem_queued = (__u32)sk->sk_wmem_queued;
	m->optmem = (__u32)sk->sk_omem_alloc.counter;
	m->backlog = (__u32)sk->sk_backlog.len;
	m->drops = drops_of(sk);
}

static __always_inline struct sock_record *record_at(__u32 n)
{
	return bpf_map_lookup_elem(&records, &n);
}

PART put_full_common(unsigned long p, __u32 n, __u8 state)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	struct sock_record *r = record_at(n);

	if (!r)
		return 1;
	put_common(r, skc, state);
	put_socket(r, skc);
	return 0;
}
