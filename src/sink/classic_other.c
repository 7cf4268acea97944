/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of Unix, packet and netlink sockets. */

#include <linux/filter.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "sink/classic_tok.h"

static uint32_t u32_at(struct sv s, size_t i)
{
	uint32_t v;

	memcpy(&v, s.p + i * sizeof(v), sizeof(v));
	return v;
}

/* An abstract name has an '@' for every NUL; a path ends at the first one. */
static void unix_name(struct text *t, struct sv name)
{
	struct text printed = {};

	if (name.p[0] != '\0') {
		utf8_put_safe(t, sv_fixed(name.p, name.len), "");
		return;
	}
	for (size_t i = 0; i < name.len; i++)
		text_char(&printed, name.p[i] ? name.p[i] : '@');
	utf8_put_safe(t, sv_n(printed.p, printed.len), "");
	text_done(&printed);
}

void classic_unix_row(struct classic *c, const struct row *row)
{
	uint64_t type = field_u64(row, F_TYPE, 0);
	struct sv name = row_bytes(row, SEG_UNIX_NAME);
	struct text *t;

	classic_state(c,
		      type == SOCK_STREAM      ? "u_str"
		      : type == SOCK_SEQPACKET ? "u_seq"
					       : "u_dgr",
		      (unsigned int)field_u64(row, F_STATE, 0));
	classic_queues(c, row_has(row, SEG_UNIX_RQLEN) ? field_u64(row, F_RECVQ, 0) : 0,
		       row_has(row, SEG_UNIX_RQLEN) ? field_u64(row, F_SENDQ, 0) : 0);
	t = grid_cell(&c->grid, COL_LOCAL);
	if (name.len)
		unix_name(t, name);
	else
		text_char(t, '*');
	text_char(t, ' ');
	text_u64(grid_cell(&c->grid, COL_LOCAL_PORT), field_u64(row, F_INODE, 0));
	text_str(grid_cell(&c->grid, COL_PEER), "* ");
	text_u64(grid_cell(&c->grid, COL_PEER_PORT), field_u64(row, F_UNIX_PEER, 0));
	classic_owners(c, grid_cell(&c->grid, COL_PROCESS), row);
	classic_section(c, grid_cell(&c->grid, COL_EXTRA), row, SECTION_UNIX);
}

/* The kernel sends major << 20 | minor. */
void put_unix_file(struct classic *, struct text *t, const struct row *row, uint64_t ino)
{
	uint64_t dev = field_u64(row, F_UNIX_VFS_DEV, 0);

	text_printf(t, " ino:%u dev:%u/%u", (unsigned int)ino, (unsigned int)(dev >> 20),
		    (unsigned int)(dev & 0xfffff));
}

void put_inodes(struct classic *, struct text *t, const struct row *row, uint64_t)
{
	struct sv all = row_bytes(row, SEG_UNIX_ICONS);

	for (size_t i = 0; i < all.len / sizeof(uint32_t); i++) {
		text_char(t, ' ');
		text_u64(t, u32_at(all, i));
	}
}

static const struct {
	uint16_t number;
	const char *name;
} ethertypes[] = {
#define ETHERTYPE(number, name) { number, name },
#include "model/defs/ethertype.def"
};

static void ethertype(const struct classic *c, struct text *t, uint64_t number)
{
	if (number == 3) { /* ETH_P_ALL */
		text_char(t, '*');
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ethertypes) && !shows(c, SHOW_NUMERIC); i++) {
		if (ethertypes[i].number == number) {
			text_str(t, ethertypes[i].name);
			return;
		}
	}
	text_char(t, '[');
	text_u64(t, number);
	text_char(t, ']');
}

