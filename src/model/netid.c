/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/netid.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "model/field.h"

enum { TYPES = 6 };

static const char *const unix_types[TYPES] = { [SOCK_STREAM] = "u_str", [SOCK_SEQPACKET] = "u_seq" };
static const char *const packet_types[TYPES] = { [SOCK_RAW] = "p_raw" };
static const char *const vsock_types[TYPES] = { [SOCK_STREAM] = "v_str", [SOCK_DGRAM] = "v_dgr" };
static const char *const tipc_types[TYPES] = {
	[SOCK_STREAM] = "ti_st", [SOCK_DGRAM] = "ti_dg", [SOCK_RDM] = "ti_rd", [SOCK_SEQPACKET] = "ti_sq"
};

static const char *by_type(const char *const *names, const struct row *row, const char *other)
{
	uint64_t type = field_u64(row, F_TYPE, 0);

	return type < TYPES && names[type] ? names[type] : other;
}

static const char *by_protocol(uint64_t protocol)
{
	switch (protocol) {
	case 0: return "raw";
	case IPPROTO_TCP: return "tcp";
	case IPPROTO_UDP: return "udp";
	case IPPROTO_DCCP: return "dccp";
	case IPPROTO_UDPLITE: return "udpl";
	case IPPROTO_ICMP: return "icmp";
	case IPPROTO_ICMPV6: return "icmp6";
	case IPPROTO_SCTP: return "sctp";
	case K_IPPROTO_MPTCP: return "mptcp";
	default: return "???";
	}
}

static const char *of_unbound(const struct row *row)
{
	switch (field_u64(row, F_FAMILY, AF_UNSPEC)) {
	case AF_INET:
	case AF_INET6: return by_protocol(field_u64(row, F_PROTOCOL, 0));
	case AF_NETLINK: return "nl";
	default: return "???";
	}
}

const char *row_netid(const struct row *row)
{
	switch (row_dump(row)->table) {
	case TABLE_UNIX_STREAM:
	case TABLE_UNIX_DGRAM:
	case TABLE_UNIX_SEQPACKET: return by_type(unix_types, row, "u_dgr");
	case TABLE_PACKET_DGRAM:
	case TABLE_PACKET_RAW: return by_type(packet_types, row, "p_dgr");
	case TABLE_VSOCK_STREAM:
	case TABLE_VSOCK_DGRAM: return by_type(vsock_types, row, "???");
	case TABLE_TIPC: return by_type(tipc_types, row, "???");
	case TABLE_NETLINK: return "nl";
	case TABLE_XDP: return "xdp";
	case TABLE_RAW: return "raw";
	case TABLE_SMC: return "smc";
	case TABLE_UNBOUND: return of_unbound(row);
	default: return by_protocol(field_u64(row, F_PROTOCOL, 0));
	}
}

static const struct {
	uint16_t family, protocol, type;
} made[TABLE_MAX] = {
#define TABLE(id, name, family, protocol, type) [TABLE_##id] = { family, protocol, type },
#include "model/defs/table.def"
};

/* The @i-th that is there of @names. */
static const char *nth(const char *const *names, size_t i)
{
	for (size_t type = 0; type < TYPES; type++)
		if (names[type] && !i--)
			return names[type];
	return NULL;
}

const char *netid_word(enum table table, size_t i)
{
	const char *word = NULL;
	uint16_t type = made[table].type;

	if (table == TABLE_ICMP)
		return i < 2 ? by_protocol(i ? IPPROTO_ICMPV6 : IPPROTO_ICMP) : NULL;
	switch (made[table].family) {
	case K_AF_TIPC: return nth(tipc_types, i);
	case AF_UNIX: word = unix_types[type] ? unix_types[type] : "u_dgr"; break;
	case AF_PACKET: word = packet_types[type] ? packet_types[type] : "p_dgr"; break;
	case K_AF_VSOCK: word = vsock_types[type]; break;
	case AF_NETLINK: word = "nl"; break;
	case K_AF_XDP: word = "xdp"; break;
	case K_AF_SMC: word = "smc"; break;
	default: word = table == TABLE_RAW ? "raw" : by_protocol(made[table].protocol);
	}
	return i ? NULL : word;
}
