/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Cells, and what stands in them, that every family has. */

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/netid.h"
#include "sink/classic/tok.h"

void classic_queues(struct classic *c, uint64_t recvq, uint64_t sendq)
{
	enum { LEAST = 6 }; /* padded to */
	struct grid *g = &c->grid;
	const uint64_t queue[] = { recvq, sendq };

	for (unsigned int i = 0; i < 2; i++) {
		struct text *t = grid_cell(g, COL_RECVQ + i);
		size_t start = t->len;

		text_i64(t, (int32_t)queue[i]);
		if (t->len < start + LEAST)
			text_put_short(t, "      ", LEAST, start + LEAST - t->len);
	}
}

void classic_state(struct classic *c, const struct row *row, unsigned int state)
{
	static const char *const names[] = {
		"UNKNOWN", "ESTAB",      "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
		"UNCONN",  "CLOSE-WAIT", "LAST-ACK", "LISTEN",   "CLOSING",    "UNDEF",      "UNDEF",
	};

	if (shows(c, SHOW_NETID))
		text_str(grid_cell(&c->grid, COL_NETID), row_netid(row));
	text_str(grid_cell(&c->grid, COL_STATE), state < ARRAY_SIZE(names) ? names[state] : "UNDEF");
}

/* The owners in the field @f, if there are any. */
static void put_owners(struct classic *c, struct text *t, const struct row *row, enum field_id f)
{
	struct val v;

	if (!field_get_sent(row, f, &v) || !v.owners.n)
		return;
	text_str(t, f == F_OWNERS ? " users:(" : " peer:(");
	for (size_t i = 0; i < v.owners.n; i++) {
		const struct owner *o = &v.owners.v[i];
		const struct names *n = c->o.names;

		text_put(t, &",(\""[!i], 2u + (i > 0));
		utf8_put_safe(t, o->comm, "\"\\");
		text_str(t, "\",pid=");
		text_u64(t, o->pid);
		if (o->tid) {
			text_str(t, ",tid=");
			text_u64(t, o->tid);
		}
		if (shows(c, SHOW_CONTEXT | SHOW_SOCKET_CONTEXT)) {
			text_str(t, ",proc_ctx=");
			if (!n->context(n->ctx, t, o->tid ? o->tid : o->pid))
				text_str(t, "unavailable");
		}
		text_str(t, ",fd=");
		text_u64(t, o->fd);
		if (shows(c, SHOW_SOCKET_CONTEXT)) {
			text_str(t, ",sock_ctx=");
			if (!n->socket_context(n->ctx, t, o->holder ? o->holder : o->pid, o->fd))
				text_str(t, "unavailable");
		}
		text_char(t, ')');
	}
	text_char(t, ')');
}

void classic_owners(struct classic *c, struct text *t, const struct row *row)
{
	if (shows(c, SHOW_PROCESS))
		put_owners(c, t, row, F_OWNERS);
}

void classic_peers(struct classic *c, const struct row *row)
{
	struct text *t = grid_cell(&c->grid, COL_EXTRA);
	struct val v;

	if (!shows(c, SHOW_PEER))
		return;
	put_owners(c, t, row, F_PEER_OWNERS);
	if (field_u64(row, F_PEER_NETNS_ID, 0) == field_u64(row, F_NETNS_ID, 0) ||
	    !field_get_sent(row, F_PEER_NETNS, &v))
		return;
	text_str(t, " peer_netns:");
	utf8_put_safe(t, v.s, "");
}

void classic_addr(const struct classic *c, struct text *t, struct sv addr)
{
	size_t start = t->len;

	if (shows(c, SHOW_RESOLVE) && c->o.names->host(c->o.names->ctx, t, addr)) {
		utf8_make_safe_from(t, start);
		return;
	}
	if (addr.len == 4)
		text_ipv4(t, (const uint8_t *)addr.p);
	else
		text_ipv6(t, (const uint8_t *)addr.p);
}

void classic_iface(const struct classic *c, struct text *t, uint64_t ifindex)
{
	size_t start = t->len;

	(void)c->o.names->iface(c->o.names->ctx, t, (uint32_t)ifindex);
	utf8_make_safe_from(t, start);
}

void classic_rate(const struct classic *c, struct text *t, double bits)
{
	static const struct {
		double least;
		char unit;
	} units[] = { { 1e12, 'T' }, { 1e9, 'G' }, { 1e6, 'M' }, { 1e3, 'k' } };

	if (shows(c, SHOW_NUMERIC)) {
		text_f0(t, bits);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (bits < units[i].least)
			continue;
		text_g(t, bits / units[i].least, 3);
		text_char(t, units[i].unit);
		return;
	}
	text_g(t, bits, 6);
}
