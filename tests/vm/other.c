/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * TIPC, vsock and XDP sockets.
 */

#include "mkrare.h"

#include <linux/if_xdp.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static int tipc_bound(int type, unsigned int service, unsigned int lower, unsigned int upper)
{
	struct sockaddr_tipc a = { .family = AF_TIPC,
				   .addrtype = TIPC_ADDR_NAMESEQ,
				   .scope = TIPC_NODE_SCOPE,
				   .addr.nameseq = { service, lower, upper } };
	int fd = must(socket(AF_TIPC, type | SOCK_CLOEXEC, 0), "tipc socket");

	must(bind(fd, (struct sockaddr *)&a, sizeof(a)), "tipc bind");
	return fd;
}

static unsigned int tipc_port(int fd)
{
	struct sockaddr_tipc a = {};
	socklen_t len = sizeof(a);

	must(getsockname(fd, (struct sockaddr *)&a, &len), "getsockname");
	return a.addr.id.ref;
}

static void told_tipc(const char *state, int fd)
{
	made("%s 0:%u", state, tipc_port(fd));
}

/* A connect waits for the accept: it is begun, then accepted. */
static void tipc_pair(int listener, int type, unsigned int service, unsigned int instance)
{
	struct sockaddr_tipc to = { .family = AF_TIPC,
				    .addrtype = TIPC_ADDR_NAME,
				    .addr.name.name = { service, instance } };
	int client = must(socket(AF_TIPC, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "tipc socket");
	int server;

	if (connect(client, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
		die("tipc connect: %s", strerror(errno));
	server = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "tipc accept");
	while (send(client, "not read", 8, MSG_DONTWAIT) < 0)
		wait_a_moment("a tipc connection");
	made("ESTAB 0:%u 0:%u", tipc_port(client), tipc_port(server));
	made("ESTAB 0:%u 0:%u", tipc_port(server), tipc_port(client));
}

void make_tipc(void)
{
	struct tipc_group_req group = { 4711, 1, TIPC_NODE_SCOPE, 0 };
	int fd = rare_socket("tipc", AF_TIPC, SOCK_RDM, 0);

	if (fd < 0)
		return;
	told_tipc("UNCONN", fd);
	fd = tipc_bound(SOCK_SEQPACKET, 18888, 17, 17);
	must(listen(fd, 5), "listen");
	told_tipc("LISTEN", fd);
	tipc_pair(fd, SOCK_SEQPACKET, 18888, 17);
	fd = tipc_bound(SOCK_STREAM, 18889, 1, 9);
	must(listen(fd, 5), "listen");
	told_tipc("LISTEN", fd);
	tipc_pair(fd, SOCK_STREAM, 18889, 5);
	fd = tipc_bound(SOCK_DGRAM, 20001, 7, 7);
	told_tipc("UNCONN", fd);
	fd = must(socket(AF_TIPC, SOCK_RDM | SOCK_CLOEXEC, 0), "tipc socket");
	must(setsockopt(fd, SOL_TIPC, TIPC_GROUP_JOIN, &group, sizeof(group)), "TIPC_GROUP_JOIN");
	told_tipc("UNCONN", fd);
}

static int vsock_listener(const char *kind, int type, unsigned int cid, unsigned int port)
{
	struct sockaddr_vm a = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
	int fd = rare_socket(kind, AF_VSOCK, type, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 5) < 0) {
		(void)printf("skip %s: %s\n", kind, strerror(errno));
		return -1;
	}
	return fd;
}

static int vsock_client(int type, unsigned int port)
{
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = port };
	int fd = must(socket(AF_VSOCK, type | SOCK_CLOEXEC, 0), "vsock socket");

	must(connect(fd, (struct sockaddr *)&to, sizeof(to)), "vsock connect");
	return fd;
}

void make_vsock(void)
{
	int fd = vsock_listener("vsock", SOCK_STREAM, VMADDR_CID_ANY, 1234), client;

	if (fd < 0)
		return;
	made("LISTEN *:1234");
	client = vsock_client(SOCK_STREAM, 1234);
	must(accept4(fd, NULL, NULL, SOCK_CLOEXEC), "vsock accept");
	must((int)send(client, "not read", 8, 0), "vsock send");
	made("ESTAB 1:1234");
	made("ESTAB 1:1234");
	(void)vsock_listener("vsock", SOCK_STREAM, VMADDR_CID_LOCAL, 99999);
	made("LISTEN 1:99999");
	fd = vsock_listener("vsock.seqpacket", SOCK_SEQPACKET, VMADDR_CID_ANY, 77);
	if (fd < 0)
		return;
	made("LISTEN *:77");
	(void)vsock_client(SOCK_SEQPACKET, 77);
	must(accept4(fd, NULL, NULL, SOCK_CLOEXEC), "vsock accept");
	made("ESTAB 1:77");
	made("ESTAB 1:77");
}

static void xdp_umem(int fd, size_t size, uint32_t chunk)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct xdp_umem_reg reg = {
		.addr = (uintptr_t)mem, .len = size, .chunk_size = chunk, .headroom = 64
	};

	if (mem == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	must(setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)), "XDP_UMEM_REG");
	must(set_int(fd, SOL_XDP, XDP_UMEM_FILL_RING, 64), "XDP_UMEM_FILL_RING");
	must(set_int(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, 32), "XDP_UMEM_COMPLETION_RING");
}

void make_xdp(void)
{
	struct sockaddr_xdp a = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY };
	int owner = rare_socket("xdp", AF_XDP, SOCK_RAW, 0), fd;

	if (owner < 0)
		return;
	a.sxdp_ifindex = if_nametoindex("veth0");
	xdp_umem(owner, 1 << 18, 4096);
	must(set_int(owner, SOL_XDP, XDP_RX_RING, 128), "XDP_RX_RING");
	must(set_int(owner, SOL_XDP, XDP_TX_RING, 256), "XDP_TX_RING");
	must(bind(owner, (struct sockaddr *)&a, sizeof(a)), "xdp bind");
	made("veth0:q0");
	fd = must(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), "xdp socket");
	must(set_int(fd, SOL_XDP, XDP_TX_RING, 64), "XDP_TX_RING");
	a.sxdp_flags = XDP_SHARED_UMEM;
	a.sxdp_shared_umem_fd = (uint32_t)owner;
	must(bind(fd, (struct sockaddr *)&a, sizeof(a)), "xdp bind");
	made("veth0:q0");
	fd = must(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), "xdp socket");
	xdp_umem(fd, 1 << 16, 2048);
	must(set_int(fd, SOL_XDP, XDP_RX_RING, 16), "XDP_RX_RING");
	made("UNCONN");
}
