/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Destroys sockets, and counts what became of those it was to destroy.
 *
 * The kernel is given addresses, ports and the cookie that the listing showed.
 * Without the cookie it would take the next best socket: the listener, when
 * the connection has gone meanwhile. So a socket without cookie is left alone.
 */

#include "base/cleanup.h"
#include "base/notes.h"
#include "model/row.h"

struct killer;

/* With @is_dry_run the kernel is never asked to destroy anything. Returns 0 or -ENOMEM. */
int killer_new(bool is_dry_run, struct killer **ret);
struct killer *killer_free(struct killer *k);

DEFINE_CLEANUP(struct killer, killer_free)

/*
 * Destroys the socket @row shows, once: one that was tried before is passed
 * over. True when it is to be shown as destroyed; in a dry run, when it could
 * be tried.
 */
bool killer_row(struct killer *k, const struct row *row);

/* How many sockets were destroyed so far. */
size_t killer_count(const struct killer *k);

/* Says what was done: a hint when all went well, an error when a socket that matched was left. */
void killer_report(const struct killer *k, struct notes *notes);
