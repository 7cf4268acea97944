/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* What waits in a socket's queue, in payload: what the message tells of it already. */

#include "model/field.h"

/* Whether @row is of a kind whose recvq is the memory that datagrams take, or the length of the first. */
bool queue_is_of_datagrams(const struct row *row);

/*
 * Adds to *@held, which the socket of @row told when @is_told, what its message tells. Returns whether
 * anything is known.
 */
bool held_complete(const struct row *row, bool is_told, struct seg_held *held);
