/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the kernel puts on the wire, in our own declarations: the layouts and
 * numbers that the build host's headers may not have yet, or hide behind names
 * that clash with the C library's. Members carry the kernel's names.
 *
 * A kernel may send less than a structure here (it is older) or more (it is
 * newer): readers test the length per member.
 */

#include <stdint.h>

/* Attributes 0..8 of SK_MEMINFO (include/uapi/linux/sock_diag.h), in order; grows at the end. */
struct sk_meminfo {
	uint32_t rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops;
};

/* INET_DIAG_INFO of TCP: 280 bytes in Linux 6.18 to 7.3. */
struct k_tcp_info {
	uint8_t tcpi_state;
	uint8_t tcpi_ca_state;
	uint8_t tcpi_retransmits;
	uint8_t tcpi_probes;
	uint8_t tcpi_backoff;
	uint8_t tcpi_options;
	uint8_t tcpi_wscale; /* bits 0-3 ours, 4-7 the peer's */
	uint8_t tcpi_flags;  /* bit 0 delivery rate is application limited, bits 1-2 fast open failure */
	uint32_t tcpi_rto;
	uint32_t tcpi_ato;
	uint32_t tcpi_snd_mss;
	uint32_t tcpi_rcv_mss;
	uint32_t tcpi_unacked;
	uint32_t tcpi_sacked;
	uint32_t tcpi_lost;
	uint32_t tcpi_retrans;
	uint32_t tcpi_fackets;
	uint32_t tcpi_last_data_sent;
	uint32_t tcpi_last_ack_sent;
	uint32_t tcpi_last_data_recv;
	uint32_t tcpi_last_ack_recv;
	uint32_t tcpi_pmtu;
	uint32_t tcpi_rcv_ssthresh;
	uint32_t tcpi_rtt;
	uint32_t tcpi_rttvar;
	uint32_t tcpi_snd_ssthresh;
	uint32_t tcpi_snd_cwnd;
	uint32_t tcpi_advmss;
	uint32_t tcpi_reordering;
	uint32_t tcpi_rcv_rtt;
	uint32_t tcpi_rcv_space;
	uint32_t tcpi_total_retrans;
	uint64_t tcpi_pacing_rate;
	uint64_t tcpi_max_pacing_rate;
	uint64_t tcpi_bytes_acked;
	uint64_t tcpi_bytes_received;
	uint32_t tcpi_segs_out;
	uint32_t tcpi_segs_in;
	uint32_t tcpi_notsent_bytes;
	uint32_t tcpi_min_rtt;
	uint32_t tcpi_data_segs_in;
	uint32_t tcpi_data_segs_out;
	uint64_t tcpi_delivery_rate;
	uint64_t tcpi_busy_time;
	uint64_t tcpi_rwnd_limited;
	uint64_t tcpi_sndbuf_limited;
	uint32_t tcpi_delivered;
	uint32_t tcpi_delivered_ce;
	uint64_t tcpi_bytes_sent;
	uint64_t tcpi_bytes_retrans;
	uint32_t tcpi_dsack_dups;
	uint32_t tcpi_reord_seen;
	uint32_t tcpi_rcv_ooopack;
	uint32_t tcpi_snd_wnd;
	uint32_t tcpi_rcv_wnd;
	uint32_t tcpi_rehash;
	uint16_t tcpi_total_rto;
	uint16_t tcpi_total_rto_recoveries;
	uint32_t tcpi_total_rto_time;
	uint32_t tcpi_received_ce;
	uint32_t tcpi_delivered_e1_bytes;
	uint32_t tcpi_delivered_e0_bytes;
	uint32_t tcpi_delivered_ce_bytes;
	uint32_t tcpi_received_e1_bytes;
	uint32_t tcpi_received_e0_bytes;
	uint32_t tcpi_received_ce_bytes;
	uint32_t tcpi_accecn; /* since 7.0 a k_tcp_accecn, before a k_tcp_accecn_6_18: the length does not
				 tell */
};
_Static_assert(sizeof(struct k_tcp_info) == 280, "Linux 6.18");

