/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names of users by their number, as the system's name services have them.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "base/sv.h"

struct users;

/*
 * An empty table, or NULL when memory ran out. Nothing is asked before the first lookup. @tree, borrowed: the
 * users are those of the file etc/passwd below that directory; NULL: as the system's name services have them.
 */
struct users *users_new(const char *tree);
struct users *users_free(struct users *u);
DEFINE_CLEANUP(struct users, users_free)

/*
 * The name of user @uid, its number when it has none. Asked once. Valid until
 * the table ends; empty when memory ran out.
 */
struct sv users_name(struct users *u, uint32_t uid);

/* The number of the user called @name. Returns 0, -ENOENT or -ENOMEM. */
int users_number(const struct users *u, struct sv name, uint64_t *ret);
