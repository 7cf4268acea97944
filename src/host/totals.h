/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * How many sockets there are, as the summary shows it: the kernel's counters, those of the whole host made
 * those of the network namespace.
 */

#include "host/host.h"

/* Reads the counters of @h into @ret, and tells @notes what could not be found out. Returns 0 or -ENOMEM. */
int totals_read(struct host *h, struct proc_counters *ret, struct notes *notes);

/* What recordings call a counter, and the one that is called so, COUNTER_MAX when there is none. */
const char *totals_name(enum proc_counter c);
enum proc_counter totals_find(struct sv name);
