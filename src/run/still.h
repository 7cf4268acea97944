/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Whether a socket that was listed is there still: the kernel is asked for it alone.
 */

#include "model/row.h"
#include "nl/nl.h"

/* Zeroes to begin with. */
struct still {
	struct nl *nl; /* of the network namespace of the thread at the first question */
};

void still_done(struct still *s);

/*
 * Whether the socket of @row, of the network namespace of the thread, has ended since it was listed, or at
 * least whoever had it has closed it. False also where that cannot be told: of sockets that the kernel finds
 * by their addresses only, and may take another for.
 */
bool still_has_ended(struct still *s, const struct row *row);
