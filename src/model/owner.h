/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who holds a socket: one entry a process (or thread) and descriptor.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

struct owner {
	uint32_t pid;
	uint32_t tid; /* 0 when the entry is the process's own, not a further thread's */
	uint32_t fd;
	struct sv comm;    /* raw bytes that another user may have chosen */
	struct sv context; /* security context; empty when not asked for or not to be had */
};

/* What a row's OWNERS segment points to. */
struct owners {
	const struct owner *v;
	size_t n;
};
