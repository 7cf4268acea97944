/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Counts of TCP sockets, IPv4 and IPv6, of the current network namespace that
 * the kernel keeps for the whole host only, found by looking at the sockets.
 */

#include <stdint.h>

#include "base/err.h"

/*
 * Sockets that no process holds any more and that still work off their end. The
 * kernel passes the connections of the whole host. Returns 0 or a negative errno.
 */
int tcp_count_orphans(int64_t *ret, struct err *e);

/* Sockets that listen, for which the kernel passes those alone. Returns 0 or a negative errno. */
int tcp_count_listening(int64_t *ret, struct err *e);

/*
 * Sockets that have a port but neither listen nor are connected; 0 before Linux
 * 6.8, which does not show them. The kernel holds a lock for each port while it
 * passes all sockets on it: not to be done where there are very many, here or on
 * the host.
 * Returns 0 or a negative errno.
 */
int tcp_count_bound(int64_t *ret, struct err *e);
