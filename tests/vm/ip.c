/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * SCTP, DCCP, MPTCP, raw and SMC sockets, and TCP ones whose payload the
 * kernel encrypts.
 */

#include "mkrare.h"

#include <linux/dccp.h>
#include <linux/sctp.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

enum { SMC_FAMILY = 43, MPTCP_PROTOCOL = 262, TLS_LEVEL = 282 };

static void told_pair(const char *addr, unsigned int port, int client)
{
	made("ESTAB %s:%u %s:%u", addr, port, addr, own_port(client));
	made("ESTAB %s:%u %s:%u", addr, own_port(client), addr, port);
}

static void make_sctp_many(void)
{
	struct sockaddr_storage to;
	socklen_t len = address_fill(&to, "::1", 2907);
	int fd = rare_listener("sctp.many", "::", 2907, SOCK_SEQPACKET, IPPROTO_SCTP);

	if (fd < 0)
		return;
	made("LISTEN [::1]:2907");
	for (int i = 0; i < 3; i++) {
		fd = must(inet_socket("::1", SOCK_SEQPACKET, IPPROTO_SCTP), "sctp socket");
		must((int)sendto(fd, "hi", 2, 0, (struct sockaddr *)&to, len), "sctp sendto");
		made("`- ESTAB [::1]:%u", own_port(fd));
	}
}

void make_sctp(void)
{
	struct sockaddr_in two[2] = { { .sin_family = AF_INET, .sin_port = htons(2906) },
				      { .sin_family = AF_INET, .sin_port = htons(2906) } };
	int listener = rare_listener("sctp", "127.0.0.1", 2905, SOCK_STREAM, IPPROTO_SCTP);
	int pair[2], fd;

	if (listener < 0)
		return;
	made("LISTEN 127.0.0.1:2905");
	rare_pair(listener, "sctp", "127.0.0.1", 2905, IPPROTO_SCTP, pair);
	told_pair("127.0.0.1", 2905, pair[0]);
	rare_pair(listener, "sctp", "127.0.0.1", 2905, IPPROTO_SCTP, pair);
	must((int)send(pair[0], "not read", 8, 0), "sctp send");
	told_pair("127.0.0.1", 2905, pair[0]);

	fd = must(inet_socket("10.9.0.1", SOCK_STREAM, IPPROTO_SCTP), "sctp socket");
	(void)inet_pton(AF_INET, "10.9.0.1", &two[0].sin_addr);
	(void)inet_pton(AF_INET, "10.9.0.2", &two[1].sin_addr);
	must(setsockopt(fd, IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD, two, sizeof(two)), "bindx");
	must(listen(fd, 7), "listen");
	made("LISTEN 10.9.0.1:2906");
	rare_pair(fd, "sctp", "10.9.0.1", 2906, IPPROTO_SCTP, pair);
	made("ESTAB 10.9.0.1:2906");
	made("ESTAB 10.9.0.1:2906");
	make_sctp_many();

	fd = must(inet_socket("10.9.0.1", SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_SCTP), "sctp socket");
	if (inet_connect(fd, "10.9.0.77", 2905) < 0 && errno != EINPROGRESS)
		die("sctp connect: %s", strerror(errno));
	made("COOKIE_WAIT 10.9.0.77:2905");
}

static int dccp_socket(const char *addr)
{
	uint32_t service = htonl(42);
	int fd = rare_socket("dccp", strchr(addr, ':') ? AF_INET6 : AF_INET, SOCK_DCCP, IPPROTO_DCCP);

	if (fd >= 0)
		must(setsockopt(fd, SOL_DCCP, DCCP_SOCKOPT_SERVICE, &service, sizeof(service)), "service");
	return fd;
}

static void make_dccp_pair(const char *addr, const char *shown)
{
	int listener = dccp_socket(addr), client, server;
	char buf[8];

	if (listener < 0)
		return;
	must(inet_bind(listener, addr, 5001), addr);
	must(listen(listener, 5), "listen");
	made("LISTEN %s:5001", shown);
	client = dccp_socket(addr);
	must(inet_connect(client, addr, 5001), "dccp connect");
	server = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "dccp accept");
	/* Until it has heard from the server, the client is in a state of DCCP's own. */
	must((int)send(server, "hello", 5, 0), "dccp send");
	must((int)recv(client, buf, sizeof(buf), 0), "dccp receive");
	told_pair(shown, 5001, client);
}

