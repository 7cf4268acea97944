/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Why no process is seen that holds a socket.
 */

#include "host/host.h"
#include "model/field.h"

/*
 * The value of owner.why for @row, whose owners are known, with @sight what could be seen of the processes.
 * NULL where there is nothing to explain, or it takes more to know: then *@ret_is_apart tells whether
 * somebody may have it without a descriptor.
 */
const char *why_nobody(const struct row *row, enum procs_sight sight, bool *ret_is_apart);

/*
 * The word for whoever has the socket @inode without a descriptor; NULL: none is known. No socket of the
 * kernel's own can be told from one that has just ended.
 */
const char *why_apart(struct host *h, uint32_t inode);
