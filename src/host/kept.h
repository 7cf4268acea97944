/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a recording keeps of a machine besides its sockets: of each network namespace the kernel's counters,
 * the settings that say why a socket does what it does, and the interfaces.
 */

#include "host/host.h"

/* A file that there is not: the names of all settings that files of sysctl(8) set, a line each. */
#define KEPT_SYSCTL "sysctl.d"

struct kept_ops {
	/* A file, by its path below /proc. Returns 0 or a negative errno. */
	int (*file)(void *ctx, const char *path, struct sv contents);
	int (*iface)(void *ctx, uint32_t ifindex, struct sv name);
	/* NULL, or told of a file, by a path that stays, that is there and could not be read. */
	void (*unread)(void *ctx, const char *path);
};

/*
 * Tells @ops of those of @p, which is one of @all; both NULL: of the network namespace that this thread is
 * in. What cannot be read is passed over. Returns 0 or a negative errno: what @ops did, or -ENOTRECOVERABLE
 * when the way home is barred.
 */
int kept_read(struct host *h, const struct places *all, const struct place *p, const struct kept_ops *ops,
	      void *ctx);
