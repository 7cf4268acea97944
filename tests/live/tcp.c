/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * TCP sockets at rest: listeners of every sort, connections with and without
 * data in their queues, half closed ones, bound ones that do nothing.
 */

#include "mksock.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void report_listener(const char *kind, int fd, long long waiting, long long backlog)
{
	report(&(struct made){
		.kind = kind, .table = "tcp", .state = "LISTEN", .fd = fd, .rq = waiting, .sq = backlog });
}

static void report_estab(const char *kind, int fd, long long rq, long long sq)
{
	report(&(struct made){
		.kind = kind, .table = "tcp", .state = "ESTAB", .fd = fd, .rq = rq, .sq = sq });
}

static int v6_listener(uint16_t port, bool only, int backlog)
{
	int fd = must(inet_socket("::", SOCK_STREAM, 0), "tcp socket");

	must(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, only), "IPV6_V6ONLY");
	must(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	must(inet_bind(fd, "::", port), "::");
	must(listen(fd, backlog), "listen");
	return fd;
}

static void make_listeners(void)
{
	report_listener("listen.any", tcp_listener("0.0.0.0", 22, 128), 0, 128);
	report_listener("listen.lo", tcp_listener("127.0.0.1", 8080, 5), 0, 5);
	report_listener("listen.high", tcp_listener("0.0.0.0", 65000, 4096), 0, 4096);
	report_listener("listen.v6", tcp_listener("::1", 4433, 16), 0, 16);
	report_listener("listen.v6only", v6_listener(81, true, 10), 0, 10);
	report_listener("listen.https", tcp_listener("127.0.0.2", 443, 64), 0, 64);
}

static void make_mapped(void)
{
	int listener = v6_listener(80, false, 128), client, server;

	report_listener("listen.dual", listener, 0, 128);
	tcp_pair(listener, "::ffff:127.0.0.1", 40010, &client, &server);
	report_estab("mapped.client", client, 0, 0);
	report_estab("mapped.server", server, 0, 0);
	tcp_pair(listener, "127.0.0.1", 40011, &client, &server);
	report_estab("mapped.v4client", client, 0, 0);
	report_estab("mapped.v4server", server, 0, 0);
	tcp_pair(listener, "::1", 40012, &client, &server);
	exchange(client, server, 300);
	report_estab("estab6.client", client, 0, 0);
	report_estab("estab6.server", server, 0, 0);
}

static void make_full_backlog(void)
{
	int listener = tcp_listener("127.0.0.1", 7000, 2), client[3];

	for (int i = 0; i < 3; i++) {
		client[i] = tcp_dial("127.0.0.1", (uint16_t)(40020 + i), "127.0.0.1", 7000);
		tcp_wait_state(client[i], ST_ESTABLISHED, "a connection in the backlog");
		tcp_wait_ports(7000, (uint16_t)(40020 + i), ST_ESTABLISHED, "the other end of it");
	}
	report_listener("backlog.listener", listener, 3, 2);
	for (int i = 0; i < 3; i++)
		report_estab("backlog.client", client[i], 0, 0);
}

static void make_established(void)
{
	int listener = tcp_listener("127.0.0.1", 7001, 8), client, server;

	tcp_pair(listener, "127.0.0.1", 40001, &client, &server);
	exchange(client, server, 1000);
	exchange(server, client, 2000);
	report_estab("estab.client", client, 0, 0);
	report_estab("estab.server", server, 0, 0);
	tcp_pair(listener, "127.0.0.1", 40002, &client, &server);
	send_wait(client, server, 1111);
	send_wait(server, client, 77);
	report_estab("unread.client", client, 77, 0);
	report_estab("unread.server", server, 1111, 0);
}

