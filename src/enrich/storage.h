/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Maps of socket-local BPF storage: found by number, their values as text.
 *
 * There are two ways to build this: with libbpf, and without, where every
 * function says that it cannot be had.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct storages;

/* Returns 0, -EOPNOTSUPP with detail when this was built without libbpf, or -ENOMEM. */
int storages_new(struct storages **ret, struct err *e);
struct storages *storages_free(struct storages *s);

/*
 * Opens the map number @id. Returns its descriptor, which is borrowed, the same
 * for the same number; or a negative errno with detail: -EMEDIUMTYPE when it is
 * a map of another kind.
 */
int storages_open(struct storages *s, uint32_t id, struct err *e);

/*
 * Appends @value of the map number @id: in lines that begin with two tabs, the
 * last without its end, or with @is_oneline all in one. Returns 0, or appends
 * nothing: -ENOENT when nothing can be found out about the map, -EBADMSG when
 * it is not what the map's values are.
 */
int storages_put(struct storages *s, struct text *t, uint32_t id, struct sv value, bool is_oneline);
