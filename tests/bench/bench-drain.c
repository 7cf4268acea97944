/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-drain [-v | -s] TABLE[:EXTENSIONS[:STATES]]...
 *
 * Receives the dumps of these tables (tcp, udp, raw, unix) and throws them
 * away: what any program that lists them over netlink has to wait for.
 * EXTENSIONS are the bits of inet_diag_req_v2.idiag_ext, or of
 * unix_diag_req.udiag_show. Prints the number of messages; with -v, also the
 * local and the peer address of each over IPv4; with -s, two threads receive
 * them, each those of half of the local ports, as far as the first thousand
 * sockets tell where the middle is.
 */

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SAMPLE_MAX = 1000 };

/* Of one thread. */
static _Thread_local _Alignas(struct nlmsghdr) char buf[65536];
static bool is_verbose, is_split;

struct ports {
	uint16_t from, to;
};

static const struct ports all_ports = { 0, UINT16_MAX };

/* The dump of one table, or of the part of it that has these ports. */
struct part {
	uint8_t protocol;
	uint32_t bits[2]; /* extensions, states */
	struct ports ports;
	unsigned long n;
};

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

static int diag_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		die("socket");
	return fd;
}

static void ask_inet(int fd, uint8_t family, const struct part *part)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
		struct nlattr attr;
		struct inet_diag_bc_op ops[4];
	} ask = {
		.nlh = { .nlmsg_len = sizeof(ask),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.req = { .sdiag_family = family,
			 .sdiag_protocol = part->protocol,
			 .idiag_ext = (uint8_t)part->bits[0],
			 .idiag_states = part->bits[1] },
		.attr = { .nla_len = sizeof(ask.attr) + sizeof(ask.ops), .nla_type = INET_DIAG_REQ_BYTECODE },
		.ops = { { .code = INET_DIAG_BC_S_GE, .yes = 8, .no = 20 },
			 { .no = part->ports.from },
			 { .code = INET_DIAG_BC_S_LE, .yes = 8, .no = 12 },
			 { .no = part->ports.to } },
	};

	if (!memcmp(&part->ports, &all_ports, sizeof(all_ports)))
		ask.nlh.nlmsg_len = offsetof(typeof(ask), attr);
	if (send(fd, &ask, ask.nlh.nlmsg_len, 0) < 0)
		die("send");
}

static unsigned long drain_inet(int fd, const struct part *part)
{
	unsigned long n;

	ask_inet(fd, AF_INET, part);
	n = receive(fd);
	ask_inet(fd, AF_INET6, part);
	return n + receive(fd);
}

static void *drain_part(void *arg)
{
	struct part *part = arg;
	int fd = diag_socket();

	part->n = drain_inet(fd, part);
	(void)close(fd);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The port, of those that are sorted, from which on are most nearly half of them; 0 when they are all the
 * same. */
static uint16_t half_from(const uint16_t *ports, size_t n)
{
	size_t below = n / 2, above = n / 2;

	while (below && below < n && ports[below] == ports[below - 1])
		below--;
	while (above && above < n && ports[above] == ports[above - 1])
		above++;
	if (below && (above >= n || n / 2 - below <= above - n / 2))
		return ports[below];
	return above < n ? ports[above] : 0;
}

/* Adds the local ports that one read tells of; false when they are enough, or all. */
static bool sample(const char *p, size_t len, uint16_t *ports, size_t *n)
{
	struct inet_diag_msg m;
	struct nlmsghdr nlh;

	while (len >= sizeof(nlh) + sizeof(m) && *n < SAMPLE_MAX) {
		memcpy(&nlh, p, sizeof(nlh));
		memcpy(&m, p + sizeof(nlh), sizeof(m));
		if (nlh.nlmsg_type != SOCK_DIAG_BY_FAMILY || nlh.nlmsg_len < sizeof(nlh) + sizeof(m) ||
		    NLMSG_ALIGN(nlh.nlmsg_len) > len)
			return false;
		ports[(*n)++] = ntohs(m.id.idiag_sport);
		p += NLMSG_ALIGN(nlh.nlmsg_len);
		len -= NLMSG_ALIGN(nlh.nlmsg_len);
	}
	return !len && *n < SAMPLE_MAX;
}

/* Where to divide the local ports that a dump begins with, which is then given up. */
static uint16_t middle_port(const struct part *part)
{
	uint16_t ports[SAMPLE_MAX];
	int fd = diag_socket();
	size_t n = 0;
	ssize_t len;

	ask_inet(fd, AF_INET, part);
	do {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len < 0)
			die("recv");
	} while (sample(buf, (size_t)len, ports, &n));
	(void)close(fd);
	qsort(ports, n, sizeof(*ports), by_value);
	return half_from(ports, n);
}

static unsigned long drain_halves(const struct part *whole)
{
	uint16_t middle = middle_port(whole);
	struct part low = *whole, high = *whole;
	pthread_t thread;

	if (!middle) {
		(void)drain_part(&high);
		return high.n;
	}
	low.ports.to = (uint16_t)(middle - 1);
	high.ports.from = middle;
	if (pthread_create(&thread, NULL, drain_part, &low) != 0)
		die("starting a thread");
	(void)drain_part(&high);
	(void)pthread_join(thread, NULL);
	return low.n + high.n;
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
	struct part part = { .bits = { 0, 0x1fff }, .ports = all_ports };
	size_t len = strcspn(what, ":");
	char *end;

	if (what[len]) {
		part.bits[0] = (uint32_t)strtoul(what + len + 1, &end, 0);
		if (*end)
			part.bits[1] = (uint32_t)strtoul(end + 1, NULL, 0);
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const struct table *t = &tables[i];

		if (strlen(t->name) != len || strncmp(t->name, what, len) != 0)
			continue;
		if (!t->protocol)
			return drain_unix(fd, part.bits);
		part.protocol = t->protocol;
		return is_split ? drain_halves(&part) : drain_inet(fd, &part);
	}
	fprintf(stderr, "usage: bench-drain [-v | -s] TABLE[:EXTENSIONS[:STATES]]...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	int fd = diag_socket();
	unsigned long n = 0;

	is_verbose = argc > 1 && !strcmp(argv[1], "-v");
	is_split = argc > 1 && !strcmp(argv[1], "-s");
	for (int i = 1 + (is_verbose || is_split); i < argc; i++)
		n += drain(fd, argv[i]);
	printf("%lu\n", n);
	return 0;
}
