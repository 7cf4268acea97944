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
 * Destroys the socket that @row shows, unless it was tried before and the
 * kernel found it then. True when it is to be shown as destroyed; in a dry
 * run, when it would be tried.
 */
bool killer_row(struct killer *k, const struct row *row);

/* Grows as long as listing the same sockets again may bring up more to destroy, or correct the count. */
size_t killer_progress(const struct killer *k);

/* Says what was done: a hint when all went well, an error when a socket that matched was left. */
void killer_report(const struct killer *k, struct notes *notes);
