/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's sockets and the tables they are in, as far as BPF programs
 * here read them, and what two programs need to know to walk those tables.
 */

#include "bpf/core.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

typedef struct {
	atomic_t refs;
} refcount_t;

typedef struct {
	unsigned int val;
} kuid_t;

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_nulls_node {
	struct hlist_nulls_node *next;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
};

struct inet_ehash_bucket {
	struct hlist_nulls_head chain;
};

struct inet_bind_hashbucket {
	struct hlist_head chain;
};

struct inet_listen_hashbucket {
	struct hlist_nulls_head nulls_head;
};

struct inet_hashinfo {
	struct inet_ehash_bucket *ehash;
	unsigned int ehash_mask;
	struct inet_bind_hashbucket *bhash2;
	unsigned int bhash_size;
	unsigned int lhash2_mask;
	struct inet_listen_hashbucket *lhash2;
};

struct udp_hslot {
	struct hlist_head head;
	int count;
};

struct udp_table {
	struct udp_hslot *hash; /* by port and namespace */
	unsigned int mask;
};

struct net {
	struct {
		unsigned int inum;
	} ns;
	struct {
		struct {
			struct inet_hashinfo *hashinfo;
		} tcp_death_row;
		struct udp_table *udp_table; /* Linux 6.2 */
	} ipv4;
	__u32 hash_mix;
};

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	unsigned int flags;
	int tgid;
	struct task_struct *group_leader;
	char comm[16];
	struct nsproxy *nsproxy;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct inet_bind2_bucket {
	possible_net_t ib_net;
	unsigned short port;
	struct hlist_node node;
	struct hlist_head owners; /* Linux 6.8 */
};

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
};

struct sock_common {
	__u64 skc_addrpair;
	__u32 skc_daddr, skc_rcv_saddr;
	__u32 skc_portpair;
	__u16 skc_dport, skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	unsigned char skc_reuseport : 1, skc_ipv6only : 1;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	struct hlist_node skc_bind_node;
	struct hlist_nulls_node skc_nulls_node;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
	__u32 classid;
};

struct socket {
	struct sock *sk;
};

