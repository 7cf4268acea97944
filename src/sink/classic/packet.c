/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of packet sockets. */

#include <linux/filter.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "sink/classic/tok.h"

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

	classic_state(c, row, K_TCP_CLOSE);
	classic_queues(c, field_u64(row, F_RECVQ, 0), 0);
	t = grid_cell(&c->grid, COL_LOCAL);
	ethertype(c, t, field_u64(row, F_PACKET_PROTO, 0));
	text_char(t, ':');
	t = grid_cell(&c->grid, COL_LOCAL_PORT);
	if (ifindex)
		classic_iface(c, t, ifindex);
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
