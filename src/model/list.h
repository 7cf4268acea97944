/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Fields whose value is a list: how many elements of what layout lie in the
 * bytes that the kernel sent. An element is a value by itself, or has parts
 * with names.
 */

#include "model/tabular.h"

/* How many parts an element of @f has; 0 when @f is no list. */
size_t list_n_parts(enum field_id f);

/* The column that part @part of @f is; its .name is NULL when the element has no other. */
struct column list_part(enum field_id f, size_t part);

/* How many whole elements @bytes holds. */
size_t list_len(enum field_id f, struct sv bytes);

/* Part @part of element @i, of list_len(), into @ret, which points into @bytes; false when it is absent. */
bool list_get(enum field_id f, struct sv bytes, size_t i, size_t part, struct val *ret);