struct k_tcp_accecn {
	uint8_t ecn; /* bits 0-1 the mode, 2-3 the option seen, 4-7 why it failed */
	uint8_t options2[3];
};

struct k_tcp_accecn_6_18 {
	uint16_t fail_mode;
	uint16_t opt_seen;
};

/* tcpi_options */
enum {
	K_TCPI_OPT_TIMESTAMPS = 1,
	K_TCPI_OPT_SACK = 2,
	K_TCPI_OPT_WSCALE = 4,
	K_TCPI_OPT_ECN = 8,
	K_TCPI_OPT_ECN_SEEN = 16,
	K_TCPI_OPT_SYN_DATA = 32,
	K_TCPI_OPT_USEC_TS = 64,    /* 6.7 */
	K_TCPI_OPT_TFO_CHILD = 128, /* 6.18 */
};

/* INET_DIAG_INFO of MPTCP: 96 bytes in Linux 7.2. */
struct k_mptcp_info {
	uint8_t mptcpi_subflows;
	uint8_t mptcpi_add_addr_signal;
	uint8_t mptcpi_add_addr_accepted;
	uint8_t mptcpi_subflows_max;
	uint8_t mptcpi_add_addr_signal_max;
	uint8_t mptcpi_add_addr_accepted_max;
	uint8_t pad0[2];
	uint32_t mptcpi_flags;
	uint32_t mptcpi_token;
	uint64_t mptcpi_write_seq;
	uint64_t mptcpi_snd_una;
	uint64_t mptcpi_rcv_nxt;
	uint8_t mptcpi_local_addr_used;
	uint8_t mptcpi_local_addr_max;
	uint8_t mptcpi_csum_enabled;
	uint8_t pad1;
	uint32_t mptcpi_retransmits;
	uint64_t mptcpi_bytes_retrans;
	uint64_t mptcpi_bytes_sent;
	uint64_t mptcpi_bytes_received;
	uint64_t mptcpi_bytes_acked;
	uint8_t mptcpi_subflows_total;
	uint8_t mptcpi_endp_laminar_max;
	uint8_t mptcpi_endp_fullmesh_max;
	uint8_t pad2;
	uint32_t mptcpi_last_data_sent;
	uint32_t mptcpi_last_data_recv;
	uint32_t mptcpi_last_ack_recv;
};
_Static_assert(sizeof(struct k_mptcp_info) == 96, "Linux 7.2");

/* INET_DIAG_INFO of SCTP: 368 bytes. Addresses are struct sockaddr_storage, 128 bytes each. */
struct k_sctp_info {
	uint32_t sctpi_tag;
	uint32_t sctpi_state;
	uint32_t sctpi_rwnd;
	uint16_t sctpi_unackdata;
	uint16_t sctpi_penddata;
	uint16_t sctpi_instrms;
	uint16_t sctpi_outstrms;
	uint32_t sctpi_fragmentation_point;
	uint32_t sctpi_inqueue;
	uint32_t sctpi_outqueue;
	uint32_t sctpi_overall_error;
	uint32_t sctpi_max_burst;
	uint32_t sctpi_maxseg;
	uint32_t sctpi_peer_rwnd;
	uint32_t sctpi_peer_tag;
	uint8_t sctpi_peer_capable;
	uint8_t sctpi_peer_sack;
	uint16_t pad0;
	uint64_t sctpi_isacks;
	uint64_t sctpi_osacks;
	uint64_t sctpi_opackets;
	uint64_t sctpi_ipackets;
	uint64_t sctpi_rtxchunks;
	uint64_t sctpi_outofseqtsns;
	uint64_t sctpi_idupchunks;
	uint64_t sctpi_gapcnt;
	uint64_t sctpi_ouodchunks;
	uint64_t sctpi_iuodchunks;
	uint64_t sctpi_oodchunks;
	uint64_t sctpi_iodchunks;
	uint64_t sctpi_octrlchunks;
	uint64_t sctpi_ictrlchunks;
	uint8_t sctpi_p_address[128];
	int32_t sctpi_p_state;
	uint32_t sctpi_p_cwnd;
	uint32_t sctpi_p_srtt;
	uint32_t sctpi_p_rto;
	uint32_t sctpi_p_hbinterval;
	uint32_t sctpi_p_pathmaxrxt;
	uint32_t sctpi_p_sackdelay;
	uint32_t sctpi_p_sackfreq;
	uint32_t sctpi_p_ssthresh;
	uint32_t sctpi_p_partial_bytes_acked;
	uint32_t sctpi_p_flight_size;
	uint16_t sctpi_p_error;
	uint16_t pad1;
	uint32_t sctpi_s_autoclose;
	uint32_t sctpi_s_adaptation_ind;
	uint32_t sctpi_s_pd_point;
	uint8_t sctpi_s_nodelay;
	uint8_t sctpi_s_disable_fragments;
	uint8_t sctpi_s_v4mapped;
	uint8_t sctpi_s_frag_interleave;
	uint32_t sctpi_s_type;
};
_Static_assert(sizeof(struct k_sctp_info) == 368, "Linux 4.7");

