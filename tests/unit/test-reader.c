/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Reading ahead: the answers of the kernel to a real dump, read into buffers
 * so small that the ring goes round several times.
 */

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "nl/nl.h"
#include "nl/reader.h"

enum { SMALL = 4096, SOCKETS = 12000 };

static const struct unix_diag_req all_unix = {
	.sdiag_family = AF_UNIX,
	.udiag_states = ~0u,
	.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO,
};

static struct mnl_socket *ask(uint16_t flags)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	CHECK(s && !mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID));
	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(all_unix)), &all_unix, sizeof(all_unix));
	CHECK(mnl_socket_sendto(s, nlh, nlh->nlmsg_len) > 0);
	return s;
}

/* Counts the rows in a buffer; true when it ends the answer, with an error in *@ret_error. */
static bool count_rows(const char *buf, ssize_t len, unsigned int *rows, int *ret_error)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;

	for (int left = (int)len; left > 0; nlh = mnl_nlmsg_next(nlh, &left)) {
		CHECK(mnl_nlmsg_ok(nlh, left));
		if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
			memcpy(ret_error, mnl_nlmsg_get_payload(nlh), sizeof(*ret_error));
			return true;
		}
		++*rows;
	}
	return false;
}

static unsigned int count_alone(void)
{
	_Alignas(struct nlmsghdr) char buf[SMALL];
	struct mnl_socket *s = ask(NLM_F_DUMP);
	unsigned int n = 0;
	int error = 1;
	ssize_t len;

	do {
		len = nl_receive(mnl_socket_get_fd(s), buf, sizeof(buf), 0);
		CHECK(len > 0);
	} while (!count_rows(buf, len, &n, &error));
	CHECK(error == 0);
	(void)mnl_socket_close(s);
	return n;
}

static void check_all(unsigned int n_expected)
{
	struct mnl_socket *s = ask(NLM_F_DUMP);
	struct reader *r = reader_start(mnl_socket_get_fd(s), SMALL);
	unsigned int n = 0, n_buffers = 0;
	bool is_end = false;
	int error = 1;
	const char *p;
	ssize_t len;

	CHECK(r);
	while (reader_next(r, &p, &len)) {
		CHECK(len > 0 && !is_end);
		is_end = count_rows(p, len, &n, &error);
		n_buffers++;
	}
	CHECK(is_end && error == 0);
	CHECK(n == n_expected);
	CHECK(n_buffers > 40);
	CHECK(!reader_next(r, &p, &len));
	CHECK(!reader_stop(r));
	(void)mnl_socket_close(s);
}

/* Stopping is possible at any time, and what the kernel had ready before is lost, nothing else. */
static void check_stop(unsigned int n_buffers)
{
	struct mnl_socket *s = ask(NLM_F_DUMP);
	struct reader *r = reader_start(mnl_socket_get_fd(s), SMALL);
	const char *p;
	ssize_t len;

	CHECK(r);
	for (unsigned int i = 0; i < n_buffers; i++)
		CHECK(reader_next(r, &p, &len) == 1 && len > 0);
	CHECK(!reader_stop(r));
	(void)mnl_socket_close(s);
}

static void check_silence(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	struct reader *r;
	const char *p;
	ssize_t len;

	CHECK(s && !mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID));
	r = reader_start(mnl_socket_get_fd(s), SMALL);
	CHECK(r && !reader_next(r, &p, &len));
	CHECK(!reader_stop(r));
	(void)mnl_socket_close(s);
}

static void check_errors(void)
{
	struct mnl_socket *s = ask(NLM_F_ACK); /* no such socket: an error, not a dump */
	struct reader *r = reader_start(mnl_socket_get_fd(s), SMALL);
	unsigned int n = 0;
	int error = 0;
	const char *p;
	ssize_t len;

	CHECK(r && reader_next(r, &p, &len) == 1 && len > 0);
	CHECK(count_rows(p, len, &n, &error) && error < 0 && !n);
	CHECK(!reader_next(r, &p, &len));
	CHECK(!reader_stop(r));
	(void)mnl_socket_close(s);

	r = reader_start(-1, SMALL);
	CHECK(r && reader_next(r, &p, &len) == 1 && len == -EBADF);
	CHECK(!reader_next(r, &p, &len));
	CHECK(!reader_stop(r));

	s = ask(NLM_F_DUMP);
	r = reader_start(mnl_socket_get_fd(s), 32); /* no message fits */
	CHECK(r && reader_next(r, &p, &len) == 1 && len == -EMSGSIZE);
	CHECK(!reader_stop(r));
	(void)mnl_socket_close(s);
}

/* A dump long enough for nl.c to use a reader, asked again while it runs, and closed while it runs. */
static void check_nl(unsigned int n_expected)
{
	const struct nlmsghdr *nlh;
	struct nl *nl = NULL;
	struct err e;
	int r;

	CHECK(nl_open(NETLINK_SOCK_DIAG, &nl, &e) == 0);
	for (unsigned int stop_at = 1000; stop_at <= n_expected + 1000; stop_at += 1000) {
		unsigned int n = 0;

		CHECK(nl_ask(nl, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &all_unix, sizeof(all_unix), &e) == 0);
		while (n < stop_at && (r = nl_next(nl, &nlh, &e)) > 0)
			n++;
		CHECK(n == (stop_at < n_expected ? stop_at : n_expected));
		if (n == stop_at) { /* the kernel wants no second question now, but on another socket */
			nl = nl_close(nl);
			CHECK(nl_open(NETLINK_SOCK_DIAG, &nl, &e) == 0);
		} else {
			CHECK(r == 0);
		}
	}
	CHECK(!nl_close(nl));
}

int main(void)
{
	const struct rlimit limit = { SOCKETS + 64, SOCKETS + 64 };
	unsigned int n;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0 || CPU_COUNT(&set) < 2) {
		fprintf(stderr, "there is one core only, on which nothing is read ahead\n");
		return 77;
	}
	/* In a namespace of its own, where the number of sockets stands still. */
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		fprintf(stderr, "no network namespace can be made\n");
		return 77;
	}
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < SOCKETS; i++) {
		if (socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0) {
			fprintf(stderr, "so many sockets cannot be had\n");
			return 77;
		}
	}
	n = count_alone();
	CHECK(n == SOCKETS);
	check_all(n);
	for (unsigned int i = 0; i < 40; i += 3)
		check_stop(i);
	check_silence();
	check_errors();
	check_nl(n);
	return 0;
}
