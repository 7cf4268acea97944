/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From a TCP socket of the kernel to its record: what sock_diag would say.
 */

#include "bpf/record.bpf.h"
#include "bpf/tcp.h"

static __always_inline __u32 delta_msec(unsigned long expires, __u64 jiffies)
{
	long left = (long)(expires - jiffies);

	return left > 0 ? (__u32)left * config.msec_per_jiffy : 0;
}

static __always_inline bool is_pending(const struct timer_list *t)
{
	return t->entry.pprev;
}

static __always_inline void put_time_wait(struct sock_record *r, const struct sock_common *skc, __u64 jiffies)
{
	const struct inet_timewait_sock *tw = as_kernel(struct inet_timewait_sock, skc);

	r->msg.idiag_timer = 3;
	r->msg.idiag_expires = delta_msec(tw->tw_timer.expires, jiffies);
	r->mark = tw->tw_mark;
}

static __always_inline void put_request(struct sock_record *r, const struct sock_common *skc, __u64 jiffies)
{
	const struct request_sock *req = as_kernel(struct request_sock, skc);

	r->msg.idiag_timer = 1;
	r->msg.idiag_retrans = req->num_retrans;
	r->msg.idiag_expires = delta_msec(req->rsk_timer.expires, jiffies);
	r->mark = as_kernel(struct inet_request_sock, skc)->ir_mark;
}

static __always_inline void put_queues(struct sock_record *r, const struct sock *sk,
				       const struct tcp_sock *tp, __u8 state)
{
	int unread;

	if (state == K_TCP_LISTEN) {
		r->msg.idiag_rqueue = sk->sk_ack_backlog;
		r->msg.idiag_wqueue = sk->sk_max_ack_backlog;
		return;
	}
	unread = (int)(tp->rcv_nxt - tp->copied_seq);
	r->msg.idiag_rqueue = unread > 0 ? (__u32)unread : 0;
	r->msg.idiag_wqueue = tp->write_seq - tp->snd_una;
}

static __always_inline void put_timer(struct sock_record *r, const struct sock *sk,
				      const struct inet_connection_sock *icsk, __u64 jiffies)
{
	__u8 pending = icsk->icsk_pending;
	unsigned long expires;

	if (pending) {
		if (bpf_core_field_exists(icsk->icsk_timeout))
			expires = icsk->icsk_timeout;
		else if (bpf_core_field_exists(sk->tcp_retransmit_timer))
			expires = sk->tcp_retransmit_timer.expires;
		else
			expires = icsk->icsk_retransmit_timer.expires;
		r->msg.idiag_timer = pending == 3 ? 4 : 1;
		r->msg.idiag_retrans = pending == 3 ? icsk->icsk_probes_out : icsk->icsk_retransmits;
		r->msg.idiag_expires = delta_msec(expires, jiffies);
		return;
	}
	if (bpf_core_field_exists(icsk->icsk_keepalive_timer)) {
		if (is_pending(&icsk->icsk_keepalive_timer)) {
			r->msg.idiag_timer = 2;
			expires = icsk->icsk_keepalive_timer.expires;
		} else if (is_pending(&icsk->icsk_delack_timer)) {
			r->flags |= RECORD_HAS_TIMER;
		}
	} else if (is_pending(&sk->sk_timer)) {
		r->msg.idiag_timer = 2;
		expires = sk->sk_timer.expires;
	}
	if (r->msg.idiag_timer) {
		r->msg.idiag_retrans = icsk->icsk_probes_out;
		r->msg.idiag_expires = delta_msec(expires, jiffies);
	}
}

static __always_inline void put_options(struct k_tcp_info *i, const struct tcp_sock *tp)
{
	const struct tcp_options_received *o = &tp->rx_opt;

	if (BPF_CORE_READ_BITFIELD(o, tstamp_ok))
		i->tcpi_options |= K_TCPI_OPT_TIMESTAMPS;
	if (BPF_CORE_READ_BITFIELD(o, sack_ok))
		i->tcpi_options |= K_TCPI_OPT_SACK;
	if (BPF_CORE_READ_BITFIELD(o, wscale_ok)) {
		i->tcpi_options |= K_TCPI_OPT_WSCALE;
		i->tcpi_wscale = (__u8)(BPF_CORE_READ_BITFIELD(o, snd_wscale) |
					BPF_CORE_READ_BITFIELD(o, rcv_wscale) << 4);
	}
	if (tp->ecn_flags & 0x11) /* RFC 3168, and since 6.18 accurate ECN */
		i->tcpi_options |= K_TCPI_OPT_ECN;
	if (tp->ecn_flags & 8)
		i->tcpi_options |= K_TCPI_OPT_ECN_SEEN;
	if (BPF_CORE_READ_BITFIELD(tp, syn_data_acked))
		i->tcpi_options |= K_TCPI_OPT_SYN_DATA;
	if (bpf_core_field_exists(tp->tcp_usec_ts) && BPF_CORE_READ_BITFIELD(tp, tcp_usec_ts))
		i->tcpi_options |= K_TCPI_OPT_USEC_TS;
}