/* Congestion control: INET_DIAG_VEGASINFO, _DCTCPINFO, _BBRINFO. */
struct k_tcpvegas_info {
	uint32_t tcpv_enabled, tcpv_rttcnt, tcpv_rtt, tcpv_minrtt;
};

struct k_tcp_dctcp_info {
	uint16_t dctcp_enabled, dctcp_ce_state;
	uint32_t dctcp_alpha, dctcp_ab_ecn, dctcp_ab_tot;
};

struct k_tcp_bbr_info {
	uint32_t bbr_bw_lo, bbr_bw_hi, bbr_min_rtt, bbr_pacing_gain, bbr_cwnd_gain;
};

/* One entry of INET_DIAG_MD5SIG. */
struct k_tcp_diag_md5sig {
	uint8_t tcpm_family;
	uint8_t tcpm_prefixlen;
	uint16_t tcpm_keylen;
	uint8_t tcpm_addr[16];
	uint8_t tcpm_key[80];
};
_Static_assert(sizeof(struct k_tcp_diag_md5sig) == 100, "Linux 4.14");

/* sock_diag states beyond those of <netinet/tcp.h>; they are bits of idiag_states too. */
enum {
	K_TCP_ESTABLISHED = 1,
	K_TCP_SYN_SENT,
	K_TCP_SYN_RECV,
	K_TCP_FIN_WAIT1,
	K_TCP_FIN_WAIT2,
	K_TCP_TIME_WAIT,
	K_TCP_CLOSE,
	K_TCP_CLOSE_WAIT,
	K_TCP_LAST_ACK,
	K_TCP_LISTEN,
	K_TCP_CLOSING,
	K_TCP_NEW_SYN_RECV,
	K_TCP_BOUND_INACTIVE, /* 6.8; only in requests, such sockets are reported as CLOSE */
};

/* Request attributes of inet_diag, after struct inet_diag_req_v2. */
enum {
	K_INET_DIAG_REQ_BYTECODE = 1,
	K_INET_DIAG_REQ_SK_BPF_STORAGES = 2,
	K_INET_DIAG_REQ_PROTOCOL = 3,
};

/* Reply attributes of inet_diag (INET_DIAG_*). */
enum {
	K_INET_DIAG_MEMINFO = 1,
	K_INET_DIAG_INFO,
	K_INET_DIAG_VEGASINFO,
	K_INET_DIAG_CONG,
	K_INET_DIAG_TOS,
	K_INET_DIAG_TCLASS,
	K_INET_DIAG_SKMEMINFO,
	K_INET_DIAG_SHUTDOWN,
	K_INET_DIAG_DCTCPINFO,
	K_INET_DIAG_PROTOCOL,
	K_INET_DIAG_SKV6ONLY,
	K_INET_DIAG_LOCALS,
	K_INET_DIAG_PEERS,
	K_INET_DIAG_PAD,
	K_INET_DIAG_MARK,
	K_INET_DIAG_BBRINFO,
	K_INET_DIAG_CLASS_ID,
	K_INET_DIAG_MD5SIG,
	K_INET_DIAG_ULP_INFO,
	K_INET_DIAG_SK_BPF_STORAGES,
	K_INET_DIAG_CGROUP_ID,
	K_INET_DIAG_SOCKOPT,

