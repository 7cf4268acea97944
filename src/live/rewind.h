/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The samples of before, to go back to: as many as there is memory for. When that is full those go first
 * whose neighbours are nearest for their age, so that what is longer ago is coarser, and how long ago it is
 * that can be gone back to does not depend on how many sockets there are.
 */

#include "live/sample.h"

enum { REWIND_BYTES = 64 * 1024 * 1024, REWIND_US = 3600000000 };

struct rewind;

/* Keeps at most @max_bytes, and no sample older than REWIND_US. Returns NULL when memory ran out. */
struct rewind *rewind_new(size_t max_bytes);
struct rewind *rewind_free(struct rewind *r);

DEFINE_CLEANUP(struct rewind, rewind_free)

/* Adds @s, later than all others, with a reference of its own. Returns 0 or -ENOMEM. */
int rewind_add(struct rewind *r, struct sample *s);

size_t rewind_len(const struct rewind *r);

/* The sample @i, the first one the oldest; borrowed until the next is added. */
struct sample *rewind_at(const struct rewind *r, size_t i);

/* The last sample at @monotonic_us or before; 0 where there is none. */
size_t rewind_find(const struct rewind *r, int64_t monotonic_us);

/* How far back it goes, and how far apart its samples are at most. */
int64_t rewind_span_us(const struct rewind *r);
int64_t rewind_step_us(const struct rewind *r);
