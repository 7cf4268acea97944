/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of vsock sockets: addresses and nothing else. */

#include <sys/socket.h>

#include "sink/classic/tok.h"

static void number(struct text *t, uint64_t v)
{
	if (v == UINT32_MAX)
		text_char(t, '*');
	else
		text_u64(t, v);
}

static void address(struct classic *c, const struct row *row, enum column col, enum field_id cid)
{
	struct text *t = grid_cell(&c->grid, col);

	number(t, field_u64(row, cid, 0));
	text_char(t, ':');
}

void classic_vsock_row(struct classic *c, const struct row *row)
{
	classic_state(c, row, (unsigned int)field_u64(row, F_STATE, 0));
	classic_queues(c, 0, 0);
	address(c, row, COL_LOCAL, F_VSOCK_SRC_CID);
	number(grid_cell(&c->grid, COL_LOCAL_PORT), field_u64(row, F_VSOCK_SRC_PORT, 0));
	address(c, row, COL_PEER, F_VSOCK_DST_CID);
	number(grid_cell(&c->grid, COL_PEER_PORT), field_u64(row, F_VSOCK_DST_PORT, 0));
	classic_owners(c, grid_cell(&c->grid, COL_PROCESS), row);
}
