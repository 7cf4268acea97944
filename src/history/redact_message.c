/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is left of a message: the attributes that are listed here, each as it says. */

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "history/event.h"
#include "history/facts.h"
#include "history/redact_impl.h"
#include "kernel/abi.h"

enum {
	SOCKADDR = 128,  /* struct sockaddr_storage */
	VSOCK_FIXED = 2, /* context ids up to this one are those of everybody */
	MAC_ENTRY = 44,
	MAC_MAX = 32,
	NESTED_MAX = 4,
};

struct attr_rule;

/* What becomes of @p, @n bytes that may be changed; returns how many are left, 0: leave it out. */
typedef size_t attr_change(struct redact *r, uint8_t *p, size_t n);

struct attr_rule {
	bool is_kept;
	attr_change *change;
	const struct attr_rule *nest;
	size_t n_nest;
};

#define KEEP                    \
	{                       \
		.is_kept = true \
	}
#define CHANGE(f)             \
	{                     \
		.change = (f) \
	}
#define NEST(of)                                       \
	{                                              \
		.nest = (of), .n_nest = ARRAY_SIZE(of) \
	}

static void change_address(struct redact *r, uint8_t *p, unsigned int family, size_t room)
{
	size_t n = family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;

	if (family == AF_INET)
		redact_v4(r, p);
	else if (family == AF_INET6)
		redact_v6(r, p);
	memset(p + n, 0, room - n);
}

static void change_sockaddr(struct redact *r, uint8_t p[SOCKADDR])
{
	struct sockaddr_in6 v6 = {};
	struct sockaddr_in v4 = {};
	uint16_t family;

	memcpy(&family, p, sizeof(family));
	memcpy(&v4, p, sizeof(v4));
	memcpy(&v6, p, sizeof(v6));
	memset(p, 0, SOCKADDR);
	if (family == AF_INET) {
		redact_v4(r, (uint8_t *)&v4.sin_addr);
		memset(v4.sin_zero, 0, sizeof(v4.sin_zero));
		memcpy(p, &v4, sizeof(v4));
	} else if (family == AF_INET6) {
		redact_v6(r, v6.sin6_addr.s6_addr);
		memcpy(p, &v6, sizeof(v6));
	}
}

static size_t change_sockaddrs(struct redact *r, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + SOCKADDR <= n; i += SOCKADDR)
		change_sockaddr(r, p + i);
	return n - n % SOCKADDR;
}

static size_t change_sctp_info(struct redact *r, uint8_t *p, size_t n)
{
	const size_t at = offsetof(struct k_sctp_info, sctpi_p_address);

	if (n >= at + SOCKADDR)
		change_sockaddr(r, p + at);
	return n >= at + SOCKADDR ? n : n < at ? n : at;
}

/* The key is a secret, and its length is not. */
static size_t change_md5(struct redact *r, uint8_t *p, size_t n)
{
	struct k_tcp_diag_md5sig m;

	for (size_t i = 0; i + sizeof(m) <= n; i += sizeof(m)) {
		memcpy(&m, p + i, sizeof(m));
		change_address(r, m.tcpm_addr, m.tcpm_family, sizeof(m.tcpm_addr));
		redact_mask(m.tcpm_addr, sizeof(m.tcpm_addr), m.tcpm_prefixlen);
		for (size_t k = 0; k < sizeof(m.tcpm_key); k++)
			m.tcpm_key[k] = k < m.tcpm_keylen ? 'x' : 0;
		memcpy(p + i, &m, sizeof(m));
	}
	return n - n % sizeof(m);
}

/* A number other than 0 that all zeros are not. */
static void change_u64(const struct redact *r, uint8_t *p, size_t n)
{
	uint64_t v = 0, to;

	memcpy(&v, p, n);
	to = redact_number(r, REDACT_AS_NUMBER, &v, sizeof(v));
	if (n < sizeof(to))
		to &= (UINT64_C(1) << 8 * n) - 1;
	to = to ? to : 1;
	if (v)
		memcpy(p, &to, n);
}

static size_t change_number(struct redact *r, uint8_t *p, size_t n)
{
	n = n < sizeof(uint64_t) ? n : sizeof(uint64_t);
	change_u64(r, p, n);
	return n;
}