void classic_packet_row(struct classic *c, const struct row *row)
{
	uint64_t ifindex = field_u64(row, F_IFINDEX, 0);
	struct text *t;

	classic_state(c, field_u64(row, F_TYPE, 0) == SOCK_RAW ? "p_raw" : "p_dgr", K_TCP_CLOSE);
	classic_queues(c, field_u64(row, F_RECVQ, 0), 0);
	t = grid_cell(&c->grid, COL_LOCAL);
	ethertype(c, t, field_u64(row, F_PACKET_PROTO, 0));
	text_char(t, ':');
	t = grid_cell(&c->grid, COL_LOCAL_PORT);
	if (ifindex)
		c->o.names->iface(c->o.names->ctx, t, (uint32_t)ifindex);
	else
		text_char(t, '*');
	text_char(grid_cell(&c->grid, COL_PEER), '*');
	classic_owners(c, grid_cell(&c->grid, COL_PROCESS), row);
	t = grid_cell(&c->grid, COL_EXTRA);
	if (shows(c, SHOW_DETAIL))
		classic_section(c, t, row, SECTION_DETAIL);
	classic_section(c, t, row, SECTION_PACKET);
}

void put_packet_info(struct classic *c, struct text *t, const struct row *row, uint64_t version)
{
	static const char *const names[] = { "running", " auxdata", " origdev", " vnethdr", " loss" };
	uint64_t flags = field_u64(row, F_PACKET_FLAGS, 0);

	classic_break_blank(c, t);
	text_printf(t, "ver:%d cpy_thresh:%d flags( ", (int)version, (int)field_u64(row, F_PACKET_COPY, 0));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags >> i & 1)
			text_str(t, names[i]);
	text_str(t, flags ? " )" : "0 )");
}

static void put_ring(const struct classic *c, struct text *t, const char *name, struct sv ring)
{
	struct packet_diag_ring r = {};

	if (ring.len)
		memcpy(&r, ring.p, ring.len < sizeof(r) ? ring.len : sizeof(r));
	classic_break_blank(c, t);
	text_printf(t, "%s(blk_size:%d,blk_nr:%d,frm_size:%d,frm_nr:%d,tmo:%d,features:0x%x)", name,
		    (int)r.pdr_block_size, (int)r.pdr_block_nr, (int)r.pdr_frame_size, (int)r.pdr_frame_nr,
		    (int)r.pdr_retire_tmo, r.pdr_features);
}

void put_rx_ring(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	put_ring(c, t, "ring_rx", row_bytes(row, SEG_PACKET_RX_RING));
}

void put_tx_ring(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	put_ring(c, t, "ring_tx", row_bytes(row, SEG_PACKET_TX_RING));
}

void put_fanout(struct classic *c, struct text *t, const struct row *, uint64_t v)
{
	static const char *const types[] = { "hash", "lb", "cpu", "roll", "random", "qm" };

	classic_break_blank(c, t);
	text_printf(t, "fanout(id:%u,type:", (unsigned int)(v & 0xffff));
	if (v >> 16 < ARRAY_SIZE(types))
		text_str(t, types[v >> 16]);
	else
		text_printf(t, "0x%x", (unsigned int)(v >> 16));
	text_char(t, ')');
}

void put_bpf_filter(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	struct sv all = row_bytes(row, SEG_PACKET_FILTER);
	struct sock_filter insn;

	if (all.len < sizeof(insn))
		return;
	classic_break_blank(c, t);
	text_printf(t, "bpf filter (%zu): ", all.len / sizeof(insn));
	for (; all.len >= sizeof(insn); all = sv_from(all, sizeof(insn))) {
		memcpy(&insn, all.p, sizeof(insn));
		text_printf(t, " 0x%02x %u %u %u,", insn.code, insn.jt, insn.jf, insn.k);
	}
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

		if (n->process(n->ctx, &name, (uint32_t)id)) {
			utf8_put_safe(t, sv_n(name.p, name.len), "");
			text_char(t, '/');
		}
		text_i64(t, id);
		text_done(&name);
	}
}

void classic_netlink_row(struct classic *c, const struct row *row)
{
	uint8_t protocol = (uint8_t)field_u64(row, F_NETLINK_PROTO, 0);
	const struct names *n = c->o.names;
	struct text *t;

	classic_state(c, "nl", K_TCP_CLOSE);
	classic_queues(c, field_u64(row, F_RECVQ, 0), field_u64(row, F_SENDQ, 0));
	t = grid_cell(&c->grid, COL_LOCAL);
	if (shows(c, SHOW_NUMERIC) || !n->netlink(n->ctx, t, protocol))
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
	text_char(t, '\t');
	if (row_has(row, SEG_SKMEM))
		put_skmem(c, t, row, field_u64(row, F_MEM_RMEM, 0));
}
