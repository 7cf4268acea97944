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

struct killer_opts {
	bool is_dry_run; /* the kernel is never asked to destroy anything */
	bool has_limit;
	uint64_t limit; /* with .has_limit: no more sockets than these, the first ones that are listed */
};

/* Returns 0 or -ENOMEM. */
int killer_new(const struct killer_opts *o, struct killer **ret);
struct killer *killer_free(struct killer *k);

DEFINE_CLEANUP(struct killer, killer_free)

/*
 * Destroys the socket that @row shows, unless it was tried before and the
 * kernel found it then. True when it is to be shown as destroyed; in a dry
 * run, when it would be tried.
 */
bool killer_row(struct killer *k, const struct row *row);

/*
 * With a limit, which sockets are meant is decided before the first one ends: whatever leaves the kernel's
 * tables hides others from the listing. True when the rows have to be passed once more for that, between
 * begin and end; killer_row() then only remembers.
 */
bool killer_choose_begin(struct killer *k);
void killer_choose_end(struct killer *k);

/* Whether further rows change nothing: the limit is reached. */
bool killer_is_over(const struct killer *k);

/* Grows as long as listing the same sockets again may bring up more to destroy, or correct the count. */
size_t killer_progress(const struct killer *k);

/*
 * Says what was done: @least (a hint, or a warning where nothing else tells) when all went well, a warning
 * when what was destroyed has an end that nobody notices, an error when a socket that matched was left. Said
 * again with a higher @least it is one note all the same.
 */
void killer_report(const struct killer *k, enum note least, struct notes *notes);
