/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The classic rows of Unix sockets. */

#include <sys/socket.h>

#include "base/utf8.h"
#include "sink/classic/tok.h"

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
	if (printed.failed)
		text_fail(t);
	text_done(&printed);
}

void classic_unix_row(struct classic *c, const struct row *row)
{
	uint64_t peer = field_u64(row, F_UNIX_PEER, 0);
	struct sv name = row_bytes(row, SEG_UNIX_NAME);
	struct text *t;

	classic_state(c, row, (unsigned int)field_u64(row, F_STATE, 0));
	classic_queues(c, row_has(row, SEG_UNIX_RQLEN) ? field_u64(row, F_RECVQ, 0) : 0,
		       row_has(row, SEG_UNIX_RQLEN) ? field_u64(row, F_SENDQ, 0) : 0);
	t = grid_cell(&c->grid, COL_LOCAL);
	if (name.len)
		unix_name(t, name);
	else
		text_char(t, '*');
	text_char(t, ' ');
	text_u64(grid_cell(&c->grid, COL_LOCAL_PORT), field_u64(row, F_INODE, 0));
	text_str(grid_cell(&c->grid, COL_PEER), row_dump(row)->is_proc && peer ? "? " : "* ");
	text_u64(grid_cell(&c->grid, COL_PEER_PORT), peer);
	classic_owners(c, grid_cell(&c->grid, COL_PROCESS), row);
	classic_peers(c, row);
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