struct inode {
	unsigned long i_ino;
	kuid_t i_uid;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct dst_entry {
	unsigned long _metrics;
};

struct numa_drop_counters {
	atomic_t drops0, drops1;
};

struct sock {
	struct {
		atomic_t rmem_alloc;
		int len;
	} sk_backlog;
	atomic_t sk_drops, sk_omem_alloc;
	refcount_t sk_wmem_alloc;
	int sk_rcvbuf, sk_sndbuf, sk_forward_alloc, sk_wmem_queued;
	struct socket *sk_socket;
	struct timer_list sk_timer;             /* until 6.18 */
	struct timer_list tcp_retransmit_timer; /* since 7.0 */
	unsigned long sk_pacing_rate, sk_max_pacing_rate;
	__u32 sk_priority, sk_mark;
	kuid_t sk_uid;
	__u16 sk_type, sk_protocol;
	int sk_err;
	struct dst_entry *sk_dst_cache;
	__u8 sk_shutdown;
	__u32 sk_ack_backlog, sk_max_ack_backlog;
	unsigned long sk_ino; /* since 6.17; a kernel with it knows the user, too */
	struct sock_cgroup_data sk_cgrp_data;
	struct numa_drop_counters *sk_drop_counters; /* Linux 6.18: where not NULL, in place of sk_drops */
};

struct ipv6_pinfo {
	__u8 tclass;
};

struct inet_sock {
	struct ipv6_pinfo *pinet6;
	unsigned long inet_flags; /* Linux 6.6 */
	__u16 inet_sport;
	__u8 tos;
};

struct inet_timewait_sock {
	__u32 tw_mark;
	unsigned char tw_substate;
	struct inet_bind2_bucket *tw_tb2; /* Linux 6.1 */
	struct timer_list tw_timer;
};

struct request_sock {
	__u8 num_retrans;
	struct timer_list rsk_timer;
};

struct inet_request_sock {
	__u32 ir_mark;
};

struct udp_sock {
	int forward_deficit;
};

struct tcp_congestion_ops {
	void *get_info;
	char name[16];
};

struct tcp_ulp_ops;

struct inet_connection_sock {
	struct inet_bind2_bucket *icsk_bind2_hash;
	struct timer_list icsk_retransmit_timer;
	struct timer_list icsk_delack_timer;
	struct timer_list icsk_keepalive_timer; /* since 7.0 */
	unsigned long icsk_timeout;             /* until 6.12 */
	__u32 icsk_rto, icsk_rto_min, icsk_delack_max, icsk_pmtu_cookie;
	struct tcp_congestion_ops *icsk_ca_ops;
	struct tcp_ulp_ops *icsk_ulp_ops;
	__u8 icsk_ca_state : 5;
	__u8 icsk_retransmits, icsk_pending, icsk_backoff, icsk_probes_out;
	struct {
		__u32 ato : 8;
		__u32 lrcvtime;
		__u16 rcv_mss;
	} icsk_ack;
	__u64 icsk_ca_priv[13];
};

struct minmax_sample {
	__u32 t, v;
};

struct minmax {
	struct minmax_sample s[3];
};

struct tcp_options_received {
	__u16 tstamp_ok : 1, wscale_ok : 1, sack_ok : 3, snd_wscale : 4, rcv_wscale : 4;
};

struct tcp_md5sig_info;

struct tcp_sock {
	struct tcp_md5sig_info *md5sig_info;
	struct minmax rtt_min;
	struct tcp_options_received rx_opt;
	struct {
		__u32 rtt_us;
	} rcv_rtt_est;
	struct {
		__u32 space;
	} rcvq_space;
	__u64 bytes_sent, bytes_acked, bytes_received, bytes_retrans;
	__u32 chrono_start, chrono_stat[3];
	__u8 chrono_type : 2;
	__u8 tcp_usec_ts : 1, rate_app_limited : 1, fastopen_client_fail : 2, syn_data_acked : 1;
	__u8 syn_fastopen_child : 1;
	__u8 accecn_fail_mode : 4, saw_accecn_opt : 2; /* 6.18 */
	__u8 ecn_flags;
	__u16 advmss, timeout_rehash, total_rto, total_rto_recoveries;
	__u32 rcv_ssthresh, reordering, snd_wnd, rcv_wnd, mss_cache, snd_cwnd, snd_ssthresh;
	__u32 lost_out, sacked_out, retrans_out, packets_out, total_retrans;
	__u32 copied_seq, write_seq, rcv_nxt, snd_nxt, snd_una;
	__u32 segs_in, segs_out, data_segs_in, data_segs_out;
	__u32 delivered, delivered_ce, received_ce, received_ecn_bytes[3], delivered_ecn_bytes[3];
	__u32 srtt_us, mdev_us, lsndtime, rcv_tstamp, rate_delivered, rate_interval_us;
	__u32 dsack_dups, reord_seen, rcv_ooopack, plb_rehash, rto_stamp, total_rto_time;
};

struct bbr {
	__u32 min_rtt_us, lt_bw;
	struct minmax bw;
	__u32 lt_use_bw : 1, pacing_gain : 10, cwnd_gain : 10;
};

/* What the kernel tells, to know its length and its members. */
struct tcp_info {
	__u8 tcpi_ecn_mode : 2; /* since 7.0 */
};
#pragma clang attribute pop

enum { AF_INET = 2, AF_INET6 = 10 };

/* The kernel's number of 32 bits at @p. */
static __always_inline __u32 read_u32(unsigned long p)
{
	return as_kernel(struct minmax_sample, p)->t;
}

/* The network namespace of the running thread, as a number. */
static __always_inline unsigned long own_net(void)
{
	unsigned long task = (unsigned long)bpf_get_current_task_btf();

	return read_word(
		member_at(read_word(member_at(task, struct task_struct, nsproxy)), struct nsproxy, net_ns));
}

/* The tables that the namespace @net has its TCP sockets in. */
static __always_inline struct inet_hashinfo *hashinfo_of(unsigned long net)
{
	return as_kernel(struct inet_hashinfo,
			 read_word(member_at(net, struct net, ipv4.tcp_death_row.hashinfo)));
}

/* The table that the namespace @net has its UDP sockets in. */
static __always_inline struct udp_table *udp_table_of(unsigned long net)
{
	return as_kernel(struct udp_table, read_word(member_at(net, struct net, ipv4.udp_table)));
}

static __always_inline unsigned long net_of(const struct sock_common *skc)
{
	return read_word(member_at(skc, struct sock_common, skc_net));
}