/* Times in which the connection was busy, by what held it up. */
static __always_inline void put_chrono(struct k_tcp_info *i, const struct tcp_sock *tp, __u32 now)
{
	__u32 type = (__u32)BPF_CORE_READ_BITFIELD(tp, chrono_type), since = now - tp->chrono_start;
	__u64 busy = tp->chrono_stat[0], rwnd = tp->chrono_stat[1], sndbuf = tp->chrono_stat[2];

	if (type == 1)
		busy += since;
	else if (type == 2)
		rwnd += since;
	else if (type == 3)
		sndbuf += since;
	i->tcpi_busy_time = (busy + rwnd + sndbuf) * config.usec_per_jiffy;
	i->tcpi_rwnd_limited = rwnd * config.usec_per_jiffy;
	i->tcpi_sndbuf_limited = sndbuf * config.usec_per_jiffy;
}

static __always_inline void put_newer(struct k_tcp_info *i, const struct tcp_sock *tp)
{
	if (bpf_core_field_exists(tp->total_rto)) { /* 6.7 */
		i->tcpi_total_rto = tp->total_rto;
		i->tcpi_total_rto_recoveries = tp->total_rto_recoveries;
		i->tcpi_total_rto_time = tp->total_rto_time;
		if (tp->rto_stamp)
			i->tcpi_total_rto_time += (__u32)(bpf_ktime_get_ns() / 1000000) - tp->rto_stamp;
	}
	if (bpf_core_field_exists(tp->received_ce)) { /* 6.18 */
		if (BPF_CORE_READ_BITFIELD(tp, syn_fastopen_child))
			i->tcpi_options |= K_TCPI_OPT_TFO_CHILD;
		i->tcpi_received_ce = tp->received_ce;
		i->tcpi_delivered_e1_bytes = tp->delivered_ecn_bytes[0];
		i->tcpi_delivered_e0_bytes = tp->delivered_ecn_bytes[1];
		i->tcpi_delivered_ce_bytes = tp->delivered_ecn_bytes[2];
		i->tcpi_received_e1_bytes = tp->received_ecn_bytes[0];
		i->tcpi_received_e0_bytes = tp->received_ecn_bytes[1];
		i->tcpi_received_ce_bytes = tp->received_ecn_bytes[2];
	}
}

/* A delayed acknowledgement is capped by the least retransmission time, which a route can set. */
static __always_inline __u32 ato_of(struct sock_record *r, const struct sock *sk,
				    const struct inet_connection_sock *icsk)
{
	__u32 ato = BPF_CORE_READ_BITFIELD(icsk, icsk_ack.ato), max, rto_min;
	unsigned long dst, metrics;

	if (!bpf_core_field_exists(icsk->icsk_delack_max) || !ato)
		return ato;
	dst = read_word(member_at(sk, struct sock, sk_dst_cache));
	rto_min = icsk->icsk_rto_min;
	if (dst) {
		/* The first tells which of the others are locked; RTAX_RTO_MIN is 13, in ms. */
		metrics = as_kernel(struct dst_entry, dst)->_metrics & ~3ul;
		if (read_u32(metrics) >> 13 & 1) {
			r->flags |= RECORD_HAS_ROUTE;
			rto_min = (read_u32(metrics + 12 * 4) + config.msec_per_jiffy - 1) /
				  config.msec_per_jiffy;
		}
	}
	max = (rto_min > 2 ? rto_min : 2) - 1;
	if (icsk->icsk_delack_max < max)
		max = icsk->icsk_delack_max;
	return ato < max ? ato : max;
}