/* Multicast addresses of hardware have some of those of hosts in them. */
static size_t change_macs(struct redact *r, uint8_t *p, size_t n)
{
	const size_t at = MAC_ENTRY - MAC_MAX;

	for (size_t i = 0; i + MAC_ENTRY <= n; i += MAC_ENTRY) {
		uint8_t *mac = p + i + at, is_multicast = mac[0] & 1;
		uint64_t to = redact_number(r, REDACT_AS_MAC, mac, MAC_MAX);

		memset(mac, 0, MAC_MAX);
		memcpy(mac, &to, 6);
		mac[0] = (uint8_t)((mac[0] & 0xfc) | 2 | is_multicast);
	}
	return n - n % MAC_ENTRY;
}

/* The name in @p of at most @room bytes. */
static void change_name(struct redact *r, const char *label, char *p, size_t room)
{
	struct text t = {};

	redact_name(r, label, sv_fixed(p, room), &t);
	memset(p, 0, room);
	if (!t.failed && t.len)
		memcpy(p, t.p, t.len < room ? t.len : room - 1);
	text_done(&t);
}

static size_t change_smc_group(struct redact *r, uint8_t *p, size_t n)
{
	struct k_smc_diag_lgrinfo l;

	if (n < sizeof(l))
		return 0;
	memcpy(&l, p, sizeof(l));
	change_name(r, "ib-", l.ibname, sizeof(l.ibname));
	change_name(r, "gid-", l.gid, sizeof(l.gid));
	change_name(r, "gid-", l.peer_gid, sizeof(l.peer_gid));
	memcpy(p, &l, sizeof(l));
	return sizeof(l);
}

static size_t change_smc_dmb(struct redact *r, uint8_t *p, size_t n)
{
	static const size_t gids[] = {
		offsetof(struct k_smc_diag_dmbinfo, peer_gid),
		offsetof(struct k_smc_diag_dmbinfo, my_gid),
		offsetof(struct k_smc_diag_dmbinfo, peer_gid_ext),
		offsetof(struct k_smc_diag_dmbinfo, my_gid_ext),
	};

	n = n < sizeof(struct k_smc_diag_dmbinfo) ? n - n % sizeof(uint64_t)
						  : sizeof(struct k_smc_diag_dmbinfo);
	for (size_t i = 0; i < ARRAY_SIZE(gids); i++)
		if (gids[i] + sizeof(uint64_t) <= n)
			change_u64(r, p + gids[i], sizeof(uint64_t));
	return n;
}

static const struct attr_rule tls[] = {
	[1] = KEEP, [2] = KEEP, [3] = KEEP, [4] = KEEP, [5] = KEEP, [6] = KEEP, [7] = KEEP,
};

static const struct attr_rule subflow[] = {
	[1] = KEEP, [2] = KEEP, [3] = KEEP, [4] = KEEP, [5] = KEEP,
	[6] = KEEP, [7] = KEEP, [8] = KEEP, [9] = KEEP, [10] = KEEP,
};

static const struct attr_rule ulp[] = { [1] = KEEP, [2] = NEST(tls), [3] = NEST(subflow) };

#define INET_RULES                                                                                    \
	[K_INET_DIAG_MEMINFO] = KEEP, [K_INET_DIAG_VEGASINFO] = KEEP, [K_INET_DIAG_CONG] = KEEP,      \
	[K_INET_DIAG_TOS] = KEEP, [K_INET_DIAG_TCLASS] = KEEP, [K_INET_DIAG_SKMEMINFO] = KEEP,        \
	[K_INET_DIAG_SHUTDOWN] = KEEP, [K_INET_DIAG_DCTCPINFO] = KEEP, [K_INET_DIAG_PROTOCOL] = KEEP, \
	[K_INET_DIAG_SKV6ONLY] = KEEP, [K_INET_DIAG_LOCALS] = CHANGE(change_sockaddrs),               \
	[K_INET_DIAG_PEERS] = CHANGE(change_sockaddrs), [K_INET_DIAG_MARK] = KEEP,                    \
	[K_INET_DIAG_BBRINFO] = KEEP, [K_INET_DIAG_CLASS_ID] = KEEP,                                  \
	[K_INET_DIAG_MD5SIG] = CHANGE(change_md5), [K_INET_DIAG_ULP_INFO] = NEST(ulp),                \
	[K_INET_DIAG_CGROUP_ID] = KEEP, [K_INET_DIAG_SOCKOPT] = KEEP, [K_INET_DIAG_X_PROC] = KEEP,    \
	[K_INET_DIAG_X_PROC_DROPS] = KEEP, [K_INET_DIAG_X_NETNS] = KEEP

