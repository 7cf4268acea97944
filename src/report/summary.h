/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The summary of "ss -s": how many sockets there are, from the kernel's
 * counters, corrected where they are those of other network namespaces too.
 */

#include "base/notes.h"
#include "host/host.h"

/*
 * Appends the summary of @h to @ret, and to @notes what could not be found out.
 * Returns 0, or -ENOMEM.
 */
int summary_render(struct host *h, struct text *ret, struct notes *notes);

/* Appends the summary of @c to @ret; what is absent counts as 0, which the format demands. */
void summary_format(const struct proc_counters *c, struct text *ret);
