/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * /proc/net/unix. Its rows are sorted in runs, and a name may span lines:
 * whatever does not look like a row continues the name of the one before.
 *
 * Some kernels of old told of peers and queues instead of addresses in memory
 * and references; their heading begins with "Peer".
 */

#include <errno.h>
#include <linux/unix_diag.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kernel/abi.h"
#include "source/proc_line.h"

enum {
	RUN_ROWS = 1660, /* where the original's runs end, so that the order is the same */
	NAME_MAX_LEN = sizeof(((struct sockaddr_un *)0)->sun_path),
	FLAG_LISTENING = 0x10000, /* __SO_ACCEPTCON */
};

struct unix_row {
	uint32_t inode, order;
	uint32_t peer, recvq, sendq; /* of the old format */
	uint8_t type, state;
	uint8_t name_len;
	char name[NAME_MAX_LEN];
};

struct proc_unix {
	size_t n, next;       /* rows in the run, and which goes out next */
	size_t last_name_len; /* of the row before; 0 when it has none that could go on */
	bool is_last_kept;
	bool is_old_format;
	struct unix_row rows[RUN_ROWS];
};

struct proc_unix *proc_unix_new(void)
{
	return calloc(1, sizeof(struct proc_unix));
}

void proc_unix_heading(struct proc_unix *u, struct sv heading)
{
	u->is_old_format = sv_is(sv_first(heading, 4), "Peer");
}

/*
 * The file shows the state of the struct socket, or when none is attached (not accepted yet, or closed
 * already) whether the connection is up; what it derives from is the sk_state that unix_diag shows.
 */
static uint8_t state_of(uint64_t flags, uint64_t st)
{
	enum { UNCONNECTED = 1, CONNECTING, CONNECTED, DISCONNECTING };

	if (flags & FLAG_LISTENING)
		return K_TCP_LISTEN;
	switch (st) {
	case CONNECTING:
	case CONNECTED: return K_TCP_ESTABLISHED;
	case UNCONNECTED:
	case DISCONNECTING: return K_TCP_CLOSE;
	default: return 0;
	}
}

/* Num: RefCount Protocol Flags Type St Inode Path, or Peer: RecvQ SendQ Flags... */
static bool read_row(const struct proc_unix *u, struct sv line, struct unix_row *row, struct sv *name)
{
	struct proc_cols c = { .rest = line };
	struct sv tail, num = proc_pair(&c, &tail);
	uint64_t flags, first, second;

	first = proc_num(&c, 16, UINT32_MAX);  /* references */
	second = proc_num(&c, 16, UINT32_MAX); /* protocol, always 0 */
	flags = proc_num(&c, 16, UINT32_MAX);
	row->type = (uint8_t)proc_num(&c, 16, UINT8_MAX);
	row->state = state_of(flags, proc_num(&c, 16, UINT8_MAX));
	if (u->is_old_format) {
		row->peer = (uint32_t)proc_num_of(&c, num, 16, UINT64_MAX);
		row->recvq = (uint32_t)first;
		row->sendq = (uint32_t)second;
		if (row->peer && row->type == SOCK_DGRAM && row->state == K_TCP_CLOSE)
			row->state = K_TCP_ESTABLISHED;
	}
	row->inode = (uint32_t)proc_num(&c, 10, UINT64_MAX);
	*name = sv_from(c.rest, 1);
	return !c.is_bad && !tail.len && row->state && name->len <= NAME_MAX_LEN;
}

/* False when @line cannot be the rest of a name. */
static bool continue_name(struct proc_unix *u, struct sv line)
{
	struct unix_row *row = u->n ? &u->rows[u->n - 1] : NULL;
	size_t len = u->last_name_len;

	if (!len || line.len >= NAME_MAX_LEN - len) {
		u->last_name_len = 0;
		return false;
	}
	u->last_name_len = len + 1 + line.len;
	if (!u->is_last_kept || !row)
		return true;
	row->name[len] = '\n';
	if (line.len)
		memcpy(row->name + len + 1, line.p, line.len);
	row->name_len = (uint8_t)u->last_name_len;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct unix_row *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Reads the next run. */
static int fill(struct proc *p, struct err *e)
{
	struct proc_unix *u = p->unix_;
	struct sv line;
	int r;

	u->n = u->next = 0;
	while ((r = proc_lines_next(&p->lines, &line, e)) > 0) {
		struct unix_row *row, got = {};
		struct sv name;

		if (!read_row(u, line, &got, &name)) {
			p->lines.skipped += !continue_name(u, line);
			continue;
		}
		if (u->n == RUN_ROWS) {
			proc_lines_unread(&p->lines, line);
			break;
		}
		u->last_name_len = name.len;
		u->is_last_kept = proc_wants(p, got.state);
		if (!u->is_last_kept)
			continue;
		row = &u->rows[u->n];
		*row = got;
		row->order = (uint32_t)u->n++;
		row->name_len = (uint8_t)name.len;
		if (name.len)
			memcpy(row->name, name.p, name.len);
	}
	if (r < 0)
		return r;
	qsort(u->rows, u->n, sizeof(u->rows[0]), compare);
	return 0;
}

static void make_message(struct proc *p, const struct unix_row *row)
{
	const struct unix_diag_rqlen queues = { .udiag_rqueue = row->recvq, .udiag_wqueue = row->sendq };
	const struct unix_diag_msg msg = {
		.udiag_family = AF_UNIX,
		.udiag_type = row->type,
		.udiag_state = row->state,
		.udiag_ino = row->inode,
		.udiag_cookie = { UINT32_MAX, UINT32_MAX },
	};
	char name[NAME_MAX_LEN + 1] = {};

	proc_msg(p, &msg, sizeof(msg));
	if (p->unix_->is_old_format) {
		proc_attr(p, UNIX_DIAG_PEER, &row->peer, sizeof(row->peer));
		proc_attr(p, UNIX_DIAG_RQLEN, &queues, sizeof(queues));
	}
	if (!row->name_len)
		return;
	memcpy(name, row->name, row->name_len);
	if (name[0] == '@') { /* abstract: it began with NUL, and does not end with one */
		name[0] = '\0';
		proc_attr(p, UNIX_DIAG_NAME, name, row->name_len);
	} else {
		proc_attr(p, UNIX_DIAG_NAME, name, row->name_len + (size_t)1);
	}
}

int proc_unix_next(struct proc *p, struct err *e)
{
	struct proc_unix *u = p->unix_;

	if (u->next == u->n) {
		int r = fill(p, e);

		if (r < 0)
			return r;
		if (!u->n)
			return 0;
	}
	make_message(p, &u->rows[u->next++]);
	return 1;
}