	/* Ours, for what only /proc, the question or BPF tells; well above what any kernel sends. */
	K_INET_DIAG_X_PROC = 64,
	K_INET_DIAG_X_PROC_REST,  /* text of the columns after the known ones */
	K_INET_DIAG_X_MPTCP_INFO, /* INET_DIAG_INFO when the protocol is MPTCP */
	K_INET_DIAG_X_SCTP_INFO,  /* and when it is SCTP */
	K_INET_DIAG_X_PROC_DROPS, /* u32: the last column of udp and raw */
	K_INET_DIAG_X_ACCECN,     /* the last member of tcp_info, when the kernel's version is known */
	K_INET_DIAG_X_ACCECN_6_18,
	K_INET_DIAG_X_NETNS, /* u32: inode number of the network namespace */
};

/*
 * What /proc/net/tcp has and sock_diag has not, as the file gives it: payload of K_INET_DIAG_X_PROC. Only as
 * long as the line had the columns; those after sk are in tcp and tcp6 alone, and not on each line.
 */
struct k_inet_proc {
	uint64_t sk;             /* the hashed kernel pointer */
	uint64_t rto_us, ato_us; /* clock ticks there: in microseconds they may exceed 32 bits */
	uint32_t qack, cwnd;
	int32_t ssthresh;
};

/* unix_diag and netlink_diag: what to show, beyond the build host's headers. */
enum { K_UDIAG_SHOW_UID = 0x40, K_NDIAG_SHOW_FLAGS = 8 };
enum { K_UNIX_DIAG_UID = 7, K_NETLINK_DIAG_FLAGS = 4 };

/* What /proc/net/netlink has and netlink_diag has not; attribute K_NETLINK_DIAG_X_PROC, ours. */
enum { K_NETLINK_DIAG_X_PROC = 64 };
struct k_netlink_proc {
	uint64_t sk, cb;
	uint32_t rmem, wmem, drops;
};

enum {
	K_IPPROTO_MPTCP = 262,
	K_IPPROTO_SMC = 256,
	K_AF_SMC = 43,
	K_AF_XDP = 44,
	K_AF_VSOCK = 40,
	K_AF_TIPC = 30
};

/* vsock_diag: the message has no attributes. All ones are "any" in a context id and a port. */
struct k_vsock_diag_req {
	uint8_t sdiag_family;
	uint8_t sdiag_protocol;
	uint16_t pad;
	uint32_t vdiag_states;
	uint32_t vdiag_ino;
	uint32_t vdiag_show;
	uint32_t vdiag_cookie[2];
};

struct k_vsock_diag_msg {
	uint8_t vdiag_family;
	uint8_t vdiag_type;
	uint8_t vdiag_state;
	uint8_t vdiag_shutdown;
	uint32_t vdiag_src_cid;
	uint32_t vdiag_src_port;
	uint32_t vdiag_dst_cid;
	uint32_t vdiag_dst_port;
	uint32_t vdiag_ino;
	uint32_t vdiag_cookie[2];
};
_Static_assert(sizeof(struct k_vsock_diag_msg) == 32, "Linux 4.16");

/* TIPC: the message has no fixed part, all is in one nest, K_TIPC_NLA_SOCK. */
struct k_tipc_sock_diag_req {
	uint8_t sdiag_family;
	uint8_t sdiag_protocol;
	uint16_t pad;
	uint32_t tidiag_states;
};

