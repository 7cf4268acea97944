/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * TCP states that a timer drives: what is shown of them changes with time, and
 * some end by themselves after a minute. A closed window holds back a FIN, a
 * full backlog a SYN, a deferred accept the last step of a handshake.
 */

#include "mksock.h"

#include <linux/tcp.h>
#include <string.h>
#include <unistd.h>

enum { SMALL_BUFFER = 4096, FOR_LONG = 100 };

/* A pair on @port whose buffers are so small that filling one direction takes no time. */
static void narrow_pair(uint16_t from_port, uint16_t port, int *ret_client, int *ret_server)
{
	int listener = tcp_bound("127.0.0.1", port), client = tcp_bound("127.0.0.1", from_port);

	must(set_int(listener, SOL_SOCKET, SO_RCVBUF, SMALL_BUFFER), "SO_RCVBUF");
	must(set_int(listener, SOL_SOCKET, SO_SNDBUF, SMALL_BUFFER), "SO_SNDBUF");
	must(set_int(client, SOL_SOCKET, SO_RCVBUF, SMALL_BUFFER), "SO_RCVBUF");
	must(set_int(client, SOL_SOCKET, SO_SNDBUF, SMALL_BUFFER), "SO_SNDBUF");
	must(listen(listener, 1), "listen");
	must(inet_connect(client, "127.0.0.1", port), "connect");
	*ret_server = tcp_accept(listener);
	tcp_wait_state(client, ST_ESTABLISHED, "an established connection");
	*ret_client = client;
	must(close(listener), "close");
}

