/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Why no process is seen that holds a socket.
 */

#include "enrich/procs.h"
#include "model/field.h"

/*
 * The value of owner.why for @row, whose owners are known, with @sight what could be seen of the processes.
 * NULL where there is nothing to explain, or it takes more to know: then *@ret_is_apart tells whether
 * somebody may have it without a descriptor.
 */
const char *why_nobody(const struct row *row, enum procs_sight sight, bool *ret_is_apart);
