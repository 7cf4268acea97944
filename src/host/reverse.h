/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names of hosts by address, many at a time: threads ask the resolver, as each of its answers may take
 * seconds, and whoever needs them waits for all together, no longer than it says. Each address is asked for
 * once.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/sv.h"

struct reverse;

enum reverse_answer {
	REVERSE_NAMED,
	REVERSE_NAMELESS, /* it has no name */
	REVERSE_UNKNOWN,  /* no answer yet, or none that tells */
};

/*
 * Starts the threads, which stay in the network namespace of the caller. Returns 0 or a negative errno.
 */
int reverse_new(struct reverse **ret);

/* What is not answered is given up: a thread that still waits for its answer ends with it. */
struct reverse *reverse_free(struct reverse *x);

DEFINE_CLEANUP(struct reverse, reverse_free)

/* Asks for the name of @addr, 4 or 16 bytes, unless that was done. Returns 0 or -ENOMEM. */
int reverse_ask(struct reverse *x, struct sv addr);

/*
 * Waits until what was asked for since the last call has its answer, or for @within_us microseconds. Returns
 * how many of these addresses have none, or none that tells.
 */
size_t reverse_wait(struct reverse *x, int64_t within_us);

/* The name of @addr into @ret, which lasts as long as @x. */
enum reverse_answer reverse_name(struct reverse *x, struct sv addr, struct sv *ret);
