/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/tcp_count.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	STATE_FIN_WAIT_1 = 4,
	STATE_FIN_WAIT_2 = 5,
	STATE_LAST_ACK = 9,
	STATE_CLOSING = 11,
	STATE_BOUND_INACTIVE = 13,
	TIMER_TIME_WAIT = 3,
	BUF_LEN = 32 * 1024,
};

struct dump {
	uint32_t states; /* bits 1 << STATE_... */
	bool (*counts)(const struct inet_diag_msg *m);
	int64_t n;
};

static void mnl_closep(struct mnl_socket **nl)
{
	if (*nl)
		(void)mnl_socket_close(*nl);
}

static int count_message(const struct nlmsghdr *nlh, void *data)
{
	struct dump *d = data;
	struct inet_diag_msg m;

	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
		return MNL_CB_OK;
	memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	if (d->counts(&m))
		d->n++;
	return MNL_CB_OK;
}

/* Adds to @d->n the TCP sockets of @family that it describes. */
static int count_family(struct mnl_socket *nl, uint8_t family, struct dump *d)
{
	_Alignas(struct nlmsghdr) char buf[BUF_LEN];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = family;
	*req = (struct inet_diag_req_v2){ .sdiag_family = family,
					  .sdiag_protocol = IPPROTO_TCP,
					  .idiag_states = d->states };
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		int r;

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len < 0 ? -errno : -EPROTO;
		r = mnl_cb_run(buf, (size_t)len, family, mnl_socket_get_portid(nl), count_message, d);
		if (r < 0)
			return -errno;
		if (r == MNL_CB_STOP)
			return 0;
	}
}

static int count(struct dump *d, int64_t *ret)
{
	_cleanup_(mnl_closep) struct mnl_socket *nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int r;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	r = count_family(nl, AF_INET, d);
	if (r == 0)
		r = count_family(nl, AF_INET6, d);
	if (r == -ENOENT) /* no IPv6 */
		r = 0;
	if (r == 0)
		*ret = d->n;
	return r;
}

/* A FIN-WAIT-2 without the memory of a socket is among TIME-WAIT's. */
static bool is_orphan(const struct inet_diag_msg *m)
{
	return m->idiag_inode == 0 && m->idiag_timer != TIMER_TIME_WAIT;
}

static bool is_any(const struct inet_diag_msg *m)
{
	return m->idiag_family == AF_INET || m->idiag_family == AF_INET6;
}

int tcp_count_orphans(int64_t *ret, struct err *e)
{
	struct dump d = { .counts = is_orphan };
	int r;

	d.states =
		1u << STATE_FIN_WAIT_1 | 1u << STATE_FIN_WAIT_2 | 1u << STATE_LAST_ACK | 1u << STATE_CLOSING;
	r = count(&d, ret);
	return r < 0 ? err_sys(e, r, "counting orphaned TCP sockets") : 0;
}

int tcp_count_bound(int64_t *ret, struct err *e)
{
	struct dump d = { .states = 1u << STATE_BOUND_INACTIVE, .counts = is_any };
	int r = count(&d, ret);

	return r < 0 ? err_sys(e, r, "counting bound TCP sockets") : 0;
}