static __always_inline void put_counts(struct k_tcp_info *i, const struct tcp_sock *tp)
{
	int unsent = (int)(tp->write_seq - tp->snd_nxt);
	__u32 rate = tp->rate_delivered, interval = tp->rate_interval_us;

	i->tcpi_unacked = tp->packets_out;
	i->tcpi_sacked = tp->sacked_out;
	i->tcpi_lost = tp->lost_out;
	i->tcpi_retrans = tp->retrans_out;
	i->tcpi_total_retrans = tp->total_retrans;
	i->tcpi_bytes_acked = tp->bytes_acked;
	i->tcpi_bytes_received = tp->bytes_received;
	i->tcpi_notsent_bytes = unsent > 0 ? (__u32)unsent : 0;
	i->tcpi_segs_out = tp->segs_out;
	i->tcpi_segs_in = tp->segs_in;
	i->tcpi_data_segs_in = tp->data_segs_in;
	i->tcpi_data_segs_out = tp->data_segs_out;
	i->tcpi_flags = (__u8)((BPF_CORE_READ_BITFIELD(tp, rate_app_limited) & 1) |
			       BPF_CORE_READ_BITFIELD(tp, fastopen_client_fail) << 1);
	if (rate && interval)
		i->tcpi_delivery_rate = (__u64)rate * tp->mss_cache * 1000000 / interval;
	i->tcpi_delivered = tp->delivered;
	i->tcpi_delivered_ce = tp->delivered_ce;
	i->tcpi_bytes_sent = tp->bytes_sent;
	i->tcpi_bytes_retrans = tp->bytes_retrans;
	i->tcpi_dsack_dups = tp->dsack_dups;
	i->tcpi_reord_seen = tp->reord_seen;
	i->tcpi_rcv_ooopack = tp->rcv_ooopack;
	i->tcpi_snd_wnd = tp->snd_wnd;
	i->tcpi_rcv_wnd = tp->rcv_wnd;
	i->tcpi_rehash = tp->plb_rehash + tp->timeout_rehash;
}

/* What getsockopt(TCP_INFO) tells; put_full_counts() has the rest. */
static __always_inline void put_info(struct tcp_record_info *ri, const struct sock *sk,
				     const struct tcp_sock *tp, __u8 state, __u64 jiffies)
{
	const struct inet_connection_sock *icsk = as_kernel(struct inet_connection_sock, sk);
	struct k_tcp_info *i = &ri->info;
	__u32 now = (__u32)jiffies;

	__builtin_memset(i, 0, sizeof(*i));
	i->tcpi_state = state;
	i->tcpi_pacing_rate = sk->sk_pacing_rate;
	i->tcpi_max_pacing_rate = sk->sk_max_pacing_rate;
	i->tcpi_reordering = tp->reordering;
	i->tcpi_snd_cwnd = tp->snd_cwnd;
	if (state == K_TCP_LISTEN) {
		i->tcpi_unacked = sk->sk_ack_backlog;
		i->tcpi_sacked = sk->sk_max_ack_backlog;
		return;
	}
	i->tcpi_ca_state = (__u8)BPF_CORE_READ_BITFIELD(icsk, icsk_ca_state);
	i->tcpi_retransmits = icsk->icsk_retransmits;
	i->tcpi_probes = icsk->icsk_probes_out;
	i->tcpi_backoff = icsk->icsk_backoff;
	i->tcpi_rto = icsk->icsk_rto * config.usec_per_jiffy;
	i->tcpi_ato = ato_of(&ri->m.r, sk, icsk) * config.usec_per_jiffy;
	i->tcpi_snd_mss = tp->mss_cache;
	i->tcpi_rcv_mss = icsk->icsk_ack.rcv_mss;
	i->tcpi_last_data_sent = (now - tp->lsndtime) * config.msec_per_jiffy;
	i->tcpi_last_data_recv = (now - icsk->icsk_ack.lrcvtime) * config.msec_per_jiffy;
	i->tcpi_last_ack_recv = (now - tp->rcv_tstamp) * config.msec_per_jiffy;
	i->tcpi_pmtu = icsk->icsk_pmtu_cookie;
	i->tcpi_rcv_ssthresh = tp->rcv_ssthresh;
	i->tcpi_rtt = tp->srtt_us >> 3;
	i->tcpi_rttvar = tp->mdev_us >> 2;
	i->tcpi_snd_ssthresh = tp->snd_ssthresh;
	i->tcpi_advmss = tp->advmss;
	i->tcpi_rcv_rtt = tp->rcv_rtt_est.rtt_us >> 3;
	i->tcpi_rcv_space = tp->rcvq_space.space;
	i->tcpi_min_rtt = tp->rtt_min.s[0].v;
}

static __always_inline void put_bbr(struct tcp_record_info *ri, const struct tcp_sock *tp)
{
	const struct bbr *b = as_kernel(struct bbr, member_at(tp, struct inet_connection_sock, icsk_ca_priv));
	__u64 bw = BPF_CORE_READ_BITFIELD(b, lt_use_bw) ? b->lt_bw : b->bw.s[0].v;

	bw = bw * tp->mss_cache * 1000000 >> 24;
	ri->bbr.bbr_bw_lo = (__u32)bw;
	ri->bbr.bbr_bw_hi = (__u32)(bw >> 32);
	ri->bbr.bbr_min_rtt = b->min_rtt_us;
	ri->bbr.bbr_pacing_gain = (__u32)BPF_CORE_READ_BITFIELD(b, pacing_gain);
	ri->bbr.bbr_cwnd_gain = (__u32)BPF_CORE_READ_BITFIELD(b, cwnd_gain);
	ri->m.r.flags |= RECORD_HAS_BBR;
}

