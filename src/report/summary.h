/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The summary of "ss -s": how many sockets there are, from the kernel's
 * counters, corrected where they are those of other network namespaces too.
 */

#include "base/notes.h"
#include "host/host.h"
#include "model/tabular.h"

/*
 * Appends the summary of @h to @ret, and to @notes what could not be found out.
 * Returns 0, or -ENOMEM.
 */
int summary_render(struct host *h, struct text *ret, struct notes *notes);

/*
 * The same as the records of one list, "summary", of the time @at_us as in struct listing, to @to; what could
 * not be found out is absent. Returns 0 or a negative errno. The answer is not ended.
 */
int summary_put(struct host *h, uint64_t at_us, struct tabular *to, struct notes *notes);

/* Appends the summary of @c to @ret; what is absent counts as 0, which the format demands. */
void summary_format(const struct proc_counters *c, struct text *ret);
