/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Numbers to names, for an output that wants them. The engine fills this in;
 * a test fills in its own. Every function appends to the text; those that
 * answer false have appended nothing and leave it to the caller. Without
 * memory for the answer the text fails.
 */

#include "base/text.h"

struct names {
	void *ctx;

	/* Name of the service at @port (host order) of the IP protocol @protocol. */
	bool (*service)(void *ctx, struct text *t, uint16_t port, uint16_t protocol);
	/* Name of an IP protocol. */
	bool (*protocol)(void *ctx, struct text *t, uint16_t protocol);
	/* Name of the host at @addr, 4 or 16 bytes. */
	bool (*host)(void *ctx, struct text *t, struct sv addr);
	/* Name of an interface; "ifN", and false, when it has none. */
	bool (*iface)(void *ctx, struct text *t, uint32_t ifindex);
	/* Whether the kernel itself has the UDP port @port, for an interface; NULL: that is not known. */
	bool (*iface_has_port)(void *ctx, uint16_t port);
	/* From now on interfaces are those of the network namespace with the number @ino. */
	void (*enter)(void *ctx, uint32_t ino);
	/* Name of that network namespace; "net:[INO]" when it has none. */
	void (*netns)(void *ctx, struct text *t, uint32_t ino);
	/* Path of a cgroup; "unreachable:HEX" when it cannot be found. False when there are no cgroups. */
	bool (*cgroup)(void *ctx, struct text *t, uint64_t id);
	/* Whether all cgroups there are have such a path; NULL: yes. */
	bool (*sees_cgroups)(void *ctx);
	/* As cgroup(), by any cgroup2 mount that can be reached: the classic text shows what the caller's own
	 * has. */
	bool (*cgroup_path)(void *ctx, struct text *t, uint64_t id);
	/* Name of a user, the number when there is none. */
	void (*user)(void *ctx, struct text *t, uint32_t uid);
	/* Name of a netlink protocol. */
	bool (*netlink)(void *ctx, struct text *t, uint8_t protocol);
	/* Name of the process @pid. */
	bool (*process)(void *ctx, struct text *t, uint32_t pid);
	/* Security context of the process @pid, 0 for the kernel; and of the socket at @fd of @pid. */
	bool (*context)(void *ctx, struct text *t, uint32_t pid);
	bool (*socket_context)(void *ctx, struct text *t, uint32_t pid, uint32_t fd);
	/*
	 * The @value that the BPF map @map_id keeps for a socket: lines that begin with two tabs, or all in
	 * one. Returns 0, or a negative errno: -ENOENT when nothing is known about the map.
	 */
	int (*storage)(void *ctx, struct text *t, uint32_t map_id, struct sv value, bool is_oneline);
};
