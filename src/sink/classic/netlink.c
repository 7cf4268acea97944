/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of netlink sockets. */

#include "base/utf8.h"
#include "sink/classic/tok.h"

/* What the protocol is called, false when it has no name. */
static bool protocol_name(const struct classic *c, struct text *t, uint8_t protocol)
{
	size_t start = t->len;
	bool has_name = c->o.names->netlink(c->o.names->ctx, t, protocol);

	utf8_make_safe_from(t, start);
	return has_name;
}

static void netlink_id(struct classic *c, struct text *t, int32_t id)
{
	const struct names *n = c->o.names;

	if (id == -1) {
		text_char(t, '*');
	} else if (shows(c, SHOW_NUMERIC) || id < 0) {
		text_i64(t, id);
	} else if (id == 0) {
		text_str(t, "kernel");
	} else {
		struct text name = {};

		if (n->process(n->ctx, &name, (uint32_t)id) && name.len) {
			utf8_put_safe(t, sv_n(name.p, name.len), "");
			text_char(t, '/');
		}
		text_i64(t, id);
		if (name.failed)
			text_fail(t);
		text_done(&name);
	}
}

void classic_netlink_row(struct classic *c, const struct row *row)
{
	uint8_t protocol = (uint8_t)field_u64(row, F_NETLINK_PROTO, 0);
	const struct names *n = c->o.names;
	struct text *t;

	classic_state(c, row, K_TCP_CLOSE);
	classic_queues(c, field_u64(row, F_RECVQ, 0), field_u64(row, F_SENDQ, 0));
	t = grid_cell(&c->grid, COL_LOCAL);
	if (shows(c, SHOW_NUMERIC) || !protocol_name(c, t, protocol))
		text_u64(t, protocol);
	text_char(t, ':');
	netlink_id(c, grid_cell(&c->grid, COL_LOCAL_PORT), (int32_t)field_u64(row, F_NETLINK_PORTID, 0));
	t = grid_cell(&c->grid, COL_PEER);
	if (field_u64(row, F_NETLINK_STATE, 0) == 1) {
		text_i64(t, (int32_t)field_u64(row, F_NETLINK_DST_GROUP, 0));
		text_char(t, ':');
		t = grid_cell(&c->grid, COL_PEER_PORT);
		text_i64(t, (int32_t)field_u64(row, F_NETLINK_DST_PORTID, 0));
	} else {
		text_char(t, '*');
	}
	t = grid_cell(&c->grid, COL_PROCESS);
	if (shows(c, SHOW_CONTEXT | SHOW_SOCKET_CONTEXT)) {
		int32_t id = (int32_t)field_u64(row, F_NETLINK_PORTID, 0);

		text_str(t, " proc_ctx=");
		if (id < 0 || !n->context(n->ctx, t, (uint32_t)id))
			text_str(t, "unavailable");
	}
	classic_section(c, t, row, SECTION_NETLINK);
}

void put_netlink_detail(struct classic *, struct text *t, const struct row *row, uint64_t)
{
	text_str(t, " sk=");
	text_hex(t, field_u64(row, F_NETLINK_SK, 0));
	text_str(t, " cb=");
	text_hex(t, field_u64(row, F_NETLINK_CB, 0));
	text_printf(t, " groups=0x%08x", (unsigned int)field_u64(row, F_NETLINK_GROUPS, 0));
}

void put_netlink_mem(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	if (row_dump(row)->is_proc) /* it has none */
		return;
	text_char(t, '\t');
	if (row_has(row, SEG_SKMEM))
		put_skmem(c, t, row, field_u64(row, F_MEM_RMEM, 0));
}
