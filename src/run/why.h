/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Why no process is seen that holds a socket.
 */

#include "host/host.h"
#include "model/field.h"
#include "model/names.h"
#include "run/still.h"

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

/* Whether the kernel itself receives there, for an interface: no other socket can have that port then. */
bool why_is_of_iface(const struct names *names, const struct row *row);

/*
 * The word for whoever has the socket @inode without a descriptor; NULL: none is known. No socket of the
 * kernel's own can be told from one that has just ended.
 */
const char *why_apart(struct host *h, uint32_t inode);

/* The same of @row, of which nobody has a descriptor, and whether it has ended meanwhile: for that the kernel
 * is asked again, by @still. */
const char *why_undescribed(struct host *h, struct still *still, const struct row *row);
