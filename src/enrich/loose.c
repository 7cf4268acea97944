/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/loose.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "enrich/getfd.h"
#include "enrich/netns.h"
#include "kernel/abi.h"

enum { NAME = 64 };

static const char never_bound[] = "never-bound", closed[] = "closed", no_table[] = "no-table";

struct loose {
	struct getfd *getfd;
	uint32_t netns; /* ours */
};

struct loose *loose_free(struct loose *l)
{
	if (!l)
		return NULL;
	(void)getfd_free(l->getfd);
	free(l);
	return NULL;
}

struct loose *loose_new(void)
{
	_cleanup_(loose_freep) struct loose *l = calloc(1, sizeof(*l));

	if (!l || !(l->getfd = getfd_new()))
		return NULL;
	l->netns = netns_own();
	return take_ptr(l);
}

static bool get_number(int fd, int name, uint32_t *ret)
{
	socklen_t len = sizeof(*ret);

	return getsockopt(fd, SOL_SOCKET, name, ret, &len) == 0;
}

/* The port it is bound to, or for netlink its id: 0 when it is not, UINT32_MAX when it does not tell. */
static uint32_t port_of(int fd, uint32_t family)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in; /* sockaddr_in6 has the port at the same place */
		struct k_sockaddr_nl nl;
		struct sockaddr_storage room;
	} a = {};
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.any, &len) < 0)
		return UINT32_MAX;
	return family == AF_NETLINK ? a.nl.nl_pid : ntohs(a.in.sin_port);
}

/* A connection that was reset keeps its port, which is another one's meanwhile. Whether it ended, or a
 * negative errno; *@ret_is_open: it is listed as what it is. */
static int was_connected(int fd, struct seg_unbound *ret, bool *ret_is_open)
{
	struct k_tcp_info info = {};
	socklen_t len = sizeof(info);

	*ret_is_open = false;
	if (ret->protocol != IPPROTO_TCP)
		return false;
	if (getsockopt(fd, IPPROTO_TCP, K_TCP_INFO, &info, &len) < 0)
		return -errno;
	*ret_is_open = info.tcpi_state != K_TCP_CLOSE;
	if (*ret_is_open || !(info.tcpi_segs_in + info.tcpi_segs_out))
		return false;
	if (info.tcpi_segs_in)
		ret->idle_ms = info.tcpi_last_ack_recv < info.tcpi_last_data_recv ? info.tcpi_last_ack_recv
										  : info.tcpi_last_data_recv;
	return true;
}

/* Of which family every socket is in a table from the beginning. */
static bool is_always_in_table(uint32_t family)
{
	switch (family) {
	case AF_UNIX:
	case AF_PACKET:
	case K_AF_VSOCK:
	case K_AF_TIPC:
	case K_AF_XDP:
	case K_AF_SMC: return true;
	default: return false;
	}
}

static bool has_addresses(uint32_t family)
{
	return family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
}

/* What the socket @fd is, asked for no more than it takes: there may be very many. Returns whether no table
 * has it, or -EPERM: it does not tell. */
static int look_at(int fd, struct seg_unbound *ret)
{
	bool is_inet, is_open;
	int has_ended;
	uint32_t port;

	if (!get_number(fd, SO_DOMAIN, &ret->family))
		return -EPERM;
	if (is_always_in_table(ret->family))
		return false;
	if (!get_number(fd, SO_TYPE, &ret->type))
		return -EPERM;
	is_inet = ret->family == AF_INET || ret->family == AF_INET6;
	if (is_inet && ret->type == SOCK_RAW) /* these are, too */
		return false;
	if (is_inet && !get_number(fd, SO_PROTOCOL, &ret->protocol))
		return -EPERM;
	if (!has_addresses(ret->family)) {
		ret->why = sv(no_table);
		return true;
	}
	has_ended = was_connected(fd, ret, &is_open);
	if (has_ended) {
		ret->why = sv(closed);
		return has_ended < 0 ? -EPERM : true;
	}
	if (is_open)
		return false;
	port = port_of(fd, ret->family);
	ret->why = sv(never_bound);
	return port == UINT32_MAX ? -EPERM : !port;
}

/* What the kernel calls the protocols of sockets that may be in no table. */
static const struct {
	const char *name;
	uint16_t family, type, protocol;
} protocols[] = {
	{ "TCP", AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ "TCPv6", AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ "UDP", AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDPv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDPLITEv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "PING", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ "PINGv6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
	{ "MPTCP", AF_INET, SOCK_STREAM, K_IPPROTO_MPTCP },
	{ "MPTCPv6", AF_INET6, SOCK_STREAM, K_IPPROTO_MPTCP },
	{ "SCTP", AF_INET, 0, IPPROTO_SCTP },
	{ "SCTPv6", AF_INET6, 0, IPPROTO_SCTP },
	{ "NETLINK", AF_NETLINK, 0, 0 },
};

/* The same, of a socket that may not be had: by what the link in /proc tells, and only of our own namespace.
 */
static int look_from_outside(const struct loose *l, const struct owner *o, uint32_t inode,
			     struct seg_unbound *ret)
{
	uint32_t task = o->holder ? o->holder : o->pid;
	char path[64], name[NAME];
	struct stat st;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%u/ns/net", task);
	if (stat(path, &st) < 0 || !l->netns || st.st_ino != l->netns)
		return -EPERM;
	(void)snprintf(path, sizeof(path), "/proc/%u/fd/%u", task, o->fd);
	n = getxattr(path, "system.sockprotoname", name, sizeof(name) - 1);
	if (n < 0)
		return errno == ENOENT ? 0 : -EPERM;
	if (stat(path, &st) < 0 || st.st_ino != inode)
		return 0;
	name[n] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(protocols[i].name, name) != 0)
			continue;
		ret->family = protocols[i].family;
		ret->type = protocols[i].type;
		ret->protocol = protocols[i].protocol;
		return 1;
	}
	return -EPERM;
}

int loose_look(struct loose *l, const struct owners *owners, uint32_t inode, struct seg_unbound *ret)
{
	int fd = getfd_of(l->getfd, owners, inode), r;

	*ret = (struct seg_unbound){ .inode = inode, .idle_ms = HELD_NONE };
	if (fd == -ENOENT || (fd < 0 && !owners->n))
		return 0;
	if (fd < 0)
		return look_from_outside(l, &owners->v[0], inode, ret);
	r = look_at(fd, ret);
	(void)close(fd);
	return r;
}
