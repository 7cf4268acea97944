/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of TCP, UDP, raw, DCCP, SCTP, MPTCP and SMC. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/storage.h"
#include "sink/classic/tok.h"

/*
 * An association has peers, and an endpoint local addresses only. A recording may lack both; there an
 * association follows its endpoint, whose inode it shares.
 */
static bool is_association(const struct classic *c, const struct row *row, uint64_t protocol)
{
	uint64_t inode = field_u64(row, F_INODE, 0);

	if (protocol != IPPROTO_SCTP || row_has(row, SEG_PEERS))
		return protocol == IPPROTO_SCTP;
	return !row_has(row, SEG_LOCALS) && inode && inode == c->last_inode;
}

static void state(struct classic *c, const struct row *row, uint64_t protocol)
{
	unsigned int st = (unsigned int)field_u64(row, F_STATE, 0);
	struct text *t;

	if (!is_association(c, row, protocol)) {
		classic_state(c, row, st);
		return;
	}
	t = grid_cell(&c->grid, COL_STATE);
	text_str(t, "`- ");
	text_str(t, classic_sctp_state(st));
}

static bool is_any(struct sv addr)
{
	for (size_t i = 0; i < addr.len; i++)
		if (addr.p[i])
			return false;
	return true;
}

static void address(struct classic *c, const struct row *row, enum column col, enum field_id f,
		    uint64_t ifindex)
{
	struct text *t = grid_cell(&c->grid, col);
	struct val v;
	size_t start;

	if (!field_get_sent(row, f, &v))
		return;
	start = t->len;
	if (v.s.len == 16 && is_any(v.s)) {
		text_str(t, field_u64(row, F_V6ONLY, 0) ? "[::]" : "*");
	} else if (v.s.len == 16 && !shows(c, SHOW_RESOLVE)) {
		text_char(t, '[');
		text_ipv6(t, (const uint8_t *)v.s.p);
		text_char(t, ']');
	} else if (v.s.len == 16) {
		classic_addr(c, t, v.s);
		if (t->len > start && !t->failed && memchr(t->p + start, ':', t->len - start)) {
			t->len = start; /* it has no name after all */
			text_char(t, '[');
			text_ipv6(t, (const uint8_t *)v.s.p);
			text_char(t, ']');
		}
	} else {
		classic_addr(c, t, v.s);
	}
	if (ifindex) {
		text_char(t, '%');
		classic_iface(c, t, ifindex);
	}
	text_char(t, ':');
}

/* What the port is called, false when it has no name. */
static bool port_name(const struct classic *c, struct text *t, uint16_t number, const struct seg_dump *dump)
{
	const struct names *n = c->o.names;
	size_t start = t->len;
	bool has_name = dump->table == TABLE_RAW
				? n->protocol(n->ctx, t, number)
				: n->service(n->ctx, t, number,
					     dump->table == TABLE_SMC ? IPPROTO_TCP : dump->protocol);

	utf8_make_safe_from(t, start);
	return has_name;
}

static void port(struct classic *c, const struct row *row, enum column col, enum field_id f)
{
	struct text *t = grid_cell(&c->grid, col);
	uint16_t number = ntohs((uint16_t)field_u64(row, f, 0));

	if (!number) {
		text_char(t, '*');
		return;
	}
	if (!shows(c, SHOW_NUMERIC)) {
		if (port_name(c, t, number, row_dump(row)))
			return;
		if (row_dump(row)->table == TABLE_RAW)
			text_str(t, "ipproto-");
	}
	text_u64(t, number);
}

static void storages(struct classic *c, struct text *t, const struct row *row)
{
	const struct names *n = c->o.names;
	bool is_oneline = shows(c, SHOW_ONELINE);
	struct sv all = storage_all(row);
	struct storage s;

	while (storage_next(&all, &s)) {
		size_t start = t->len;
		int r;

		text_printf(t, is_oneline ? " map_id:%u" : "\n\tmap_id:%u [\n", s.map_id);
		r = n->storage(n->ctx, t, s.map_id, s.value, is_oneline);
		if (r == 0 && !is_oneline)
			text_str(t, "\n\t]");
		if (r < 0)
			t->len = start;
		if (r == -ENOENT)
			text_printf(t, "\n\tmap_id: %u failed to fetch info, skipping\n", s.map_id);
	}
}

