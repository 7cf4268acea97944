/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Whether a walk by BPF can have found all TCP connections: the kernel's own
 * counters, read before and after it, say about how many there are.
 */

#include <stdbool.h>

#include "base/err.h"
#include "model/counters.h"

struct bpf_doubt {
	uint8_t af;                         /* of the sockets walked */
	struct proc_counters before, after; /* of the walk */
	uint64_t n_full, n_tw; /* connections passed, whatever their state, and those in TIME-WAIT */
};

/*
 * Whether neither the counters nor what comes and goes meanwhile explains what was found; then @ret tells the
 * numbers. Counters that are not known prove nothing. What listens is in the counters, too, so they do not
 * say how many connections there are at least; that, those that are established do.
 */
bool bpf_doubt_is_due(const struct bpf_doubt *d, struct err *ret);
