/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Going into another network namespace.
 */

#include "base/err.h"
#include "base/notes.h"

/*
 * Moves the process into the network namespace @where: a name under
 * /run/netns, the number of a process, a path when there is a slash in it, or
 * what lists of all namespaces call it (enrich/netns.h), or "net:[INO]". A name wins over a
 * number. The files that /etc/netns/NAME has for a name are
 * seen in place of those of /etc; what hinders that is a note.
 *
 * To be called while there is only one thread: others would stay behind.
 * Returns 0 or a negative errno with detail.
 */
int netns_enter(const char *where, struct notes *notes, struct err *e);
