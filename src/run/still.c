/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/still.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "model/field.h"
#include "model/state.h"

/* Those that no other socket can be taken for: the kernel finds them by both of their addresses. */
#define CONNECTED                                                                    \
	(STATE(K_TCP_ESTABLISHED) | STATE(K_TCP_SYN_SENT) | STATE(K_TCP_FIN_WAIT1) | \
	 STATE(K_TCP_FIN_WAIT2) | STATE(K_TCP_CLOSE_WAIT) | STATE(K_TCP_LAST_ACK) | STATE(K_TCP_CLOSING))

void still_done(struct still *s)
{
	s->nl = nl_close(s->nl);
}

/* Returns 1 with *@ret, 0 when there is none, or a negative errno. */
static int ask(struct still *s, const void *req, size_t len, const struct nlmsghdr **ret)
{
	int r = s->nl ? 0 : nl_open(NETLINK_SOCK_DIAG, &s->nl, NULL);

	if (r >= 0)
		r = nl_ask(s->nl, SOCK_DIAG_BY_FAMILY, 0, req, len, NULL);
	if (r >= 0)
		r = nl_next(s->nl, ret, NULL);
	return r == -ENOENT || r == -ESTALE ? 0 : r == 0 ? -EBADMSG : r;
}

/* Unix sockets are found by inode and cookie. */
static bool has_ended_unix(struct still *s, const struct row *row)
{
	struct unix_diag_req req = { .sdiag_family = AF_UNIX, .udiag_states = UINT32_MAX };
	const struct nlmsghdr *nlh;
	struct unix_diag_msg msg;

	memcpy(&msg, row->seg[SEG_UNIX_MSG], sizeof(msg));
	req.udiag_ino = msg.udiag_ino;
	memcpy(req.udiag_cookie, msg.udiag_cookie, sizeof(req.udiag_cookie));
	return ask(s, &req, sizeof(req), &nlh) == 0;
}

static bool has_ended_inet(struct still *s, const struct row *row)
{
	struct inet_diag_req_v2 req = { .idiag_states = UINT32_MAX };
	bool is_tcp = row_dump(row)->table == TABLE_TCP;
	uint64_t state = field_u64(row, F_STATE, 0);
	const struct nlmsghdr *nlh;
	struct inet_diag_msg msg, found;
	bool is_connected;
	int r;

	memcpy(&msg, row->seg[SEG_INET_MSG], sizeof(msg));
	is_connected = is_tcp && STATE(state) & CONNECTED;
	if (is_tcp && !is_connected && state != K_TCP_LISTEN) /* it is found by nothing */
		return false;
	req.sdiag_family = msg.idiag_family;
	req.sdiag_protocol = is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	req.id = msg.id;
	if (!is_tcp) { /* as for a packet that comes in */
		req.id.idiag_sport = msg.id.idiag_dport;
		req.id.idiag_dport = msg.id.idiag_sport;
		memcpy(req.id.idiag_src, msg.id.idiag_dst, sizeof(req.id.idiag_src));
		memcpy(req.id.idiag_dst, msg.id.idiag_src, sizeof(req.id.idiag_dst));
	}
	if (!is_connected) /* whichever the kernel finds: only if there is none it has surely ended */
		req.id.idiag_cookie[0] = req.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	r = ask(s, &req, sizeof(req), &nlh);
	if (r != 1 || !is_connected || nlh->nlmsg_len < NLMSG_LENGTH(sizeof(found)))
		return r == 0;
	memcpy(&found, (const char *)nlh + NLMSG_HDRLEN, sizeof(found));
	return found.idiag_inode != msg.idiag_inode;
}

bool still_has_ended(struct still *s, const struct row *row)
{
	switch (row_dump(row)->table) {
	case TABLE_UNIX_STREAM:
	case TABLE_UNIX_DGRAM:
	case TABLE_UNIX_SEQPACKET: return row_has(row, SEG_UNIX_MSG) && has_ended_unix(s, row);
	case TABLE_TCP:
	case TABLE_UDP: return row_has(row, SEG_INET_MSG) && has_ended_inet(s, row);
	default: return false;
	}
}
