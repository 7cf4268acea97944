/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * TCP sockets with options that show: mark, TOS, traffic class, priority,
 * congestion control, Fast Open, MD5 keys, TLS, pacing, MPTCP.
 */

#include "mksock.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <linux/tls.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

static void make_marks(void)
{
	static const struct {
		const char *kind, *addr;
		uint16_t port;
		int level, option, value;
	} want[] = {
		{ "option.mark", "127.0.0.1", 7200, SOL_SOCKET, SO_MARK, 0x2a },
		{ "option.mark6", "::1", 7201, SOL_SOCKET, SO_MARK, 0x70000001 },
		{ "option.tos", "127.0.0.1", 7202, IPPROTO_IP, IP_TOS, 0x10 },
		{ "option.tclass", "::1", 7203, IPPROTO_IPV6, IPV6_TCLASS, 0xb8 },
		{ "option.priority", "127.0.0.1", 7204, SOL_SOCKET, SO_PRIORITY, 5 },
		{ "option.freebind", "198.51.100.7", 7205, IPPROTO_IP, IP_FREEBIND, 1 },
		{ "option.recverr", "127.0.0.1", 7206, IPPROTO_IP, IP_RECVERR, 1 },
		{ "option.transparent", "127.0.0.1", 7207, IPPROTO_IP, IP_TRANSPARENT, 1 },
		{ "option.fastopen", "127.0.0.1", 7208, IPPROTO_TCP, TCP_FASTOPEN, 16 },
		{ "option.rcvbuf", "127.0.0.1", 7209, SOL_SOCKET, SO_RCVBUF, 65536 },
		{ "option.nodelay", "127.0.0.1", 7210, IPPROTO_TCP, TCP_NODELAY, 1 },
		{ "option.bindnoport", "127.0.0.1", 7211, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1 },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		int fd = must(inet_socket(want[i].addr, SOCK_STREAM, 0), "tcp socket");

		if (set_int(fd, want[i].level, want[i].option, want[i].value) < 0) {
			skip(want[i].kind, "setsockopt: %s", strerror(errno));
			(void)close(fd);
			continue;
		}
		must(inet_bind(fd, want[i].addr, want[i].port), want[i].addr);
		must(listen(fd, 7), "listen");
		report_fd(want[i].kind, "tcp", "LISTEN", fd);
	}
}

static void make_congestion_pair(int listener, const char *name, uint16_t port)
{
	int client = must(inet_socket("127.0.0.1", SOCK_STREAM, 0), "tcp socket"), server;

	if (setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)) < 0) {
		skip("congestion", "%s: %s", name, strerror(errno));
		(void)close(client);
		return;
	}
	must(set_int(client, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	must(inet_bind(client, "127.0.0.1", port), "127.0.0.1");
	must(inet_connect(client, "127.0.0.1", 7300), "connect");
	server = tcp_accept(listener);
	exchange(client, server, 4000);
	exchange(server, client, 500);
	report(&(struct made){ .kind = "congestion",
			       .table = "tcp",
			       .state = "ESTAB",
			       .fd = client,
			       .rq = 0,
			       .sq = 0,
			       .note = name });
	report_fd("congestion.server", "tcp", "ESTAB", server);
}

static void make_congestion(void)
{
	char text[512], *save = NULL;
	int listener = tcp_listener("127.0.0.1", 7300, 8);
	int fd = must(open("/proc/sys/net/ipv4/tcp_available_congestion_control", O_RDONLY | O_CLOEXEC),
		      "tcp_available_congestion_control");
	ssize_t n = read(fd, text, sizeof(text) - 1);
	uint16_t port = 40300;

	(void)close(fd);
	if (n <= 0)
		die("no congestion control is available");
	text[n] = '\0';
	for (char *s = strtok_r(text, " \n", &save); s; s = strtok_r(NULL, " \n", &save))
		make_congestion_pair(listener, s, port++);
}

static void make_pacing(void)
{
	int listener = tcp_listener("127.0.0.1", 7301, 8), client, server;

	must(set_int(listener, SOL_SOCKET, SO_MAX_PACING_RATE, 1250000), "SO_MAX_PACING_RATE");
	tcp_pair(listener, "127.0.0.1", 40310, &client, &server);
	exchange(client, server, 100);
	report_fd("pacing.client", "tcp", "ESTAB", client);
	report_fd("pacing.server", "tcp", "ESTAB", server);
}

static int add_key(int fd, const char *addr, const char *key)
{
	struct sockaddr_storage ss;
	struct tcp_md5sig sig = { .tcpm_keylen = (uint16_t)strlen(key) };

	(void)address_fill(&ss, addr, 0);
	memcpy(&sig.tcpm_addr, &ss, sizeof(sig.tcpm_addr));
	memcpy(sig.tcpm_key, key, strlen(key));
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sig, sizeof(sig));
}