static const struct attr_rule inet[] = { INET_RULES, [K_INET_DIAG_INFO] = KEEP };
static const struct attr_rule sctp[] = { INET_RULES, [K_INET_DIAG_INFO] = CHANGE(change_sctp_info) };

/* Who did it is called as among the facts. */
static size_t change_event(struct redact *r, uint8_t *p, size_t n)
{
	if (n != sizeof(struct event_told))
		return 0;
	change_name(r, "proc-", (char *)p + offsetof(struct event_told, comm),
		    sizeof(((struct event_told *)0)->comm));
	return n;
}

static const struct attr_rule event[] = {
	INET_RULES, [K_INET_DIAG_INFO] = KEEP, [EVENT_ATTR] = CHANGE(change_event)
};

static size_t change_unix_name(struct redact *r, uint8_t *p, size_t n)
{
	struct text *t = &r->inner;
	struct sv s = sv_n(p, n);
	size_t end = n;

	t->len = 0;
	if (n && (!p[0] || p[0] == '@')) { /* a name that is no path */
		text_char(t, (char)p[0]);
		s = sv_from(s, 1);
	}
	while (end > 1 && !p[end - 1])
		end--;
	s.len -= n - end;
	redact_path(r, s, t);
	text_put(t, p + end, n - end);
	return 0; /* it is in .inner */
}

static const struct attr_rule un[] = {
	[UNIX_DIAG_NAME] = CHANGE(change_unix_name),
	[UNIX_DIAG_VFS] = KEEP,
	[UNIX_DIAG_PEER] = KEEP,
	[UNIX_DIAG_ICONS] = KEEP,
	[UNIX_DIAG_RQLEN] = KEEP,
	[UNIX_DIAG_MEMINFO] = KEEP,
	[UNIX_DIAG_SHUTDOWN] = KEEP,
	[K_UNIX_DIAG_UID] = KEEP,
};

static const struct attr_rule nl[] = {
	[NETLINK_DIAG_MEMINFO] = KEEP,
	[NETLINK_DIAG_GROUPS] = KEEP,
	[K_NETLINK_DIAG_FLAGS] = KEEP,
	[K_NETLINK_DIAG_X_PROC] = KEEP,
};

/* A filter is a program that may have the addresses in it that it looks for. */
static const struct attr_rule packet[] = {
	[PACKET_DIAG_INFO] = KEEP,    [PACKET_DIAG_MCLIST] = CHANGE(change_macs),
	[PACKET_DIAG_RX_RING] = KEEP, [PACKET_DIAG_TX_RING] = KEEP,
	[PACKET_DIAG_FANOUT] = KEEP,  [PACKET_DIAG_UID] = KEEP,
	[PACKET_DIAG_MEMINFO] = KEEP,
};

static const struct attr_rule tipc_connection[] = {
	[K_TIPC_NLA_CON_FLAG] = KEEP, [K_TIPC_NLA_CON_NODE] = CHANGE(change_number),
	[K_TIPC_NLA_CON_SOCK] = KEEP, [K_TIPC_NLA_CON_TYPE] = KEEP,
	[K_TIPC_NLA_CON_INST] = KEEP,
};

static const struct attr_rule tipc_stat[] = { KEEP, KEEP, KEEP, KEEP, KEEP };
static const struct attr_rule tipc_group[] = { KEEP, KEEP, KEEP, KEEP, KEEP, KEEP };

static const struct attr_rule tipc_socket[] = {
	[K_TIPC_NLA_SOCK_ADDR] = CHANGE(change_number),
	[K_TIPC_NLA_SOCK_REF] = KEEP,
	[K_TIPC_NLA_SOCK_CON] = NEST(tipc_connection),
	[K_TIPC_NLA_SOCK_HAS_PUBL] = KEEP,
	[K_TIPC_NLA_SOCK_STAT] = NEST(tipc_stat),
	[K_TIPC_NLA_SOCK_TYPE] = KEEP,
	[K_TIPC_NLA_SOCK_INO] = KEEP,
	[K_TIPC_NLA_SOCK_UID] = KEEP,
	[K_TIPC_NLA_SOCK_TIPC_STATE] = KEEP,
	[K_TIPC_NLA_SOCK_COOKIE] = KEEP,
	[K_TIPC_NLA_SOCK_GROUP] = NEST(tipc_group),
};

