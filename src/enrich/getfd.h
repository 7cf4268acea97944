/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Sockets of other processes, held for a moment: a second descriptor of what a process has open, by
 * pidfd_getfd(2), which Linux has since 5.6. It takes the right to trace the process.
 *
 * As long as it is open the socket stays, also when the process closes it; then the one who closes last is
 * us, and a close() that was to wait for what is not sent (SO_LINGER) waits here. So ask, and close at once;
 * and never ask for what changes the socket, as SO_ERROR does.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "model/owner.h"

struct getfd;

/* Returns NULL without memory. */
struct getfd *getfd_new(void);
/* Takes NULL too; returns NULL. */
struct getfd *getfd_free(struct getfd *g);

DEFINE_CLEANUP(struct getfd, getfd_free)

/*
 * A descriptor of the socket @inode from one of those that have it, to be closed. Returns a negative errno
 * when there is none: -EPERM when one of them may not be looked into, -EOPNOTSUPP when the kernel has no such
 * call, else -ENOENT: they have it no more.
 */
int getfd_of(struct getfd *g, const struct owners *owners, uint32_t inode);
