/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/faked.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* Of these nothing under /proc/net tells. */
static bool is_kernel_only(enum table t)
{
	return t == TABLE_TIPC || t == TABLE_XDP || t == TABLE_VSOCK_STREAM || t == TABLE_VSOCK_DGRAM;
}

/* Whether @f names a file for @t itself. */
static bool has_file(const struct proc_paths *f, enum table t)
{
	switch (t) {
	case TABLE_TCP: return f->tcp;
	case TABLE_UDP: return f->udp;
	case TABLE_RAW: return f->raw;
	case TABLE_NETLINK: return f->netlink;
	case TABLE_PACKET_RAW:
	case TABLE_PACKET_DGRAM: return f->packet;
	case TABLE_UNIX_STREAM:
	case TABLE_UNIX_DGRAM:
	case TABLE_UNIX_SEQPACKET: return f->unix_;
	default: return false;
	}
}

void faked_files(struct host_files *ret)
{
	static const struct {
		const char *variable;
		enum table table;
	} absent[] = {
		{ "PROC_NET_DCCP", TABLE_DCCP },
		{ "PROC_NET_SCTP", TABLE_SCTP },
		{ "PROC_NET_MPTCP", TABLE_MPTCP },
	};
	const char *root = getenv("PROC_ROOT");

	*ret = (struct host_files){ .root = root,
				    .net = { .root = root,
					     .tcp = getenv("PROC_NET_TCP"),
					     .tcp6 = getenv("PROC_NET_TCP6"),
					     .udp = getenv("PROC_NET_UDP"),
					     .udp6 = getenv("PROC_NET_UDP6"),
					     .raw = getenv("PROC_NET_RAW"),
					     .raw6 = getenv("PROC_NET_RAW6"),
					     .unix_ = getenv("PROC_NET_UNIX"),
					     .packet = getenv("PROC_NET_PACKET"),
					     .netlink = getenv("PROC_NET_NETLINK") },
				    .counters = { .proc_root = root,
						  .sockstat = getenv("PROC_NET_SOCKSTAT"),
						  .sockstat6 = getenv("PROC_NET_SOCKSTAT6"),
						  .snmp = getenv("PROC_NET_SNMP") },
				    .port_range = getenv("PROC_IP_LOCAL_PORT_RANGE"),
				    .tcp_recording = getenv("TCPDIAG_FILE") };
	for (enum table t = 0; t < TABLE_MAX; t++)
		if (has_file(&ret->net, t) || (root && !is_kernel_only(t)))
			ret->text_tables |= 1u << t;
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		if (getenv(absent[i].variable) || root)
			ret->absent_tables |= 1u << absent[i].table;
}

void faked_only_text(struct host_files *f)
{
	for (enum table t = 0; t < TABLE_MAX; t++)
		if (!is_kernel_only(t))
			f->text_tables |= 1u << t;
	f->absent_tables |= 1u << TABLE_DCCP | 1u << TABLE_SCTP | 1u << TABLE_MPTCP;
}
