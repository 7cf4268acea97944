/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "nl/nl.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/sv.h"
#include "nl/home.h"
#include "nl/reader.h"

/*
 * The kernel fills at most 32 KiB for one read, but for sockets with BPF
 * storage, whose one message can be longer than that.
 */
enum { BUF = 64 * 1024, BUF_MAX = 64 << 20, SEND_MAX = 72 * 1024, TIMEOUT_S = 60, RCVBUF_EVENTS = 8 << 20 };

/* A dump of more reads than this is worth a thread. */
enum { READS_ALONE = 16 };

struct nl {
	struct mnl_socket *sock;
	uint32_t seq;
	bool is_interrupted, is_asking;
	const struct nlmsghdr *at; /* next message in the buffer */
	int left;                  /* bytes from there */
	size_t cap;
	char *buf;
	bool is_dump, is_long;
	unsigned int n_reads;  /* of this answer, without a reader */
	struct reader *reader; /* NULL unless it is long */
};

struct nl *nl_close(struct nl *nl)
{
	if (!nl)
		return NULL;
	nl->reader = reader_stop(nl->reader);
	if (nl->sock)
		(void)mnl_socket_close(nl->sock);
	free(nl->buf);
	free(nl);
	return NULL;
}

int nl_open(int protocol, struct nl **ret, struct err *e)
{
	_cleanup_(nl_closep) struct nl *nl = calloc(1, sizeof(*nl));
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	int one = 1, r = home_check(e);

	if (r < 0)
		return r;
	if (!nl)
		return err_sys(e, -ENOMEM, "netlink socket");
	nl->cap = BUF;
	nl->buf = malloc(nl->cap);
	if (!nl->buf)
		return err_sys(e, -ENOMEM, "netlink socket");
	nl->sock = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!nl->sock)
		return err_sys(e, -errno, "cannot open a netlink socket");
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return err_sys(e, -errno, "cannot bind a netlink socket");
	/* The text that explains an error, and an end to waiting: good to have, not needed. */
	(void)mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	(void)setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	*ret = take_ptr(nl);
	return 0;
}

int nl_open_in(int netns, int protocol, struct nl **ret, struct err *e)
{
	_cleanup_close_ int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int r = home_check(e), back;

	if (r < 0)
		return r;
	if (home < 0)
		return err_sys(e, -errno, "/proc/thread-self/ns/net");
	r = home_leave(netns);
	if (r < 0)
		return err_sys(e, r, "going into another network namespace");
	r = nl_open(protocol, ret, e);
	back = home_return(home, e);
	if (back < 0 && r >= 0)
		*ret = nl_close(*ret);
	return back < 0 ? back : r;
}

void nl_be_strict(struct nl *nl)
{
	int one = 1;

	(void)mnl_socket_setsockopt(nl->sock, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
}

int nl_join(struct nl *nl, unsigned int group, struct err *e)
{
	int fd = mnl_socket_get_fd(nl->sock), size = RCVBUF_EVENTS;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, -errno, "cannot make a netlink socket wait for nothing");
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return err_sys(e, -errno, "cannot join the netlink group %u", group);
	return 0;
}

int nl_ask(struct nl *nl, uint16_t type, uint16_t flags, const void *body, size_t len, struct err *e)
{
	_cleanup_free_ char *buf = malloc(NLMSG_SPACE(len));
	struct nlmsghdr *nlh;

	if (len > SEND_MAX)
		return err_sys(e, -EMSGSIZE, "netlink request");
	if (!buf)
		return err_sys(e, -ENOMEM, "netlink request");
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	memcpy(mnl_nlmsg_put_extra_header(nlh, len), body, len);
	nl->reader = reader_stop(nl->reader);
	nl->is_dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
	nl->n_reads = 0;
	nl->is_interrupted = false;
	nl->is_asking = true;
	nl->left = 0;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		return err_sys(e, -errno, "cannot ask the kernel");
	return 0;
}

void nl_expect_long(struct nl *nl, bool is_long)
{
	nl->is_long = is_long;
}

/* Makes room for the message that comes next, if there can be. */
static void make_room(struct nl *nl, int fd)
{
	ssize_t n = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
	char *buf;

	if (n <= (ssize_t)nl->cap || n > BUF_MAX)
		return;
	buf = malloc((size_t)n);
	if (!buf)
		return;
	free(nl->buf);
	nl->buf = buf;
	nl->cap = (size_t)n;
}

/* What nl_receive() returns, and in *@ret where the bytes are. */
static ssize_t read_next(struct nl *nl, const char **ret)
{
	int fd = mnl_socket_get_fd(nl->sock);
	ssize_t n;

	if (nl->reader && reader_next(nl->reader, ret, &n))
		return n;
	nl->reader = reader_stop(nl->reader);
	if (nl->is_long)
		make_room(nl, fd);
	*ret = nl->buf;
	n = nl_receive(fd, nl->buf, nl->cap, 0);
	if (n > 0 && nl->is_dump && !nl->is_long && ++nl->n_reads % READS_ALONE == 0)
		nl->reader = reader_start(fd, nl->cap);
	return n;
}

