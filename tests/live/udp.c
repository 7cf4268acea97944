/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * UDP and raw sockets.
 */

#include "mksock.h"

#include <netinet/icmp6.h>
#include <string.h>
#include <unistd.h>

static int udp_bound(const char *addr, uint16_t port)
{
	int fd = must(inet_socket(addr, SOCK_DGRAM, 0), "udp socket");

	must(inet_bind(fd, addr, port), addr);
	return fd;
}

static void make_udp(void)
{
	int fd;

	report_fd("udp.any", "udp", "UNCONN", udp_bound("0.0.0.0", 68));
	report_fd("udp.lo", "udp", "UNCONN", udp_bound("127.0.0.1", 5353));
	report_fd("udp.v6", "udp", "UNCONN", udp_bound("::1", 546));
	report_fd("udp.dual", "udp", "UNCONN", udp_bound("::", 5355));
	fd = must(inet_socket("::", SOCK_DGRAM, 0), "udp socket");
	must(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1), "IPV6_V6ONLY");
	must(inet_bind(fd, "::", 5356), "::");
	report_fd("udp.v6only", "udp", "UNCONN", fd);
	fd = udp_bound("127.0.0.1", 40600);
	must(inet_connect(fd, "127.0.0.1", 5353), "connect");
	report_fd("udp.connected", "udp", "ESTAB", fd);
	fd = udp_bound("::1", 40601);
	must(inet_connect(fd, "::1", 546), "connect");
	report_fd("udp.connected6", "udp", "ESTAB", fd);
}

static void make_udp_unread(void)
{
	int to = udp_bound("127.0.0.1", 5000), from = udp_bound("127.0.0.1", 40602);

	must(inet_connect(from, "127.0.0.1", 5000), "connect");
	send_wait(from, to, 100);
	report_fd("udp.unread", "udp", "UNCONN", to);
	report_fd("udp.sender", "udp", "ESTAB", from);
}

static void make_udp_options(void)
{
	static const struct {
		const char *kind, *addr;
		uint16_t port;
		int level, option, value;
	} want[] = {
		{ "udp.mark", "127.0.0.1", 5001, SOL_SOCKET, SO_MARK, 7 },
		{ "udp.tos", "127.0.0.1", 5002, IPPROTO_IP, IP_TOS, 0xb8 },
		{ "udp.tclass", "::1", 5003, IPPROTO_IPV6, IPV6_TCLASS, 0x20 },
		{ "udp.priority", "127.0.0.1", 5004, SOL_SOCKET, SO_PRIORITY, 3 },
		{ "udp.noloop", "127.0.0.1", 5005, IPPROTO_IP, IP_MULTICAST_LOOP, 0 },
		{ "udp.nomcall", "127.0.0.1", 5006, IPPROTO_IP, IP_MULTICAST_ALL, 0 },
		{ "udp.recverr", "127.0.0.1", 5007, IPPROTO_IP, IP_RECVERR, 1 },
		{ "udp.freebind", "198.51.100.8", 5008, IPPROTO_IP, IP_FREEBIND, 1 },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		int fd = must(inet_socket(want[i].addr, SOCK_DGRAM, 0), "udp socket");

		if (set_int(fd, want[i].level, want[i].option, want[i].value) < 0) {
			skip(want[i].kind, "setsockopt: %s", strerror(errno));
			(void)close(fd);
			continue;
		}
		must(inet_bind(fd, want[i].addr, want[i].port), want[i].addr);
		report_fd(want[i].kind, "udp", "UNCONN", fd);
	}
}

static void make_udp_device(void)
{
	int fd = must(inet_socket("127.0.0.1", SOCK_DGRAM, 0), "udp socket");

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0) {
		skip("udp.device", "SO_BINDTODEVICE: %s", strerror(errno));
		(void)close(fd);
		return;
	}
	must(inet_bind(fd, "127.0.0.1", 5010), "127.0.0.1");
	report(&(struct made){ .kind = "udp.device",
			       .table = "udp",
			       .state = "UNCONN",
			       .fd = fd,
			       .rq = 0,
			       .sq = 0,
			       .note = "lo" });
}

/* A raw socket that takes no packet, so that what else happens in the namespace does not show. */
static int raw_socket(const char *kind, int family, int protocol)
{
	struct icmp6_filter none;
	uint32_t none4 = ~0u;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0) {
		skip(kind, "socket: %s", strerror(errno));
		return -1;
	}
	ICMP6_FILTER_SETBLOCKALL(&none);
	if (protocol == IPPROTO_ICMPV6)
		must(setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &none, sizeof(none)), "ICMP6_FILTER");
	if (protocol == IPPROTO_ICMP)
		must(setsockopt(fd, SOL_RAW, 1 /* ICMP_FILTER */, &none4, sizeof(none4)), "ICMP_FILTER");
	return fd;
}

static void make_raw(void)
{
	int fd;

	if ((fd = raw_socket("raw.icmp", AF_INET, IPPROTO_ICMP)) >= 0)
		report_fd("raw.icmp", "raw", "UNCONN", fd);
	if ((fd = raw_socket("raw.icmpv6", AF_INET6, IPPROTO_ICMPV6)) >= 0)
		report_fd("raw.icmpv6", "raw", "UNCONN", fd);
	if ((fd = raw_socket("raw.bound", AF_INET, 89)) >= 0) {
		must(inet_bind(fd, "127.0.0.1", 0), "127.0.0.1");
		report_fd("raw.bound", "raw", "UNCONN", fd);
	}
	if ((fd = raw_socket("raw.connected", AF_INET, 253)) >= 0) {
		must(inet_connect(fd, "127.0.0.1", 0), "connect");
		report_fd("raw.connected", "raw", "ESTAB", fd);
	}
	if ((fd = raw_socket("raw.raw", AF_INET, IPPROTO_RAW)) >= 0)
		report_fd("raw.raw", "raw", "UNCONN", fd);
}

const struct scenario udp_scenarios[] = {
	{ "udp", false, make_udp },
	{ "udp-unread", false, make_udp_unread },
	{ "udp-options", false, make_udp_options },
	{ "udp-device", false, make_udp_device },
	{ "raw", false, make_raw },
	{},
};