static void make_md5(void)
{
	int fd = tcp_bound("127.0.0.1", 7302), client, server;

	if (add_key(fd, "127.0.0.1", "sesame") < 0) {
		skip("md5", "TCP_MD5SIG: %s", strerror(errno));
		(void)close(fd);
		return;
	}
	must(add_key(fd, "127.0.0.9", "another key"), "TCP_MD5SIG");
	must(listen(fd, 4), "listen");
	report_fd("md5.listener", "tcp", "LISTEN", fd);
	client = tcp_bound("127.0.0.1", 40320);
	must(add_key(client, "127.0.0.1", "sesame"), "TCP_MD5SIG");
	must(inet_connect(client, "127.0.0.1", 7302), "connect with a key");
	server = tcp_accept(fd);
	report_fd("md5.client", "tcp", "ESTAB", client);
	report_fd("md5.server", "tcp", "ESTAB", server);
}

static void make_tls(void)
{
	struct tls12_crypto_info_aes_gcm_128 keys = { .info = { .version = TLS_1_2_VERSION,
								.cipher_type = TLS_CIPHER_AES_GCM_128 } };
	int listener = tcp_listener("127.0.0.1", 7303, 8), client, server;

	tcp_pair(listener, "127.0.0.1", 40330, &client, &server);
	if (setsockopt(client, IPPROTO_TCP, TCP_ULP, "tls", 3) < 0) {
		skip("tls", "TCP_ULP: %s", strerror(errno));
		return;
	}
	must(setsockopt(client, SOL_TLS, TLS_TX, &keys, sizeof(keys)), "TLS_TX");
	must(setsockopt(client, SOL_TLS, TLS_RX, &keys, sizeof(keys)), "TLS_RX");
	report_fd("tls.client", "tcp", "ESTAB", client);
	report_fd("tls.server", "tcp", "ESTAB", server);
}

static bool mptcp_has_subflows(int fd, unsigned int count)
{
	/* the first member of the kernel's struct mptcp_info counts the subflows beyond the first */
	unsigned char info[256] = {};
	socklen_t len = sizeof(info);

	return getsockopt(fd, 284 /* SOL_MPTCP */, 1 /* MPTCP_INFO */, info, &len) == 0 && info[0] >= count;
}

static bool has_second_endpoint(void)
{
	char text[8] = "";
	int fd = open("mptcp-endpoints", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	return n > 0 && text[0] == '1';
}

static void make_mptcp(void)
{
	int listener = inet_socket("127.0.0.1", SOCK_STREAM, IPPROTO_MPTCP), client, server;

	if (listener < 0) {
		skip("mptcp", "socket: %s", strerror(errno));
		return;
	}
	must(set_int(listener, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	must(inet_bind(listener, "127.0.0.1", 7400), "127.0.0.1");
	must(listen(listener, 6), "listen");
	client = must(inet_socket("127.0.0.1", SOCK_STREAM, IPPROTO_MPTCP), "mptcp socket");
	must(set_int(client, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	must(inet_bind(client, "127.0.0.1", 40400), "127.0.0.1");
	must(inet_connect(client, "127.0.0.1", 7400), "connect");
	server = tcp_accept(listener);
	exchange(client, server, 200);
	exchange(server, client, 300);
	if (has_second_endpoint())
		while (!mptcp_has_subflows(client, 1))
			wait_a_moment("a second subflow");
	else
		skip("mptcp.subflow", "the namespace has no second MPTCP endpoint");
	report_fd("mptcp.listener", "mptcp", "LISTEN", listener);
	report_fd("mptcp.client", "mptcp", "ESTAB", client);
	report_fd("mptcp.server", "mptcp", "ESTAB", server);
}

const struct scenario option_scenarios[] = {
	{ "options", false, make_marks },
	{ "congestion", false, make_congestion },
	{ "pacing", false, make_pacing },
	{ "md5", false, make_md5 },
	{ "tls", false, make_tls },
	{ "mptcp", false, make_mptcp },
	{},
};