static const struct attr_rule tipc[] = { [K_TIPC_NLA_SOCK] = NEST(tipc_socket) };

static const struct attr_rule xdp[] = {
	[K_XDP_DIAG_INFO] = KEEP,
	[K_XDP_DIAG_UID] = KEEP,
	[K_XDP_DIAG_RX_RING] = KEEP,
	[K_XDP_DIAG_TX_RING] = KEEP,
	[K_XDP_DIAG_UMEM] = KEEP,
	[K_XDP_DIAG_UMEM_FILL_RING] = KEEP,
	[K_XDP_DIAG_UMEM_COMPLETION_RING] = KEEP,
	[K_XDP_DIAG_MEMINFO] = KEEP,
	[K_XDP_DIAG_STATS] = KEEP,
};

static const struct attr_rule smc[] = {
	[K_SMC_DIAG_CONNINFO] = KEEP, [K_SMC_DIAG_LGRINFO] = CHANGE(change_smc_group),
	[K_SMC_DIAG_SHUTDOWN] = KEEP, [K_SMC_DIAG_DMBINFO] = CHANGE(change_smc_dmb),
	[K_SMC_DIAG_FALLBACK] = KEEP,
};

static void change_inet_msg(struct redact *r, uint8_t *p)
{
	struct inet_diag_msg m;

	memcpy(&m, p, sizeof(m));
	change_address(r, (uint8_t *)m.id.idiag_src, m.idiag_family, sizeof(m.id.idiag_src));
	change_address(r, (uint8_t *)m.id.idiag_dst, m.idiag_family, sizeof(m.id.idiag_dst));
	memcpy(p, &m, sizeof(m));
}

/* An IPv4 address has the first of four words. */
static void change_smc_msg(struct redact *r, uint8_t *p)
{
	struct k_smc_diag_msg m;
	uint32_t rest = 0;

	memcpy(&m, p, sizeof(m));
	for (int i = 1; i < 4; i++)
		rest |= m.id.idiag_src[i] | m.id.idiag_dst[i];
	change_address(r, (uint8_t *)m.id.idiag_src, rest ? AF_INET6 : AF_INET, sizeof(m.id.idiag_src));
	change_address(r, (uint8_t *)m.id.idiag_dst, rest ? AF_INET6 : AF_INET, sizeof(m.id.idiag_dst));
	memcpy(p, &m, sizeof(m));
}

static uint32_t change_cid(const struct redact *r, uint32_t cid)
{
	uint64_t to = redact_number(r, REDACT_AS_NUMBER, &cid, sizeof(cid));

	if (cid <= VSOCK_FIXED || cid == UINT32_MAX)
		return cid;
	return VSOCK_FIXED + 1 + (uint32_t)(to % (UINT32_MAX - VSOCK_FIXED - 1));
}

static void change_vsock_msg(struct redact *r, uint8_t *p)
{
	struct k_vsock_diag_msg m;

	memcpy(&m, p, sizeof(m));
	m.vdiag_src_cid = change_cid(r, m.vdiag_src_cid);
	m.vdiag_dst_cid = change_cid(r, m.vdiag_dst_cid);
	memcpy(p, &m, sizeof(m));
}

#define RULES(of) .rules = (of), .n_rules = ARRAY_SIZE(of)

/* Of each table: the part that has no attributes, and the rules of those. */
static const struct table_rule {
	void (*change)(struct redact *r, uint8_t *p);
	size_t len;
	const struct attr_rule *rules;
	size_t n_rules;
} tables[] = {
	[FACT_TABLE_NETLINK] = { NULL, sizeof(struct netlink_diag_msg), RULES(nl) },
	[FACT_TABLE_PACKET] = { NULL, sizeof(struct packet_diag_msg), RULES(packet) },
	[FACT_TABLE_UNIX] = { NULL, sizeof(struct unix_diag_msg), RULES(un) },
	[FACT_TABLE_RAW] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_UDP] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_TCP] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_DCCP] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_SCTP] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(sctp) },
	[FACT_TABLE_VSOCK] = { change_vsock_msg, sizeof(struct k_vsock_diag_msg), NULL, 0 },
	[FACT_TABLE_TIPC] = { NULL, 0, RULES(tipc) },
	[FACT_TABLE_XDP] = { NULL, sizeof(struct k_xdp_diag_msg), RULES(xdp) },
	[FACT_TABLE_MPTCP] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_SMC] = { change_smc_msg, sizeof(struct k_smc_diag_msg), RULES(smc) },
	[FACT_TABLE_UDPLITE] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_ICMP] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(inet) },
	[FACT_TABLE_EVENT] = { change_inet_msg, sizeof(struct inet_diag_msg), RULES(event) },
};