/* The congestion control: its name, and its own numbers where it is known. */
static __always_inline void put_cong(struct tcp_record_info *ri, const struct tcp_sock *tp, __u8 state)
{
	unsigned long ops = read_word(member_at(as_kernel(struct inet_connection_sock, tp),
						struct inet_connection_sock, icsk_ca_ops));
	__u64 *name = (__u64 *)ri->cong;

	name[0] = read_word(member_at(ops, struct tcp_congestion_ops, name));
	name[1] = read_word(member_at(ops, struct tcp_congestion_ops, name) + 8);
	if (!config.want_cc || state >= K_TCP_TIME_WAIT ||
	    !read_word(member_at(ops, struct tcp_congestion_ops, get_info)))
		return;
	if (bpf_core_type_exists(struct bbr) && *(__u32 *)ri->cong == 0x00726262) /* "bbr" */
		put_bbr(ri, tp);
	else
		ri->m.r.flags |= RECORD_HAS_CC;
}

PART put_full_state(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	const struct sock *sk = as_kernel(struct sock, p);
	const struct tcp_sock *tp = as_kernel(struct tcp_sock, p);
	struct sock_record *r = record_at(n);

	if (!r)
		return 1;
	put_queues(r, sk, tp, state);
	if (config.want_timer && !(r->flags & RECORD_IS_BOUND))
		put_timer(r, sk, as_kernel(struct inet_connection_sock, p), jiffies);
	if (config.want_mem)
		put_mem(&((struct sock_record_mem *)r)->mem, sk);
	return 0;
}

PART put_full_info(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	struct sock_record *r = record_at(n);

	if (config.only_counts && r)
		__builtin_memset(&((struct tcp_record_info *)r)->info, 0, sizeof(struct k_tcp_info));
	else if (config.want_info && r)
		put_info((struct tcp_record_info *)r, as_kernel(struct sock, p),
			 as_kernel(struct tcp_sock, p), state, jiffies);
	return 0;
}

PART put_full_counts(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	const struct tcp_sock *tp = as_kernel(struct tcp_sock, p);
	struct sock_record *r = record_at(n);
	struct k_tcp_info *i;

	if (!config.want_info || !r || state == K_TCP_LISTEN)
		return 0;
	i = &((struct tcp_record_info *)r)->info;
	if (config.only_counts) {
		put_counts(i, tp);
		return 0;
	}
	put_options(i, tp);
	put_chrono(i, tp, (__u32)jiffies);
	put_counts(i, tp);
	put_newer(i, tp);
	return 0;
}

PART put_full_cong(unsigned long p, __u32 n, __u8 state)
{
	const struct tcp_sock *tp = as_kernel(struct tcp_sock, p);
	struct sock_record *r = record_at(n);

	if (!config.want_info || !r)
		return 0;
	put_cong((struct tcp_record_info *)r, tp, state);
	if (as_kernel(struct inet_connection_sock, p)->icsk_ulp_ops)
		r->flags |= RECORD_HAS_ULP;
	if (bpf_core_field_exists(tp->md5sig_info) && tp->md5sig_info)
		r->flags |= RECORD_HAS_MD5;
	return 0;
}

/* A record of @p, number @n, which is no stand-in of a socket. */
static __always_inline void put_full(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	put_full_common(p, n, state);
	put_full_state(p, n, state, jiffies);
	if (config.want_info) {
		put_full_info(p, n, state, jiffies);
		put_full_counts(p, n, state, jiffies);
		if (!config.only_counts)
			put_full_cong(p, n, state);
	}
}

PART put_mini(unsigned long p, __u32 n, __u8 state, __u64 jiffies)
{
	const struct sock_common *skc = as_kernel(struct sock_common, p);
	struct sock_record *r = record_at(n);

	if (!r)
		return 1;
	if (state == K_TCP_TIME_WAIT) {
		put_common(r, skc, as_kernel(struct inet_timewait_sock, skc)->tw_substate);
		put_time_wait(r, skc, jiffies);
	} else {
		put_common(r, skc, K_TCP_SYN_RECV);
		put_request(r, skc, jiffies);
	}
	return 0;
}
