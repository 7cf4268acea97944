/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-drain [-v] TABLE[:EXTENSIONS[:STATES]]...
 *
 * Receives the dumps of these tables (tcp, udp, raw, unix) and throws them
 * away: what any program that lists them over netlink has to wait for.
 * EXTENSIONS are the bits of inet_diag_req_v2.idiag_ext, or of
 * unix_diag_req.udiag_show. Prints the number of messages; with -v, also the
 * local and the peer address of each over IPv4.
 */

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static _Alignas(struct nlmsghdr) char buf[65536];
static bool is_verbose;

struct table {
	const char *name;
	uint8_t protocol;
};

static const struct table tables[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "raw", IPPROTO_RAW },
	{ "unix", 0 },
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void show(const struct inet_diag_msg *m)
{
	char src[INET_ADDRSTRLEN], dst[INET_ADDRSTRLEN];

	if (m->idiag_family == AF_INET && inet_ntop(AF_INET, m->id.idiag_src, src, sizeof(src)) &&
	    inet_ntop(AF_INET, m->id.idiag_dst, dst, sizeof(dst)))
		printf("%s:%u %s:%u\n", src, ntohs(m->id.idiag_sport), dst, ntohs(m->id.idiag_dport));
}

/* Counts the messages of one read; true when they end the dump. */
static bool is_end(const char *p, size_t len, unsigned long *n)
{
	struct inet_diag_msg m;
	struct nlmsghdr nlh;

	while (len >= sizeof(nlh)) {
		memcpy(&nlh, p, sizeof(nlh));
		if (nlh.nlmsg_len < sizeof(nlh) || NLMSG_ALIGN(nlh.nlmsg_len) > len)
			break;
		if (nlh.nlmsg_type == NLMSG_DONE)
			return true;
		if (nlh.nlmsg_type == NLMSG_ERROR)
			break;
		if (is_verbose && nlh.nlmsg_len >= sizeof(nlh) + sizeof(m)) {
			memcpy(&m, p + sizeof(nlh), sizeof(m));
			show(&m);
		}
		++*n;
		p += NLMSG_ALIGN(nlh.nlmsg_len);
		len -= NLMSG_ALIGN(nlh.nlmsg_len);
		if (!len)
			return false;
	}
	fprintf(stderr, "the kernel refused, or its answer makes no sense\n");
	exit(1);
}

static unsigned long receive(int fd)
{
	unsigned long n = 0;
	ssize_t len;

	do {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len <= 0)
			die("recv");
	} while (!is_end(buf, (size_t)len, &n));
	return n;
}

static unsigned long drain_inet(int fd, uint8_t family, uint8_t protocol, const uint32_t bits[2])
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
	} ask = {
		.nlh = { .nlmsg_len = sizeof(ask),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.req = { .sdiag_family = family,
			 .sdiag_protocol = protocol,
			 .idiag_ext = (uint8_t)bits[0],
			 .idiag_states = bits[1] },
	};

	if (send(fd, &ask, sizeof(ask), 0) < 0)
		die("send");
	return receive(fd);
}

static unsigned long drain_unix(int fd, const uint32_t bits[2])
{
	struct {
		struct nlmsghdr nlh;
		struct unix_diag_req req;
	} ask = {
		.nlh = { .nlmsg_len = sizeof(ask),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.req = { .sdiag_family = AF_UNIX, .udiag_states = bits[1], .udiag_show = bits[0] },
	};

	if (send(fd, &ask, sizeof(ask), 0) < 0)
		die("send");
	return receive(fd);
}

static unsigned long drain(int fd, const char *what)
{
	uint32_t bits[2] = { 0, 0x1fff };
	size_t len = strcspn(what, ":");
	char *end;

	if (what[len]) {
		bits[0] = (uint32_t)strtoul(what + len + 1, &end, 0);
		if (*end)
			bits[1] = (uint32_t)strtoul(end + 1, NULL, 0);
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const struct table *t = &tables[i];

		if (strlen(t->name) != len || strncmp(t->name, what, len) != 0)
			continue;
		if (!t->protocol)
			return drain_unix(fd, bits);
		return drain_inet(fd, AF_INET, t->protocol, bits) +
		       drain_inet(fd, AF_INET6, t->protocol, bits);
	}
	fprintf(stderr, "usage: bench-drain [-v] TABLE[:EXTENSIONS[:STATES]]...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	unsigned long n = 0;

	if (fd < 0)
		die("socket");
	is_verbose = argc > 1 && !strcmp(argv[1], "-v");
	for (int i = 1 + is_verbose; i < argc; i++)
		n += drain(fd, argv[i]);
	printf("%lu\n", n);
	return 0;
}
