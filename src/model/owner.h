/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who holds a socket: what the segment OWNERS of a row points to.
 *
 * The texts are the bytes the processes chose themselves: they are hostile,
 * and whoever shows them escapes them.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

struct owner {
	uint32_t pid, tid, fd; /* tid: 0 when threads were not asked for; a main thread's is its pid */
	uint32_t holder;       /* the thread whose table @fd is in; 0: that of the main thread */
	struct sv comm;        /* empty when the process vanished before it was read */
};

struct owners {
	const struct owner *v;
	size_t n;
};