enum { K_TIPC_NLA_SOCK = 2 };
enum {
	K_TIPC_NLA_SOCK_ADDR = 1,
	K_TIPC_NLA_SOCK_REF,
	K_TIPC_NLA_SOCK_CON,
	K_TIPC_NLA_SOCK_HAS_PUBL,
	K_TIPC_NLA_SOCK_STAT,
	K_TIPC_NLA_SOCK_TYPE,
	K_TIPC_NLA_SOCK_INO,
	K_TIPC_NLA_SOCK_UID,
	K_TIPC_NLA_SOCK_TIPC_STATE,
	K_TIPC_NLA_SOCK_COOKIE,
	K_TIPC_NLA_SOCK_PAD,
	K_TIPC_NLA_SOCK_GROUP,
};
enum {
	K_TIPC_NLA_CON_FLAG = 1,
	K_TIPC_NLA_CON_NODE,
	K_TIPC_NLA_CON_SOCK,
	K_TIPC_NLA_CON_TYPE,
	K_TIPC_NLA_CON_INST,
};
enum { /* these two begin with 0 */
       K_TIPC_NLA_SOCK_STAT_RCVQ,
       K_TIPC_NLA_SOCK_STAT_SENDQ,
       K_TIPC_NLA_SOCK_STAT_LINK_CONG,
       K_TIPC_NLA_SOCK_STAT_CONN_CONG,
       K_TIPC_NLA_SOCK_STAT_DROP,
};
enum {
	K_TIPC_NLA_SOCK_GROUP_ID,
	K_TIPC_NLA_SOCK_GROUP_OPEN,
	K_TIPC_NLA_SOCK_GROUP_NODE_SCOPE,
	K_TIPC_NLA_SOCK_GROUP_CLUSTER_SCOPE,
	K_TIPC_NLA_SOCK_GROUP_INSTANCE,
	K_TIPC_NLA_SOCK_GROUP_BC_SEND_NEXT,
};

/* xdp_diag. */
struct k_xdp_diag_req {
	uint8_t sdiag_family;
	uint8_t sdiag_protocol;
	uint16_t pad;
	uint32_t xdiag_ino;
	uint32_t xdiag_show;
	uint32_t xdiag_cookie[2];
};

struct k_xdp_diag_msg {
	uint8_t xdiag_family;
	uint8_t xdiag_type;
	uint16_t pad;
	uint32_t xdiag_ino;
	uint32_t xdiag_cookie[2];
};

enum {
	K_XDP_SHOW_INFO = 1,
	K_XDP_SHOW_RING_CFG = 2,
	K_XDP_SHOW_UMEM = 4,
	K_XDP_SHOW_MEMINFO = 8,
	K_XDP_SHOW_STATS = 16, /* 5.9 */
};
enum {
	K_XDP_DIAG_INFO = 1,
	K_XDP_DIAG_UID,
	K_XDP_DIAG_RX_RING,
	K_XDP_DIAG_TX_RING,
	K_XDP_DIAG_UMEM,
	K_XDP_DIAG_UMEM_FILL_RING,
	K_XDP_DIAG_UMEM_COMPLETION_RING,
	K_XDP_DIAG_MEMINFO,
	K_XDP_DIAG_STATS,
};

struct k_xdp_diag_info {
	uint32_t ifindex, queue_id;
};

struct k_xdp_diag_umem {
	uint64_t size;
	uint32_t id, num_pages, chunk_size, headroom, ifindex, queue_id;
	uint32_t flags; /* 1 zero copy */
	uint32_t refs;
};
_Static_assert(sizeof(struct k_xdp_diag_umem) == 40, "Linux 5.1");

struct k_xdp_diag_stats {
	uint64_t n_rx_dropped, n_rx_invalid, n_rx_full, n_fill_ring_empty, n_tx_invalid, n_tx_ring_empty;
};

/* inet_diag's and smc_diag's name of a connection; ports and addresses in network order. */
struct k_inet_diag_sockid {
	uint16_t idiag_sport, idiag_dport;
	uint32_t idiag_src[4], idiag_dst[4];
	uint32_t idiag_if;
	uint32_t idiag_cookie[2];
};
_Static_assert(sizeof(struct k_inet_diag_sockid) == 48, "Linux 3.3");

/* smc_diag. */
struct k_smc_diag_req {
	uint8_t diag_family;
	uint8_t pad[2];
	uint8_t diag_ext; /* bits 1 << (K_SMC_DIAG_* - 1) */
	struct k_inet_diag_sockid id;
};

struct k_smc_diag_msg {
	uint8_t diag_family; /* AF_SMC, for IPv4 and IPv6 alike */
	uint8_t diag_state;  /* K_SMC_* */
	uint8_t diag_mode;   /* 0 SMC-R, 1 fallback to TCP, 2 SMC-D */
	uint8_t diag_shutdown;
	struct k_inet_diag_sockid id;
	uint32_t diag_uid;
	uint64_t diag_inode;
};
_Static_assert(sizeof(struct k_smc_diag_msg) == 64, "Linux 4.12");