/* Needs the two addresses on some device: the examples of the manual use them. */
static void make_named_hosts(void)
{
	int fd = must(inet_socket("192.168.1.100", SOCK_STREAM, 0), "tcp socket"), client, server, listener;

	if (inet_bind(fd, "192.168.1.100", 0) < 0) {
		skip("hosts", "192.168.1.100: %s", strerror(errno));
		(void)close(fd);
		return;
	}
	(void)close(fd);
	listener = tcp_listener("192.168.1.100", 1080, 8);
	tcp_pair(listener, "192.168.1.10", 41000, &client, &server);
	report_estab("hosts.client", client, 0, 0);
	report_estab("hosts.server", server, 0, 0);
	listener = tcp_listener("192.168.1.100", 25, 8);
	tcp_pair(listener, "192.168.1.10", 41001, &client, &server);
	report_estab("hosts.client", client, 0, 0);
	report_estab("hosts.server", server, 0, 0);
}

static void make_half_closed(void)
{
	int listener = tcp_listener("127.0.0.1", 7002, 8), client, server;

	tcp_pair(listener, "127.0.0.1", 40005, &client, &server);
	must(shutdown(client, SHUT_WR), "shutdown");
	tcp_wait_state(client, ST_FIN_WAIT2, "FIN-WAIT-2");
	tcp_wait_state(server, ST_CLOSE_WAIT, "CLOSE-WAIT");
	report_fd("halfclosed.client", "tcp", "FIN-WAIT-2", client);
	report(&(struct made){ .kind = "halfclosed.server",
			       .table = "tcp",
			       .state = "CLOSE-WAIT",
			       .fd = server,
			       .rq = 1,
			       .sq = 0 });
	tcp_pair(listener, "127.0.0.1", 40006, &client, &server);
	must(shutdown(client, SHUT_RD), "shutdown");
	report_estab("readshut.client", client, 0, 0);
	report_estab("readshut.server", server, 0, 0);
}

static void make_bound(void)
{
	report_fd("bound.v4", "tcp", "UNCONN", tcp_bound("127.0.0.1", 7190));
	report_fd("bound.v6", "tcp", "UNCONN", tcp_bound("::1", 7191));
	report_fd("bound.any", "tcp", "UNCONN", tcp_bound("0.0.0.0", 7192));
}

static int repair_option(int fd, int option, int value)
{
	return set_int(fd, IPPROTO_TCP, option, value);
}

/* A connection under repair needs no peer: it holds unread bytes and no timer ever runs. */
static void make_repair(void)
{
	const char zeros[321] = {};
	int fd = tcp_bound("127.0.0.1", 40030);

	if (repair_option(fd, TCP_REPAIR, 1) < 0) {
		skip("repair", "TCP_REPAIR: %s", strerror(errno));
		(void)close(fd);
		return;
	}
	must(inet_connect(fd, "127.0.0.1", 7003), "connect under repair");
	must(repair_option(fd, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE), "TCP_REPAIR_QUEUE");
	if (send(fd, zeros, sizeof(zeros), 0) != sizeof(zeros))
		die("queueing received bytes: %s", strerror(errno));
	report_estab("repair.estab", fd, sizeof(zeros), 0);
}

static void make_device(void)
{
	struct {
		const char *kind, *addr;
		uint16_t port;
	} want[] = { { "device.v4", "127.0.0.1", 53 },
		     { "device.any4", "0.0.0.0", 9701 },
		     { "device.v6", "::1", 9700 },
		     { "device.any6", "::", 9702 } };

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		int fd = must(inet_socket(want[i].addr, SOCK_STREAM, 0), "tcp socket");

		if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0) {
			skip(want[i].kind, "SO_BINDTODEVICE: %s", strerror(errno));
			(void)close(fd);
			continue;
		}
		must(inet_bind(fd, want[i].addr, want[i].port), want[i].addr);
		must(listen(fd, 9), "listen");
		report(&(struct made){ .kind = want[i].kind,
				       .table = "tcp",
				       .state = "LISTEN",
				       .fd = fd,
				       .rq = 0,
				       .sq = 9,
				       .note = "lo" });
	}
}

const struct scenario tcp_scenarios[] = {
	{ "listen", false, make_listeners },     { "mapped", false, make_mapped },
	{ "backlog", false, make_full_backlog }, { "established", false, make_established },
	{ "hosts", false, make_named_hosts },    { "halfclosed", false, make_half_closed },
	{ "bound", false, make_bound },          { "repair", false, make_repair },
	{ "device", false, make_device },        {},
};
