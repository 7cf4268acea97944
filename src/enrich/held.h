/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What sockets that processes hold tell of themselves and no dump does: their options. Read in the kernel's
 * memory by BPF, for all descriptors at once, where that may be done and pays; else one socket after the
 * other is asked by a second descriptor of it (enrich/getfd.h). Nothing is changed.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "enrich/procs.h"
#include "model/field.h"
#include "model/segment.h"

/* What later readings need not do again: a BPF program that is loaded. */
struct held_kept;
struct held_kept *held_kept_free(struct held_kept *k);

struct held_opts {
	enum procs_way
		way; /* PROCS_AUTO chooses, PROCS_PROC is without BPF, the others with it where it works */
	/* In and out, the caller's to free; *kept is NULL at first. One reading at a time. */
	struct held_kept **kept;
};

struct held;

/* Returns 0 or -ENOMEM. Without BPF nothing is read before it is asked for. */
int held_new(const struct held_opts *o, struct held **ret);
struct held *held_free(struct held *h);

DEFINE_CLEANUP(struct held, held_free)

/* Which socket is meant. */
struct held_ask {
	uint32_t inode;
	uint32_t protocol; /* IPPROTO_*; 0: none, or not known */
	uint32_t want;     /* bits HELD_BIT(): what else there is may be absent, but for the times of probes
			    that are on, and the name of a congestion control that was asked for */
	const struct owners *owners; /* who holds it; NULL: that was not looked for */
};

/*
 * Sets *@ret, whose texts are valid until the next call. Returns 0, or a negative errno: -EAGAIN when it
 * takes the owners to tell, -EPERM when those may not be looked into, -EOPNOTSUPP when the kernel lets nobody
 * look, -ENOENT when nobody has it.
 */
int held_find(struct held *h, const struct held_ask *ask, struct seg_held *ret);
