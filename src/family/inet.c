/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* TCP, UDP, raw, DCCP, SCTP and MPTCP over IPv4 and IPv6: inet_diag. */

#include <linux/netlink.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "family/family.h"
#include "model/field.h"
#include "nl/emit.h"

static const struct attr tls_attrs[] = {
	[1] = { .seg = SEG_TLS_VERSION + 1 },  [2] = { .seg = SEG_TLS_CIPHER + 1 },
	[3] = { .seg = SEG_TLS_TXCONF + 1 },   [4] = { .seg = SEG_TLS_RXCONF + 1 },
	[5] = { .seg = SEG_TLS_ZC_RO_TX + 1 }, [6] = { .seg = SEG_TLS_NO_PAD + 1 },
	[7] = { .seg = SEG_TLS_TX_MAX + 1 },
};

static const struct attr subflow_attrs[] = {
	[1] = { .seg = SEG_SF_TOKEN_REM + 1 },    [2] = { .seg = SEG_SF_TOKEN_LOC + 1 },
	[3] = { .seg = SEG_SF_RELWRITE_SEQ + 1 }, [4] = { .seg = SEG_SF_MAP_SEQ + 1 },
	[5] = { .seg = SEG_SF_MAP_SFSEQ + 1 },    [6] = { .seg = SEG_SF_SSN_OFFSET + 1 },
	[7] = { .seg = SEG_SF_MAP_DATALEN + 1 },  [8] = { .seg = SEG_SF_FLAGS + 1 },
	[9] = { .seg = SEG_SF_ID_REM + 1 },       [10] = { .seg = SEG_SF_ID_LOC + 1 },
};

static const struct attr ulp_attrs[] = {
	[1] = { .seg = SEG_ULP_NAME + 1 },
	[2] = { .nest = tls_attrs, .n_nest = ARRAY_SIZE(tls_attrs) },
	[3] = { .nest = subflow_attrs, .n_nest = ARRAY_SIZE(subflow_attrs) },
};

enum { /* which tables have what only some have */
       TCP_ONLY = 1u << TABLE_TCP,
       LIKE_TCP = 1u << TABLE_TCP | 1u << TABLE_DCCP, /* have a tcp_info */
       CONGESTED = LIKE_TCP | 1u << TABLE_MPTCP,
       MPTCP_ONLY = 1u << TABLE_MPTCP,
       SCTP_ONLY = 1u << TABLE_SCTP,
};

static const struct attr attrs[] = {
	[K_INET_DIAG_MEMINFO] = { .seg = SEG_MEMINFO + 1 },
	[K_INET_DIAG_INFO] = { .seg = SEG_TCP_INFO + 1, .tables = LIKE_TCP },
	[K_INET_DIAG_VEGASINFO] = { .seg = SEG_VEGAS + 1, .tables = CONGESTED },
	[K_INET_DIAG_CONG] = { .seg = SEG_CONG + 1, .tables = CONGESTED },
	[K_INET_DIAG_TOS] = { .seg = SEG_TOS + 1 },
	[K_INET_DIAG_TCLASS] = { .seg = SEG_TCLASS + 1 },
	[K_INET_DIAG_SKMEMINFO] = { .seg = SEG_SKMEM + 1 },
	[K_INET_DIAG_SHUTDOWN] = { .seg = SEG_SHUTDOWN + 1 },
	[K_INET_DIAG_DCTCPINFO] = { .seg = SEG_DCTCP + 1, .tables = CONGESTED },
	[K_INET_DIAG_PROTOCOL] = { .seg = SEG_PROTOCOL + 1 },
	[K_INET_DIAG_SKV6ONLY] = { .seg = SEG_V6ONLY + 1 },
	[K_INET_DIAG_LOCALS] = { .seg = SEG_LOCALS + 1, .tables = SCTP_ONLY },
	[K_INET_DIAG_PEERS] = { .seg = SEG_PEERS + 1, .tables = SCTP_ONLY },
	[K_INET_DIAG_PAD] = { .is_padding = true },
	[K_INET_DIAG_MARK] = { .seg = SEG_MARK + 1 },
	[K_INET_DIAG_BBRINFO] = { .seg = SEG_BBR + 1, .tables = CONGESTED },
	[K_INET_DIAG_CLASS_ID] = { .seg = SEG_CLASS_ID + 1 },
	[K_INET_DIAG_MD5SIG] = { .seg = SEG_MD5SIG + 1, .tables = TCP_ONLY },
	[K_INET_DIAG_ULP_INFO] = { .nest = ulp_attrs, .n_nest = ARRAY_SIZE(ulp_attrs), .tables = TCP_ONLY },
	[K_INET_DIAG_SK_BPF_STORAGES] = { .seg = SEG_STORAGES + 1, .is_unbounded = true },
	[K_INET_DIAG_CGROUP_ID] = { .seg = SEG_CGROUP_ID + 1 },
	[K_INET_DIAG_SOCKOPT] = { .seg = SEG_SOCKOPT + 1 },
	[K_INET_DIAG_X_PROC] = { .seg = SEG_INET_PROC + 1 },
	[K_INET_DIAG_X_PROC_REST] = { .seg = SEG_PROC_REST + 1 },
	[K_INET_DIAG_X_MPTCP_INFO] = { .seg = SEG_MPTCP_INFO + 1, .tables = MPTCP_ONLY },
	[K_INET_DIAG_X_SCTP_INFO] = { .seg = SEG_SCTP_INFO + 1, .tables = SCTP_ONLY },
	[K_INET_DIAG_X_PROC_DROPS] = { .seg = SEG_PROC_DROPS + 1 },
	[K_INET_DIAG_X_ACCECN] = { .seg = SEG_ACCECN + 1, .tables = TCP_ONLY },
	[K_INET_DIAG_X_ACCECN_6_18] = { .seg = SEG_ACCECN_6_18 + 1, .tables = TCP_ONLY },
	[K_INET_DIAG_X_NETNS] = { .seg = SEG_NETNS_ID + 1 },
};

