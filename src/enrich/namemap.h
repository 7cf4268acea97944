/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A table of names found so far, by a key of 128 bits (an address, or a number
 * in .lo). It only grows; a name keeps its place in memory until
 * namemap_done(). "Asked, and there is none" can be kept too.
 */

#include "base/hash.h"

struct namemap_key {
	uint64_t hi, lo;
};

struct namemap {
	struct hash names;
};

void namemap_done(struct namemap *m);

/* True when @key is known; @ret is then its name, with .p NULL when it has none. */
bool namemap_find(const struct namemap *m, struct namemap_key key, struct sv *ret);

/*
 * Remembers a copy of @name (.p NULL: there is none) for @key, which is not
 * there yet; @ret is the copy. Returns 0 or -ENOMEM.
 */
int namemap_add(struct namemap *m, struct namemap_key key, struct sv name, struct sv *ret);
