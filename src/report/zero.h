/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Groups that are shown without a socket in them, so that a log has the same rows in every sample: one for
 * each word that a key can have.
 */

#include "ops/group.h"
#include "plan/plan.h"

/*
 * Has @g show a group for each combination of the words that sockets of @sel can have in the @n keys
 * @columns. Returns 0, -ENOMEM, or -EINVAL with detail: a key has no words of its own.
 */
int zero_add(struct group *g, const struct column *columns, size_t n, const struct selection *sel,
	     struct err *e);
