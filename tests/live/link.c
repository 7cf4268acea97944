/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Packet and netlink sockets, and what else is not IP: vsock.
 */

#include "mksock.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

static int packet_socket(const char *kind, int type, uint16_t protocol, const char *device)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol) };
	int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		skip(kind, "socket: %s", strerror(errno));
		return -1;
	}
	if (device)
		ll.sll_ifindex = (int)if_nametoindex(device);
	if (protocol)
		must(bind(fd, (struct sockaddr *)&ll, sizeof(ll)), "bind a packet socket");
	return fd;
}

static void report_packet(const char *kind, const char *table, int fd, const char *device)
{
	report(&(struct made){ .kind = kind,
			       .table = table,
			       .state = "UNCONN",
			       .fd = fd,
			       .rq = 0,
			       .sq = 0,
			       .note = device });
}

static void make_packet(void)
{
	static const struct {
		const char *kind, *table, *device;
		int type;
		uint16_t protocol;
	} want[] = {
		{ "packet.all", "p_raw", NULL, SOCK_RAW, ETH_P_ALL },
		{ "packet.ip", "p_raw", "lo", SOCK_RAW, ETH_P_IP },
		{ "packet.dgram", "p_dgr", NULL, SOCK_DGRAM, ETH_P_ARP },
		{ "packet.none", "p_raw", NULL, SOCK_RAW, 0 },
		{ "packet.lldp", "p_dgr", "lo", SOCK_DGRAM, 0x88cc },
		{ "packet.unnamed", "p_raw", NULL, SOCK_RAW, 0x1234 },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		int fd = packet_socket(want[i].kind, want[i].type, want[i].protocol, want[i].device);

		if (fd >= 0)
			report_packet(want[i].kind, want[i].table, fd, want[i].device);
	}
}

static void make_packet_options(void)
{
	struct tpacket_req ring = {
		.tp_block_size = 4096, .tp_block_nr = 4, .tp_frame_size = 2048, .tp_frame_nr = 8
	};
	struct sock_filter code[] = {
		{ 0x28, 0, 0, 12 }, { 0x15, 0, 1, 0x0806 }, { 6, 0, 0, 262144 }, { 6, 0, 0, 0 }
	};
	struct sock_fprog prog = { .len = 4, .filter = code };
	int fd = packet_socket("packet.ring", SOCK_RAW, 0, NULL);

	if (fd < 0)
		return;
	must(setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)), "PACKET_RX_RING");
	must(setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &ring, sizeof(ring)), "PACKET_TX_RING");
	must(set_int(fd, SOL_PACKET, PACKET_AUXDATA, 1), "PACKET_AUXDATA");
	report_packet("packet.ring", "p_raw", fd, NULL);
	fd = packet_socket("packet.fanout", SOCK_RAW, 0x88cc, "lo");
	must(set_int(fd, SOL_PACKET, PACKET_FANOUT, 7 | PACKET_FANOUT_LB << 16), "PACKET_FANOUT");
	report_packet("packet.fanout", "p_raw", fd, "lo");
	fd = packet_socket("packet.filter", SOCK_RAW, 0, NULL);
	must(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)), "SO_ATTACH_FILTER");
	report_packet("packet.filter", "p_raw", fd, NULL);
}

static int netlink_socket(const char *kind, int protocol, uint32_t id, uint32_t groups)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = id, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0 || bind(fd, (struct sockaddr *)&nl, sizeof(nl)) < 0) {
		skip(kind, "netlink protocol %d: %s", protocol, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	return fd;
}

static void report_netlink(const char *kind, int fd, const char *id)
{
	if (fd >= 0)
		report(&(struct made){ .kind = kind,
				       .table = "nl",
				       .state = "UNCONN",
				       .fd = fd,
				       .rq = 0,
				       .sq = 0,
				       .note = id });
}

/* The port ids are above every process number: none is taken for a process by accident. */
static void make_netlink(void)
{
	report_netlink("netlink.route", netlink_socket("netlink.route", NETLINK_ROUTE, 77000001, 0),
		       "77000001");
	report_netlink(
		"netlink.groups",
		netlink_socket("netlink.groups", NETLINK_ROUTE, 77000002, RTMGRP_LINK | RTMGRP_IPV4_ROUTE),
		"77000002");
	report_netlink("netlink.generic", netlink_socket("netlink.generic", NETLINK_GENERIC, 77000003, 0),
		       "77000003");
	report_netlink("netlink.uevent",
		       netlink_socket("netlink.uevent", NETLINK_KOBJECT_UEVENT, 77000004, 1), "77000004");
	report_netlink("netlink.usersock", netlink_socket("netlink.usersock", NETLINK_USERSOCK, 77000005, 0),
		       "77000005");
}

static void make_netlink_process(int keep)
{
	int fd = netlink_socket("netlink.process", NETLINK_ROUTE, (uint32_t)getpid(), 0);

	(void)keep;
	if (fd >= 0)
		report(&(struct made){ .kind = "netlink.process",
				       .table = "nl",
				       .state = "UNCONN",
				       .fd = fd,
				       .rq = 0,
				       .sq = 0,
				       .comm = "nl (owner" });
}

static void make_netlink_owner(void)
{
	child_run("nl (owner", -1, make_netlink_process);
}

static void make_vsock(void)
{
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = 9999 };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		skip("vsock", "socket: %s", strerror(errno));
		return;
	}
	if (bind(fd, (struct sockaddr *)&vm, sizeof(vm)) < 0 || listen(fd, 4) < 0) {
		skip("vsock", "listen: %s", strerror(errno));
		(void)close(fd);
		return;
	}
	report_fd("vsock.listener", "v_str", "LISTEN", fd);
}

const struct scenario link_scenarios[] = {
	{ "netlink", false, make_netlink },
	{ "netlink-owner", false, make_netlink_owner },
	{ "vsock", false, make_vsock },
	{ "packet", false, make_packet },
	{ "packet-options", false, make_packet_options },
	{},
};
