/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-drain [EXTENSIONS [STATES]]
 *
 * Receives the dumps of all TCP sockets and throws them away: what any program
 * that lists them over netlink has to wait for. EXTENSIONS are the bits of
 * inet_diag_req_v2.idiag_ext. Prints the number of messages.
 */

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static _Alignas(struct nlmsghdr) char buf[65536];

/* Counts the messages of one read; true when they end the dump. */
static bool is_end(const char *p, size_t len, unsigned long *n)
{
	struct nlmsghdr nlh;

	while (len >= sizeof(nlh)) {
		memcpy(&nlh, p, sizeof(nlh));
		if (nlh.nlmsg_len < sizeof(nlh) || NLMSG_ALIGN(nlh.nlmsg_len) > len)
			break;
		if (nlh.nlmsg_type == NLMSG_DONE)
			return true;
		if (nlh.nlmsg_type == NLMSG_ERROR)
			break;
		++*n;
		p += NLMSG_ALIGN(nlh.nlmsg_len);
		len -= NLMSG_ALIGN(nlh.nlmsg_len);
		if (!len)
			return false;
	}
	fprintf(stderr, "the kernel refused, or its answer makes no sense\n");
	exit(1);
}

static unsigned long drain(int fd, uint8_t family, uint8_t extensions, uint32_t states)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
	} ask = {
		.nlh = { .nlmsg_len = sizeof(ask),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.req = { .sdiag_family = family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_ext = extensions,
			 .idiag_states = states },
	};
	unsigned long n = 0;
	ssize_t len;

	if (send(fd, &ask, sizeof(ask), 0) < 0) {
		perror("send");
		exit(1);
	}
	do {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len <= 0) {
			perror("recv");
			exit(1);
		}
	} while (!is_end(buf, (size_t)len, &n));
	return n;
}

int main(int argc, char **argv)
{
	uint8_t extensions = argc > 1 ? (uint8_t)strtoul(argv[1], NULL, 0) : 0;
	uint32_t states = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0x1fff;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	unsigned long n;

	if (fd < 0) {
		perror("socket");
		return 1;
	}
	n = drain(fd, AF_INET, extensions, states);
	n += drain(fd, AF_INET6, extensions, states);
	printf("%lu\n", n);
	return 0;
}
