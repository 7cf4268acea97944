/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of TIPC sockets. */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "sink/classic/tok.h"

static const char *const type_names[] = {
	[SOCK_STREAM] = "STREAM",
	[SOCK_DGRAM] = "DGRAM",
	[SOCK_RDM] = "RDM",
	[SOCK_SEQPACKET] = "SEQPACKET",
};

/* "NODE:" and "PORT" */
static void address(struct classic *c, const struct row *row, enum column col, enum field_id node)
{
	struct text *t = grid_cell(&c->grid, col);

	text_u64(t, field_u64(row, node, 0));
	text_char(t, ':');
	text_u64(grid_cell(&c->grid, col + 1), field_u64(row, node + 1, 0));
}

_Static_assert(F_TIPC_REF == F_TIPC_NODE + 1 && F_TIPC_PEER_REF == F_TIPC_PEER_NODE + 1, "address()");

void classic_tipc_row(struct classic *c, const struct row *row)
{
	struct text *t;

	classic_state(c, row, (unsigned int)field_u64(row, F_STATE, 0));
	classic_queues(c, field_u64(row, F_TIPC_RECVQ, 0), field_u64(row, F_TIPC_SENDQ, 0));
	address(c, row, COL_LOCAL, F_TIPC_NODE);
	if (field_find_loc(row, F_TIPC_PEER_REF))
		address(c, row, COL_PEER, F_TIPC_PEER_NODE);
	else
		text_char(grid_cell(&c->grid, COL_PEER), '-');
	t = grid_cell(&c->grid, COL_PROCESS);
	if (shows(c, SHOW_DETAIL))
		classic_section(c, t, row, SECTION_DETAIL);
	classic_owners(c, t, row);
	classic_section(c, grid_cell(&c->grid, COL_EXTRA), row, SECTION_TIPC);
}

/* Its blanks are the original's. */
void put_tipc_info(struct classic *c, struct text *t, const struct row *row, uint64_t)
{
	uint64_t type = field_u64(row, F_TYPE, 0);

	text_str(t, shows(c, SHOW_ONELINE) ? " " : "\n ");
	if (type < ARRAY_SIZE(type_names) && type_names[type]) {
		text_str(t, "type:");
		text_str(t, type_names[type]);
	} else {
		text_printf(t, "type:[%u]", (unsigned int)type);
	}
	text_str(t, " cong:");
	text_str(t, field_find_loc(row, F_TIPC_LINK_CONG)   ? "link"
		    : field_find_loc(row, F_TIPC_CONN_CONG) ? "conn"
							    : "none");
	text_printf(t, "  drop:%u ", (unsigned int)field_u64(row, F_TIPC_DROPS, 0));
	if (field_find_loc(row, F_TIPC_PUBL))
		text_str(t, " publ");
	if (field_find_loc(row, F_TIPC_VIA))
		text_printf(t, " via {%u,%u} ", (unsigned int)field_u64(row, F_TIPC_VIA_TYPE, 0),
			    (unsigned int)field_u64(row, F_TIPC_VIA_INST, 0));
}