/* Appends an attribute at @len; returns the new length, 0 when it does not fit. */
static size_t put_attr(uint8_t *buf, size_t cap, size_t len, uint16_t type, struct sv payload)
{
	if (!len || payload.len > UINT16_MAX - NLA_HDRLEN || NLA_HDRLEN + NLA_ALIGN(payload.len) > cap - len)
		return 0;
	return (size_t)(emit_attr((char *)buf + len, type, payload.p, payload.len) - (char *)buf);
}

static size_t put_storages(const struct dump *d, uint8_t *buf, size_t cap, size_t len)
{
	char nest[64 * (NLA_HDRLEN + sizeof(uint32_t))], *p = nest;

	for (size_t i = 0; i < d->n_map_fds && i < 64; i++)
		p = emit_attr(p, 1, &d->map_fds[i], sizeof(uint32_t));
	return put_attr(buf, cap, len, K_INET_DIAG_REQ_SK_BPF_STORAGES | NLA_F_NESTED,
			sv_n(nest, (size_t)(p - nest)));
}

static size_t request(const struct dump *d, void *buf, size_t cap)
{
	uint32_t protocol = d->origin.protocol;
	struct inet_diag_req_v2 req = {
		.sdiag_family = d->af,
		/* The number that does not fit goes into an attribute; a kernel that does not know it sees
		   TCP. */
		.sdiag_protocol = (uint8_t)(protocol > 255 ? IPPROTO_TCP : protocol),
		.idiag_ext = ASK_INET_BITS(d->ask),
		.idiag_states = d->states,
	};
	size_t len = sizeof(req);

	if (cap < sizeof(req))
		return 0;
	memcpy(buf, &req, sizeof(req));
	if (d->bytecode)
		len = put_attr(buf, cap, len, K_INET_DIAG_REQ_BYTECODE, sv_n(d->bytecode, d->bytecode_len));
	if (protocol > 255)
		len = put_attr(buf, cap, len, K_INET_DIAG_REQ_PROTOCOL, sv_n(&protocol, sizeof(protocol)));
	if (d->ask & ASK_STORAGE)
		len = put_storages(d, buf, cap, len);
	return len;
}

/* The last member of tcp_info changed its meaning and not its place: which one it has, only the version
 * tells. */
static void add_accecn(struct row *row)
{
	const size_t at = offsetof(struct k_tcp_info, tcpi_accecn);
	uint16_t kernel = row_dump(row)->kernel;

	if (kernel >= 0x612 && row->len[SEG_TCP_INFO] >= sizeof(struct k_tcp_info))
		row_put(row, kernel < 0x700 ? SEG_ACCECN_6_18 : SEG_ACCECN, row->seg[SEG_TCP_INFO] + at,
			sizeof(struct k_tcp_accecn));
}

/* F_PROTOCOL, which every message is asked for. */
static uint32_t protocol_of(const struct row *row)
{
	return row_has(row, SEG_PROTOCOL) && row->len[SEG_PROTOCOL] ? *row->seg[SEG_PROTOCOL]
								    : row_dump(row)->protocol;
}

/* INET_DIAG_INFO has one number for what differs by protocol: which one, only the request tells. */
static void complete(struct row *row)
{
	if (!row_has(row, SEG_TCP_INFO))
		return;
	switch (protocol_of(row)) {
	case K_IPPROTO_MPTCP: row_rename(row, SEG_TCP_INFO, SEG_MPTCP_INFO); break;
	case IPPROTO_SCTP: row_rename(row, SEG_TCP_INFO, SEG_SCTP_INFO); break;
	case IPPROTO_TCP: add_accecn(row); break;
	default: break;
	}
}

const struct family family_inet = {
	.name = "inet",
	.msg = SEG_INET_MSG,
	.msg_len = sizeof(struct inet_diag_msg),
	.attrs = attrs,
	.n_attrs = ARRAY_SIZE(attrs),
	.request = request,
	.complete = complete,
};