void make_dccp(void)
{
	make_dccp_pair("127.0.0.1", "127.0.0.1");
	make_dccp_pair("::1", "[::1]");
}

static void make_mptcp_pair(const char *addr, const char *shown, uint16_t port)
{
	int listener = rare_listener("mptcp", addr, port, SOCK_STREAM, MPTCP_PROTOCOL), pair[2];

	if (listener < 0)
		return;
	made("LISTEN %s:%u", shown, port);
	rare_pair(listener, "mptcp", addr, port, MPTCP_PROTOCOL, pair);
	exchange(pair[0], pair[1], 3000);
	told_pair(shown, port, pair[0]);
}

void make_mptcp(void)
{
	make_mptcp_pair("127.0.0.1", "127.0.0.1", 7000);
	make_mptcp_pair("10.9.0.1", "10.9.0.1", 7001);
	make_mptcp_pair("::1", "[::1]", 7002);
}

void make_raw(void)
{
	int fd = rare_socket("raw", AF_INET, SOCK_RAW, IPPROTO_ICMP);

	if (fd < 0)
		return;
	made("UNCONN 0.0.0.0:1 0.0.0.0:*");
	fd = must(inet_socket("10.9.0.1", SOCK_RAW, 89), "raw socket");
	must(inet_bind(fd, "10.9.0.1", 0), "raw bind");
	must(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "dummy0", 7), "SO_BINDTODEVICE");
	made("UNCONN 10.9.0.1%%dummy0:89");
	(void)must(inet_socket("127.0.0.1", SOCK_RAW, 255), "raw socket");
	made("UNCONN 0.0.0.0:255");
	fd = must(inet_socket("127.0.0.1", SOCK_RAW, 253), "raw socket");
	must(set_int(fd, SOL_SOCKET, SO_MARK, 99), "SO_MARK");
	must(inet_bind(fd, "127.0.0.2", 0), "raw bind");
	made("UNCONN 127.0.0.2:253");
	fd = must(inet_socket("::1", SOCK_RAW, 115), "raw socket");
	must(inet_connect(fd, "::1", 0), "raw connect");
	made("ESTAB [::1]:115");
}

static void tls_key(int fd, int direction, uint16_t version)
{
	struct tls12_crypto_info_aes_gcm_128 info = { .info = { .version = version,
								.cipher_type = TLS_CIPHER_AES_GCM_128 } };

	must(setsockopt(fd, TLS_LEVEL, direction, &info, sizeof(info)), "TLS key");
}

void make_ktls(void)
{
	static const uint16_t versions[] = { TLS_1_2_VERSION, TLS_1_3_VERSION };
	int listener = tcp_listener("127.0.0.1", 4433, 20), client, server;

	tcp_pair(listener, "127.0.0.1", 0, &client, &server);
	if (setsockopt(client, IPPROTO_TCP, TCP_ULP, "tls", 3) < 0) {
		(void)printf("skip ktls: %s\n", strerror(errno));
		return;
	}
	made("LISTEN 127.0.0.1:4433");
	told_pair("127.0.0.1", 4433, client);
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		tcp_pair(listener, "127.0.0.1", 0, &client, &server);
		must(setsockopt(client, IPPROTO_TCP, TCP_ULP, "tls", 3), "TCP_ULP");
		must(setsockopt(server, IPPROTO_TCP, TCP_ULP, "tls", 3), "TCP_ULP");
		tls_key(client, TLS_TX, versions[i]);
		tls_key(server, TLS_RX, versions[i]);
		must((int)send(client, "hello", 5, 0), "TLS send");
		told_pair("127.0.0.1", 4433, client);
	}
}

void make_smc(void)
{
	int listener = rare_socket("smc", SMC_FAMILY, SOCK_STREAM, 0), client;

	if (listener < 0)
		return;
	must(inet_bind(listener, "127.0.0.1", 3000), "smc bind");
	must(listen(listener, 5), "listen");
	made("LISTEN 127.0.0.1:3000");
	client = must(socket(SMC_FAMILY, SOCK_STREAM | SOCK_CLOEXEC, 0), "smc socket");
	must(inet_connect(client, "127.0.0.1", 3000), "smc connect");
	must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "smc accept");
	made("127.0.0.1:3000 127.0.0.1:%u", own_port(client));
	made("127.0.0.1:%u 127.0.0.1:3000", own_port(client));
}