static void make_syn_sent(void)
{
	int listener = tcp_listener("127.0.0.1", 7500, 0), client[2];
	struct sockaddr_storage peer;

	client[0] = tcp_dial("127.0.0.1", 40500, "127.0.0.1", 7500);
	tcp_wait_ports(7500, 40500, ST_ESTABLISHED, "a full backlog");
	client[1] = must(inet_socket("127.0.0.1", SOCK_STREAM | SOCK_NONBLOCK, 0), "tcp socket");
	must(set_int(client[1], IPPROTO_TCP, TCP_SYNCNT, FOR_LONG), "TCP_SYNCNT");
	must(set_int(client[1], SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	must(inet_bind(client[1], "127.0.0.1", 40501), "127.0.0.1");
	if (inet_connect(client[1], "127.0.0.1", 7500) == 0 || errno != EINPROGRESS)
		die("connecting to a full backlog: %s", strerror(errno));
	tcp_wait_state(client[1], ST_SYN_SENT, "SYN-SENT");
	report_fd("synsent.listener", "tcp", "LISTEN", listener);
	(void)address_fill(&peer, "127.0.0.1", 7500);
	report(&(struct made){ .kind = "synsent.client",
			       .table = "tcp",
			       .state = "SYN-SENT",
			       .fd = client[1],
			       .rq = 0,
			       .sq = 1,
			       .peer = (struct sockaddr *)&peer });
}

static void make_syn_recv(void)
{
	int listener = tcp_bound("127.0.0.1", 7501), client;
	struct sockaddr_storage local, peer;

	must(set_int(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 600), "TCP_DEFER_ACCEPT");
	must(listen(listener, 8), "listen");
	client = tcp_dial("127.0.0.1", 40510, "127.0.0.1", 7501);
	tcp_wait_state(client, ST_ESTABLISHED, "an established client");
	tcp_wait_ports(7501, 40510, ST_SYN_RECV, "SYN-RECV");
	report_fd("synrecv.listener", "tcp", "LISTEN", listener);
	report_fd("synrecv.client", "tcp", "ESTAB", client);
	(void)address_fill(&local, "127.0.0.1", 7501);
	(void)address_fill(&peer, "127.0.0.1", 40510);
	report(&(struct made){ .kind = "synrecv.request",
			       .table = "tcp",
			       .state = "SYN-RECV",
			       .fd = -1,
			       .rq = 0,
			       .sq = 0,
			       .local = (struct sockaddr *)&local,
			       .peer = (struct sockaddr *)&peer });
}

static void make_fin_wait_1(void)
{
	int client, server;

	narrow_pair(40520, 7502, &client, &server);
	fill(client);
	must(shutdown(client, SHUT_WR), "shutdown");
	tcp_wait_state(client, ST_FIN_WAIT1, "FIN-WAIT-1");
	report_fd("finwait1.client", "tcp", "FIN-WAIT-1", client);
	report_fd("finwait1.server", "tcp", "ESTAB", server);
}

static void make_last_ack(void)
{
	int client, server;

	narrow_pair(40530, 7503, &client, &server);
	fill(server);
	must(shutdown(client, SHUT_WR), "shutdown");
	tcp_wait_state(server, ST_CLOSE_WAIT, "CLOSE-WAIT");
	must(shutdown(server, SHUT_WR), "shutdown");
	tcp_wait_state(server, ST_LAST_ACK, "LAST-ACK");
	report_fd("lastack.client", "tcp", "FIN-WAIT-2", client);
	report_fd("lastack.server", "tcp", "LAST-ACK", server);
}

static void make_closing(void)
{
	int client, server;

	narrow_pair(40540, 7504, &client, &server);
	fill(client);
	must(shutdown(client, SHUT_WR), "shutdown");
	tcp_wait_state(client, ST_FIN_WAIT1, "FIN-WAIT-1");
	must(shutdown(server, SHUT_WR), "shutdown");
	tcp_wait_state(client, ST_CLOSING, "CLOSING");
	tcp_wait_state(server, ST_FIN_WAIT2, "FIN-WAIT-2");
	report_fd("closing.client", "tcp", "CLOSING", client);
	report_fd("closing.server", "tcp", "FIN-WAIT-2", server);
}

static void make_time_wait(void)
{
	int listener = tcp_listener("127.0.0.1", 7505, 8), client, server;
	struct sockaddr_storage local, peer;

	for (uint16_t port = 40550; port < 40553; port++) {
		tcp_pair(listener, "127.0.0.1", port, &client, &server);
		must(shutdown(client, SHUT_WR), "shutdown");
		tcp_wait_state(client, ST_FIN_WAIT2, "FIN-WAIT-2");
		must(close(server), "close");
		tcp_wait_ports(port, 7505, ST_TIME_WAIT, "TIME-WAIT");
		must(close(client), "close");
		(void)address_fill(&local, "127.0.0.1", port);
		(void)address_fill(&peer, "127.0.0.1", 7505);
		report(&(struct made){ .kind = "timewait",
				       .table = "tcp",
				       .state = "TIME-WAIT",
				       .fd = -1,
				       .rq = 0,
				       .sq = 0,
				       .local = (struct sockaddr *)&local,
				       .peer = (struct sockaddr *)&peer });
	}
	report_fd("timewait.listener", "tcp", "LISTEN", listener);
}

static void make_keepalive(void)
{
	int listener = tcp_listener("127.0.0.1", 7506, 8), client, server;

	tcp_pair(listener, "127.0.0.1", 40560, &client, &server);
	must(set_int(client, SOL_SOCKET, SO_KEEPALIVE, 1), "SO_KEEPALIVE");
	must(set_int(client, IPPROTO_TCP, TCP_KEEPIDLE, 3000), "TCP_KEEPIDLE");
	must(set_int(server, SOL_SOCKET, SO_KEEPALIVE, 1), "SO_KEEPALIVE");
	must(set_int(server, IPPROTO_TCP, TCP_KEEPIDLE, 300), "TCP_KEEPIDLE");
	report_fd("keepalive.client", "tcp", "ESTAB", client);
	report_fd("keepalive.server", "tcp", "ESTAB", server);
}

static void make_persist(void)
{
	int client, server;

	narrow_pair(40570, 7507, &client, &server);
	fill(client);
	report_fd("persist.client", "tcp", "ESTAB", client);
	report_fd("persist.server", "tcp", "ESTAB", server);
}

const struct scenario state_scenarios[] = {
	{ "syn-sent", true, make_syn_sent },
	{ "syn-recv", true, make_syn_recv },
	{ "fin-wait-1", true, make_fin_wait_1 },
	{ "last-ack", true, make_last_ack },
	{ "closing", true, make_closing },
	{ "keepalive", true, make_keepalive },
	{ "persist", true, make_persist },
	{ "time-wait", true, make_time_wait },
	{},
};
