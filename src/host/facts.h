/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * How many sockets there are, by the kernel's counters.
 */

#include "host/proc_counters.h"
#include "model/facts.h"

/* Fills in the numbers of sockets of @ret from the files @paths. */
void facts_count(const struct proc_counter_paths *paths, struct facts *ret);

/* The last number in the text of a file under /proc/sys, -1 when it has none. */
int64_t facts_limit(struct sv text);
