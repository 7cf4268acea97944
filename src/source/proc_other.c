/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* /proc/net/packet and netlink. */

#include <errno.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <sys/socket.h>

#include "kernel/abi.h"
#include "source/proc_line.h"

/* sk RefCnt Type Proto Iface R Rmem User Inode */
int proc_packet(struct proc *p, struct sv line)
{
	struct proc_cols c = { .rest = line };
	struct packet_diag_msg msg = { .pdiag_family = AF_PACKET,
				       .pdiag_cookie = { UINT32_MAX, UINT32_MAX } };
	uint32_t ifindex, rmem, uid;

	(void)proc_pointer(&c);
	(void)proc_num(&c, 10, UINT32_MAX); /* references */
	msg.pdiag_type = (uint8_t)proc_num(&c, 10, UINT8_MAX);
	msg.pdiag_num = (uint16_t)proc_num(&c, 16, UINT16_MAX);
	ifindex = (uint32_t)proc_num(&c, 10, INT32_MAX);
	(void)proc_num(&c, 10, 1); /* running */
	rmem = (uint32_t)proc_num(&c, 10, UINT32_MAX);
	uid = (uint32_t)proc_num(&c, 10, UINT32_MAX);
	msg.pdiag_ino = (uint32_t)proc_num(&c, 10, UINT64_MAX);
	if (c.is_bad)
		return -EBADMSG;
	proc_msg(p, &msg, sizeof(msg));
	/* Only the first member of each is known. */
	proc_attr(p, PACKET_DIAG_INFO, &ifindex, sizeof(ifindex));
	proc_attr(p, PACKET_DIAG_MEMINFO, &rmem, sizeof(rmem));
	proc_attr(p, PACKET_DIAG_UID, &uid, sizeof(uid));
	return 1;
}

/* A number that some kernels write as a signed one. */
static uint32_t read_wrapped(struct proc_cols *c)
{
	struct sv s = proc_col(c);

	if (s.len && s.p[0] == '-')
		return -(uint32_t)proc_num_of(c, sv_from(s, 1), 10, INT32_MAX);
	return (uint32_t)proc_num_of(c, s, 10, UINT32_MAX);
}

/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
int proc_netlink(struct proc *p, struct sv line)
{
	struct proc_cols c = { .rest = line };
	struct k_netlink_proc ours = { .sk = proc_pointer(&c) };
	struct netlink_diag_msg msg = {
		.ndiag_family = AF_NETLINK,
		.ndiag_state = UINT8_MAX,
		.ndiag_cookie = { UINT32_MAX, UINT32_MAX },
	};
	uint32_t groups;

	msg.ndiag_protocol = (uint8_t)proc_num(&c, 10, UINT8_MAX);
	msg.ndiag_portid = read_wrapped(&c);
	groups = (uint32_t)proc_num(&c, 16, UINT32_MAX);
	ours.rmem = read_wrapped(&c);
	ours.wmem = read_wrapped(&c);
	ours.cb = proc_pointer(&c);         /* since 3.19 only whether there is one */
	(void)proc_num(&c, 10, UINT32_MAX); /* references */
	ours.drops = read_wrapped(&c);
	msg.ndiag_ino = (uint32_t)proc_num(&c, 10, UINT64_MAX);
	if (c.is_bad)
		return -EBADMSG;
	proc_msg(p, &msg, sizeof(msg));
	proc_attr(p, NETLINK_DIAG_GROUPS, &groups, sizeof(groups));
	proc_attr(p, K_NETLINK_DIAG_X_PROC, &ours, sizeof(ours));
	return 1;
}