/* Of events that were lost. */
static const struct table_rule no_socket = { NULL, 0, RULES(event) };

static void pad(struct text *t)
{
	while (t->len % NLA_ALIGNTO && !t->failed)
		text_char(t, 0);
}

/* Begins an attribute; returns where. */
static size_t begin_attr(struct text *t, uint16_t type)
{
	const struct nlattr head = { .nla_type = type };
	size_t at = t->len;

	text_put(t, &head, sizeof(head));
	return at;
}

static void end_attr(struct text *t, size_t at)
{
	uint16_t len = (uint16_t)(t->len - at);

	if (!t->failed)
		memcpy(t->p + at, &len, sizeof(len));
	pad(t);
}

/* Changes the attribute that was begun in .msg at @at, and has @len bytes there. */
static void change_attr(struct redact *r, attr_change *change, size_t at, size_t len)
{
	struct text *t = &r->msg;

	if (t->failed)
		return;
	r->inner.len = 0;
	len = change(r, (uint8_t *)t->p + at + NLA_HDRLEN, len);
	t->len = at + NLA_HDRLEN + len;
	text_put(t, r->inner.p, r->inner.len);
	if (r->inner.failed)
		text_fail(t);
	if (t->len == at + NLA_HDRLEN)
		t->len = at;
	else
		end_attr(t, at);
}

static void put_attrs(struct redact *r, struct sv rest, const struct attr_rule *rules, size_t n, int depth)
{
	struct text *t = &r->msg;
	struct nlattr a;

	while (rest.len >= sizeof(a)) {
		const struct attr_rule *rule;
		struct sv payload;
		size_t type, at;

		memcpy(&a, rest.p, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > rest.len)
			break;
		payload = sv_n(rest.p + NLA_HDRLEN, a.nla_len - NLA_HDRLEN);
		rest = sv_from(rest, NLA_ALIGN(a.nla_len));
		type = a.nla_type & NLA_TYPE_MASK;
		rule = type < n ? &rules[type] : NULL;
		if (!rule || (!rule->is_kept && !rule->change && !rule->nest))
			continue;
		at = begin_attr(t, a.nla_type);
		if (rule->nest && depth < NESTED_MAX)
			put_attrs(r, payload, rule->nest, rule->n_nest, depth + 1);
		else if (!rule->nest)
			text_sv(t, payload);
		if (rule->change)
			change_attr(r, rule->change, at, payload.len);
		else
			end_attr(t, at);
	}
}

bool redact_message(struct redact *r, uint32_t table, const struct nlmsghdr *msg)
{
	const struct table_rule *rule;
	struct text *t = &r->msg;
	struct nlmsghdr head;
	struct sv body;

	table &= FACT_TABLE_IS_TEXT - 1;
	memcpy(&head, msg, sizeof(head));
	rule = table && table < ARRAY_SIZE(tables) ? &tables[table] : NULL;
	if (table == FACT_TABLE_EVENT &&
	    head.nlmsg_len == NLMSG_HDRLEN + NLA_HDRLEN + sizeof(struct event_told))
		rule = &no_socket;
	if (!rule || head.nlmsg_len < NLMSG_HDRLEN + rule->len)
		return false;
	body = sv_n((const char *)msg + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN);
	t->len = 0;
	text_put(t, &head, sizeof(head));
	text_put(t, body.p, rule->len);
	if (rule->change && !t->failed)
		rule->change(r, (uint8_t *)t->p + NLMSG_HDRLEN);
	put_attrs(r, sv_from(body, NLMSG_ALIGN(rule->len)), rule->rules, rule->n_rules, 0);
	head.nlmsg_len = (uint32_t)t->len;
	if (!t->failed)
		memcpy(t->p, &head, sizeof(head));
	return true;
}
