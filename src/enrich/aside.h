/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Sockets that somebody has without a descriptor in a table: registered with an io_uring, or under way to
 * another process in a message that nobody has taken yet. Looked for in /proc/PID/fdinfo, which is dear: for
 * when a socket has no owner, and somebody asks why.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct aside;

/* Looks through all processes that may be looked into. @proc_root: NULL: "/proc". Returns 0 or a negative
 * errno. */
int aside_new(const char *proc_root, struct aside **ret);
struct aside *aside_free(struct aside *a);

DEFINE_CLEANUP(struct aside, aside_free)

/* Whether the socket @inode is registered with an io_uring. */
bool aside_is_in_ring(const struct aside *a, uint32_t inode);

/* How many descriptors, of whatever, are under way over Unix sockets; since Linux 5.10 that is told. */
size_t aside_in_flight(const struct aside *a);