enum {
	K_SMC_DIAG_CONNINFO = 1,
	K_SMC_DIAG_LGRINFO,
	K_SMC_DIAG_SHUTDOWN,
	K_SMC_DIAG_DMBINFO,
	K_SMC_DIAG_FALLBACK,
};

enum {
	K_SMC_ACTIVE = 1,
	K_SMC_INIT = 2,
	K_SMC_CLOSED = 7,
	K_SMC_LISTEN = 10,
	K_SMC_PEERCLOSEWAIT1 = 20,
	K_SMC_PEERCLOSEWAIT2,
	K_SMC_APPCLOSEWAIT1,
	K_SMC_APPCLOSEWAIT2,
	K_SMC_APPFINCLOSEWAIT,
	K_SMC_PEERFINCLOSEWAIT,
	K_SMC_PEERABORTWAIT,
	K_SMC_PROCESSABORT,
};

struct k_smc_diag_cursor {
	uint16_t reserved, wrap;
	uint32_t count;
};

struct k_smc_diag_conninfo {
	uint32_t token, sndbuf_size, rmbe_size, peer_rmbe_size;
	struct k_smc_diag_cursor rx_prod, rx_cons, tx_prod, tx_cons;
	uint8_t rx_prod_flags, rx_conn_state_flags, tx_prod_flags, tx_conn_state_flags;
	struct k_smc_diag_cursor tx_prep, tx_sent, tx_fin;
};
_Static_assert(sizeof(struct k_smc_diag_conninfo) == 76, "Linux 4.12");

struct k_smc_diag_lgrinfo {
	uint8_t link_id;
	char ibname[64];
	uint8_t ibport;
	char gid[40], peer_gid[40];
	uint8_t role; /* 0 client, 1 server */
};
_Static_assert(sizeof(struct k_smc_diag_lgrinfo) == 147, "Linux 4.12");

struct k_smc_diag_dmbinfo {
	uint32_t linkid;
	uint32_t pad;
	uint64_t peer_gid, my_gid, token, peer_token;
	uint64_t peer_gid_ext, my_gid_ext; /* 6.8 */
};

struct k_smc_diag_fallback {
	uint32_t reason, peer_diagnosis;
};

/* Socket options. */
enum {
	K_SO_MEMINFO = 55,
	K_SO_NETNS_COOKIE = 71, /* 5.14 */
	K_SO_BUF_LOCK = 72,     /* 5.14 */
	K_SOCK_SNDBUF_LOCK = 1,
	K_SOCK_RCVBUF_LOCK = 2,
	K_TCP_INFO = 11,
	K_TCP_NOTSENT_LOWAT = 25,
};

struct k_sockaddr_nl {
	uint16_t nl_family, nl_pad;
	uint32_t nl_pid, nl_groups;
};

/* Of a socket: a descriptor of its network namespace. */
enum { K_SIOCGSKNS = 0x894c };

/* What listns(2) is asked: Linux 6.19. */
enum { K_SYS_LISTNS = 470 };

struct k_ns_id_req {
	uint32_t size, spare;
	uint64_t ns_id;   /* those behind it are told */
	uint32_t ns_type; /* CLONE_NEW* */
	uint32_t spare2;
	uint64_t user_ns_id; /* 0: of whichever user namespace */
};
_Static_assert(sizeof(struct k_ns_id_req) == 32, "Linux 6.19");

/* What leads to a namespace for open_by_handle_at(2): Linux 6.18, and from 7.0 on the id alone. */
enum { K_FD_NSFS_ROOT = -10003, K_FILEID_NSFS = 0xf1 };

struct k_nsfs_handle {
	uint32_t handle_bytes; /* of what follows .handle_type */
	int32_t handle_type;
	uint64_t ns_id;
	uint32_t ns_type, ns_inum;
};
_Static_assert(sizeof(struct k_nsfs_handle) == 24, "Linux 6.18");
