/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Why no process is seen that holds a socket.
 */

#include "enrich/procs.h"
#include "model/field.h"

/* What the row and the processes leave open. */
enum why_open {
	WHY_SETTLED,
	WHY_HIDDEN, /* a process that cannot be seen may hold it: that is the answer, if nobody knows better
		     */
	WHY_APART,  /* somebody may have it without a descriptor, or it has ended */
};

/*
 * The value of owner.why for @row, whose owners are known, with @sight what could be seen of the processes.
 * NULL where there is nothing to explain, or it takes more to know. *@ret_open tells whether it is the last
 * word.
 */
const char *why_nobody(const struct row *row, enum procs_sight sight, enum why_open *ret_open);