static void extra(struct classic *c, struct text *t, const struct row *row, uint64_t protocol)
{
	bool is_udp = protocol == IPPROTO_UDP;

	if (row_dump(row)->is_proc && row_dump(row)->table != TABLE_TCP && row_dump(row)->table != TABLE_ICMP)
		return;
	classic_details(c, t, row);
	if (row_has(row, SEG_SMC_MSG)) {
		if (shows(c, SHOW_INFO)) {
			classic_break(c, t);
			classic_section(c, t, row, SECTION_SMC);
		}
		return;
	}
	if (row_has(row, SEG_INET_PROC) || row_has(row, SEG_PROC_REST)) {
		classic_section(c, t, row, SECTION_PROC);
		return;
	}
	if (shows(c, SHOW_MEM) || (shows(c, SHOW_INFO) && !is_udp)) {
		classic_break(c, t);
		classic_section(c, t, row, SECTION_MEM);
		if (protocol == IPPROTO_SCTP)
			classic_section(c, t, row, SECTION_SCTP);
		else if (protocol == K_IPPROTO_MPTCP)
			classic_section(c, t, row, SECTION_MPTCP);
		else
			classic_section(c, t, row, SECTION_TCP);
	}
	if (shows(c, SHOW_STORAGE))
		storages(c, t, row);
}

void classic_inet_row(struct classic *c, const struct row *row)
{
	uint64_t protocol = field_u64(row, F_PROTOCOL, 0);

	state(c, row, protocol);
	classic_queues(c, field_u64(row, F_RECVQ, 0), field_u64(row, F_SENDQ, 0));
	address(c, row, COL_LOCAL, F_SRC, field_u64(row, F_IFINDEX, 0));
	port(c, row, COL_LOCAL_PORT, F_SPORT);
	address(c, row, COL_PEER, F_DST, 0);
	port(c, row, COL_PEER_PORT, F_DPORT);
	classic_owners(c, grid_cell(&c->grid, COL_PROCESS), row);
	classic_peers(c, row);
	extra(c, grid_cell(&c->grid, COL_EXTRA), row, protocol);
	c->last_inode = (uint32_t)field_u64(row, F_INODE, 0);
}

const char *classic_sctp_state(uint64_t st)
{
	static const char *const names[] = {
		"CLOSED",           "COOKIE_WAIT",   "COOKIE_ECHOED",     "ESTAB",
		"SHUTDOWN_PENDING", "SHUTDOWN_SENT", "SHUTDOWN_RECEIVED", "ACK_SENT",
	};

	return st < ARRAY_SIZE(names) ? names[st] : "UNKNOWN";
}

void put_sctp_state(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_str(t, classic_sctp_state(v));
}

/* Addresses, each in a struct sockaddr_storage; one of another family has no text. */
static void put_addrs(const struct classic *c, struct text *t, struct sv all)
{
	const size_t each = sizeof(struct sockaddr_storage);
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	for (size_t i = 0; all.len >= each; i++, all = sv_from(all, each)) {
		if (i)
			text_char(t, ',');
		memcpy(&v4, all.p, sizeof(v4));
		memcpy(&v6, all.p, sizeof(v6));
		if (v4.sin_family == AF_INET)
			classic_addr(c, t, sv_n(&v4.sin_addr, 4));
		else if (v4.sin_family == AF_INET6)
			classic_addr(c, t, sv_n(&v6.sin6_addr, 16));
	}
}

void put_locals(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	put_addrs(c, t, row_bytes(row, SEG_LOCALS));
}

void put_peers(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	put_addrs(c, t, row_bytes(row, SEG_PEERS));
}

/* Without a connection there is none, for which the kernel has the number of SMC-R. */
void put_smc_mode(struct classic *, struct text *t, const struct row *row, uint64_t v)
{
	static const char *const names[] = { "smcr", "tcp", "smcd" };
	uint64_t st = field_u64(row, F_SMC_STATE, 0);

	if (!v && (st == K_SMC_INIT || st == K_SMC_CLOSED || st == K_SMC_LISTEN))
		return;
	text_str(t, " mode:");
	if (v < ARRAY_SIZE(names))
		text_str(t, names[v]);
	else
		text_u64(t, v);
}

/* Its own name of a state that is called after TCP's in the State column. */
void put_smc_state(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	static const char *const names[] = {
		[K_SMC_ACTIVE] = "active",
		[K_SMC_INIT] = "init",
		[K_SMC_CLOSED] = "closed",
		[K_SMC_LISTEN] = "listen",
		[K_SMC_PEERCLOSEWAIT1] = "peerclosewait1",
		[K_SMC_PEERCLOSEWAIT2] = "peerclosewait2",
		[K_SMC_APPCLOSEWAIT1] = "appclosewait1",
		[K_SMC_APPCLOSEWAIT2] = "appclosewait2",
		[K_SMC_APPFINCLOSEWAIT] = "appfinclosewait",
		[K_SMC_PEERFINCLOSEWAIT] = "peerfinclosewait",
		[K_SMC_PEERABORTWAIT] = "peerabortwait",
		[K_SMC_PROCESSABORT] = "processabort",
	};

	if (v < ARRAY_SIZE(names) && names[v])
		text_str(t, names[v]);
	else
		text_u64(t, v);
}

void put_smc_role(struct classic *, struct text *t, const struct row *, uint64_t v)
{
	text_str(t, v ? "server" : "client");
}
