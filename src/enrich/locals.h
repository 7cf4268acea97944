/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which addresses are whose: of each network namespace those that packets are delivered to there. They are
 * those of its interfaces, and what else its local routing table has, such as whole prefixes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct local_prefix {
	uint8_t addr[16];
	uint32_t netns;
	unsigned int bits; /* of the 128 that count */
};

struct locals {
	struct local_prefix *v;
	size_t n, cap;
	uint64_t lengths[3]; /* bits: of which lengths there are any, 0 to 128 */
	bool is_sorted;
};

void locals_done(struct locals *l);

/* Adds that @netns delivers to the first @bits of @addr. Returns 0 or -ENOMEM. */
int locals_add(struct locals *l, uint32_t netns, const uint8_t addr[16], unsigned int bits);

/* Makes what was added ready to be asked for. */
void locals_sort(struct locals *l);

/* Whether @netns delivers to @addr; 127.0.0.0/8 and ::1 every one does. */
bool locals_has(const struct locals *l, uint32_t netns, const uint8_t addr[16]);

/* Whether any does. */
bool locals_has_any(const struct locals *l, const uint8_t addr[16]);

/* Whether it is one of those that never leave a namespace. */
bool locals_is_loopback(const uint8_t addr[16]);

/*
 * Asks for those of the network namespace with the number @netns, that @fd is a descriptor of, -1 for that of
 * the thread. Returns 0 or a negative errno: -ENOTRECOVERABLE when the way home is barred.
 */
int locals_ask(struct locals *l, int fd, uint32_t netns, struct err *e);
