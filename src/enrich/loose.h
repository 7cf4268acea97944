/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Whether a socket that a process has is in a table of the kernel, and what it is when not: asked of itself.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "model/owner.h"
#include "model/segment.h"

struct loose;

/* Returns NULL without memory. */
struct loose *loose_new(void);
/* Takes NULL too; returns NULL. */
struct loose *loose_free(struct loose *l);

DEFINE_CLEANUP(struct loose, loose_free)

/*
 * Looks at the socket @inode of @owners, which no table of this network namespace showed. Returns 1 when no
 * other has it either, with what it is in *@ret; 0 when one has, or it is gone; or -EPERM when that is not to
 * be known. Who may not trace the process is told the protocol all the same; then what is a socket of this
 * namespace's process is taken for one of this namespace.
 */
int loose_look(struct loose *l, const struct owners *owners, uint32_t inode, struct seg_unbound *ret);
