/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of AF_XDP sockets. */

#include "base/cleanup.h"
#include "sink/classic/tok.h"

void classic_xdp_row(struct classic *c, const struct row *row)
{
	uint64_t ifindex = field_u64(row, F_IFINDEX, 0);
	struct text *t;

	classic_state(c, row, K_TCP_CLOSE);
	classic_queues(c, field_u64(row, F_RECVQ, 0), 0);
	t = grid_cell(&c->grid, COL_LOCAL);
	if (ifindex) {
		classic_iface(c, t, ifindex);
		text_char(t, ':');
		t = grid_cell(&c->grid, COL_LOCAL_PORT);
		text_char(t, 'q');
		text_u64(t, field_u64(row, F_XDP_QUEUE, 0));
	} else {
		text_char(t, '*');
	}
	text_char(grid_cell(&c->grid, COL_PEER), '*');
	classic_owners(c, grid_cell(&c->grid, COL_PROCESS), row);
	t = grid_cell(&c->grid, COL_EXTRA);
	if (shows(c, SHOW_DETAIL))
		classic_section(c, t, row, SECTION_DETAIL);
	classic_section(c, t, row, SECTION_XDP);
}

static void put_ring(const struct classic *c, struct text *t, const char *name, uint64_t entries)
{
	classic_break_blank(c, t);
	text_str(t, name);
	text_str(t, "(entries:");
	text_u64(t, entries);
	text_char(t, ')');
}

void put_xdp_rx(struct classic *c, struct text *t, const struct row *, uint64_t v)
{
	put_ring(c, t, "rx", v);
}

void put_xdp_tx(struct classic *c, struct text *t, const struct row *, uint64_t v)
{
	put_ring(c, t, "tx", v);
}

/* "NAME(KEY:1,KEY:2)" of fields in a row, each @step after the last. */
static void put_fields(struct text *t, const struct row *row, enum field_id first, unsigned int step,
		       const char *const *keys)
{
	for (unsigned int i = 0; keys[i]; i++) {
		text_str(t, keys[i]);
		text_u64(t, field_u64(row, (enum field_id)(first + i * step), 0));
	}
	text_char(t, ')');
}

void put_xdp_umem(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	static const char *const keys[] = { "umem(id:",   ",size:",    ",num_pages:", ",chunk_size:",
					    ",headroom:", ",ifindex:", ",qid:",       ",zc:",
					    ",refs:",     NULL };

	_Static_assert(F_XDP_UMEM_REFS == F_XDP_UMEM_ID + ARRAY_SIZE(keys) - 2, "in the order of the fields");
	classic_break_blank(c, t);
	put_fields(t, row, F_XDP_UMEM_ID, 1, keys);
	if (field_find_loc(row, F_XDP_FILL_RING))
		put_ring(c, t, "fr", field_u64(row, F_XDP_FILL_RING, 0));
	if (field_find_loc(row, F_XDP_COMP_RING))
		put_ring(c, t, "cr", field_u64(row, F_XDP_COMP_RING, 0));
}

void put_xdp_stats(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	static const char *const keys[] = { "stats(rx dropped:",
					    ",rx invalid:",
					    ",rx queue full:",
					    ",rx fill ring empty:",
					    ",tx invalid:",
					    ",tx ring empty:",
					    NULL };

	_Static_assert(F_XDP_TX_EMPTY == F_XDP_RX_DROPPED + 2 * (ARRAY_SIZE(keys) - 2),
		       "in the order of the fields, each with its rate");
	classic_break_blank(c, t);
	put_fields(t, row, F_XDP_RX_DROPPED, 2, keys);
}