static int receive(struct nl *nl, struct err *e)
{
	const char *p;
	ssize_t n = read_next(nl, &p);

	if (n == -EAGAIN)
		return err_say(e, -ETIMEDOUT, "the kernel did not answer for %d seconds", TIMEOUT_S);
	if (n == -EMSGSIZE)
		return err_say(e, -EMSGSIZE, "a message of the kernel was longer than %zu bytes and is lost",
			       nl->cap);
	if (n < 0)
		return err_sys(e, (int)n, "receiving from the kernel");
	nl->at = (const struct nlmsghdr *)(const void *)p;
	nl->left = (int)n;
	return 0;
}

static int take_words(const struct nlattr *a, void *ret)
{
	if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
		*(struct sv *)ret = sv_fixed(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	return MNL_CB_OK;
}

/* The kernel's own words about an error, if it sent any: they follow the request that it quotes. */
static struct sv extack(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);
	struct sv words = {};

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return sv_n(NULL, 0);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (skip > mnl_nlmsg_get_payload_len(nlh))
		return sv_n(NULL, 0);
	(void)mnl_attr_parse(nlh, (unsigned int)skip, take_words, &words);
	return words;
}

static int fail(int r, struct sv words, struct err *e)
{
	if (words.len)
		return err_say(e, r, "%.*s (%s)", SV_ARG(words), strerror(-r));
	return err_say(e, r, "%s", strerror(-r));
}

/* The status in an error or at a dump's end; -EBADMSG when the message is too short for one. */
static int status(const struct nlmsghdr *nlh, struct err *e)
{
	struct sv words = {};
	int r;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(r))
		return err_say(e, -EBADMSG, "the kernel's answer is cut short");
	memcpy(&r, mnl_nlmsg_get_payload(nlh), sizeof(r));
	if (r == 0)
		return 0;
	if (nlh->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct nlmsgerr))
		words = extack(nlh);
	return fail(r < 0 && r > -4096 ? r : -EBADMSG, words, e);
}

/* The next message of whatever was received, which is received first when need be. Returns 0 or a negative
 * errno. */
static int take_message(struct nl *nl, const struct nlmsghdr **ret, struct err *e)
{
	int r = 0;

	while (!nl->left && (r == 0 || r == -EINTR))
		r = receive(nl, e);
	if (r < 0 && !nl->left)
		return r;
	if (!mnl_nlmsg_ok(nl->at, nl->left)) {
		(void)err_say(e, 0, "the kernel sent a malformed message");
		return -EBADMSG;
	}
	*ret = nl->at;
	nl->at = mnl_nlmsg_next(nl->at, &nl->left);
	if (nl->left < 0)
		nl->left = 0;
	return 0;
}

int nl_next(struct nl *nl, const struct nlmsghdr **ret, struct err *e)
{
	for (;;) {
		const struct nlmsghdr *nlh = NULL;
		int r = take_message(nl, &nlh, e);

		if (r < 0)
			return r;
		if (nlh->nlmsg_seq != nl->seq)
			continue;
		nl->is_interrupted |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
		if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
			nl->is_asking = false;
			return status(nlh, e);
		}
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		*ret = nlh;
		return 1;
	}
}

struct sv nl_ready(const struct nl *nl)
{
	return sv_n(nl->at, nl->left > 0 ? (size_t)nl->left : 0);
}

int nl_wait(struct nl *nl, int fd, const sigset_t *mask, struct err *e)
{
	struct pollfd p[] = { { .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN }, { .fd = fd } };

	if (nl->left)
		return 1;
	if (ppoll(p, ARRAY_SIZE(p), NULL, mask) < 0)
		return err_sys(e, -errno, "waiting for the kernel");
	return p[0].revents != 0;
}

int nl_fd(const struct nl *nl)
{
	return mnl_socket_get_fd(nl->sock);
}

int nl_next_event(struct nl *nl, const struct nlmsghdr **ret, struct err *e)
{
	for (;;) {
		if (!nl->left || !mnl_nlmsg_ok(nl->at, nl->left)) {
			int r = receive(nl, e);

			if (r == -ETIMEDOUT)
				return 0;
			if (r < 0)
				return r;
			continue;
		}
		*ret = nl->at;
		nl->at = mnl_nlmsg_next(nl->at, &nl->left);
		if (nl->left < 0)
			nl->left = 0;
		if ((*ret)->nlmsg_type >= NLMSG_MIN_TYPE)
			return 1;
	}
}

uint32_t nl_dropped(const struct nl *nl)
{
	uint32_t info[SK_MEMINFO_DROPS + 1] = {};
	socklen_t len = sizeof(info);

	if (getsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_MEMINFO, info, &len) < 0 ||
	    len < sizeof(info))
		return 0;
	return info[SK_MEMINFO_DROPS];
}

bool nl_is_interrupted(const struct nl *nl)
{
	return nl->is_interrupted;
}

bool nl_is_asking(const struct nl *nl)
{
	return nl->is_asking;
}
