/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Whether there is a record at all: the first is handed on, and no more are wanted.
 */

#include "model/tabular.h"

/* @next, which is taken over, gets the first record of each list; NULL: it goes nowhere. Returns 0 or
 * -ENOMEM. */
int probe_new(struct tabular *next, struct tabular **ret);

/* Whether there was one, in any list so far. */
bool probe_has_record(const struct tabular *t);
