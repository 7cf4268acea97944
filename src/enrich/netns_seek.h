/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Network namespaces that neither a process nor a mount leads to, but something that a process has open: a
 * socket in it, or a descriptor of it. Three that tell of them, each where it can be had:
 *
 * - listns(2), Linux 6.19, has all that are in use, but not those that only a socket holds;
 * - BPF reads the kernel's list, where loading a program is quicker than looking at all that is open;
 * - each socket leads to its own, by a second descriptor of it (getfd.h): about two microseconds each. After
 *   the kernel's list was read that is only done when one is left that could not be opened by its number.
 *
 * Where not all processes of the machine are to be seen, only the sockets of those that are count.
 */

#include "enrich/netns.h"
#include "enrich/procs.h"

enum { NETNS_SOCKETS_MAX = 20000 }; /* looked at */

/* What the kernel is asked. */
struct netns_calls {
	/* As listns(2): at most @n numbers of network namespaces behind the number @after, ascending. Returns
	 * how many, or a negative errno. */
	long (*list)(uint64_t after, uint64_t *ret, size_t n);
	/* The namespace with the number @id; @ino: that of its file, 0: not known. Returns a descriptor or a
	 * negative errno. */
	int (*open)(uint64_t id, uint32_t ino);
};

extern const struct netns_calls netns_calls_live;

struct netns_seek {
	const struct netns_calls *calls;
	enum procs_way way; /* to the sockets; PROCS_AUTO: BPF where that pays, PROCS_PROC: never */
};

/*
 * Adds to @l those that are found, and to what may be missing in it. Returns 0 or -ENOMEM.
 */
int netns_seek(struct netns_list *l, const struct netns_seek *how, struct err *e);
