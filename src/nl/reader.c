/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "nl/reader.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/ahead.h"

struct reader {
	int fd;
	struct ahead *ahead;
};

ssize_t nl_receive(int fd, void *buf, size_t cap, int flags)
{
	struct sockaddr_nl from = {};
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do { /* what another process sent is no answer */
		n = recvmsg(fd, &msg, flags);
	} while (n >= 0 && msg.msg_namelen == sizeof(from) && from.nl_pid != 0);
	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return msg.msg_namelen == sizeof(from) && from.nl_family == AF_NETLINK ? n : -EBADMSG;
}

/* Whether the thread has to read no further: the answer ends here, or makes no sense. */
static bool is_last(const char *buf, ssize_t len)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
	int left = (int)len;

	if (left <= 0)
		return true;
	for (; left > 0; nlh = mnl_nlmsg_next(nlh, &left)) {
		if (!mnl_nlmsg_ok(nlh, left) || nlh->nlmsg_type == NLMSG_DONE ||
		    nlh->nlmsg_type == NLMSG_ERROR)
			return true;
	}
	return false;
}

static ssize_t read_one(void *ctx, char *buf, size_t cap, bool *ret_is_last)
{
	const struct reader *r = ctx;
	ssize_t n = nl_receive(r->fd, buf, cap, MSG_DONTWAIT);

	*ret_is_last = is_last(buf, n);
	return n;
}

int reader_next(struct reader *r, const char **ret, ssize_t *ret_len)
{
	return ahead_next(r->ahead, ret, ret_len);
}

struct reader *reader_stop(struct reader *r)
{
	if (r)
		(void)ahead_stop(r->ahead);
	free(r);
	return NULL;
}

struct reader *reader_start(int fd, size_t cap)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->fd = fd;
	r->ahead = ahead_start(read_one, r, cap);
	return r->ahead ? r : reader_stop(r);
}
