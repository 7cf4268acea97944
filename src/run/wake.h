/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the kernel tells of, for who waits for sockets to be there, or to end: so that it is asked again when
 * something has happened, and not only after a while.
 *
 * Of what is announced no more is known than that something may be different now. While somebody listens the
 * end of every TCP and UDP socket is dearer on this host, in all network namespaces.
 */

#include "base/cleanup.h"
#include "plan/select.h"

struct host;

struct wake;

/*
 * Listens for the ends of sockets of @sel in this network namespace. Returns 0, or a negative errno where
 * nothing is announced of them, or we may not listen: then asking again is all that is left.
 */
int wake_at_end(const struct selection *sel, struct wake **ret);

/* The same for all that becomes of TCP sockets, by a BPF program, in the network namespace that @h is in. */
int wake_at_change(const struct selection *sel, struct host *h, struct wake **ret);
struct wake *wake_free(struct wake *w);

DEFINE_CLEANUP(struct wake, wake_free)

/* A descriptor that can be read from when something was announced; -1 for NULL. */
int wake_fd(const struct wake *w);

/* Forgets what was announced so far. */
void wake_clear(struct wake *w);
