/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The values that BPF programs keep with a socket, as the kernel sends them:
 * one nest of attributes for each map, inside the STORAGES segment.
 */

#include "model/row.h"

struct storage {
	uint32_t map_id;
	struct sv value; /* not aligned */
};

/*
 * What there is in @row, for storage_next(). It may be more than 64 KiB, which
 * the length of an attribute cannot say: it then goes on to the end of the message.
 */
struct sv storage_all(const struct row *row);

/* Takes the next one off @all into @ret; false when there are no more. What is malformed is left out. */
bool storage_next(struct sv *all, struct storage *ret);
