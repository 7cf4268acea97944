/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a walk by BPF finds in network namespaces that are not listed: it sees
 * those of the whole table, and netlink cannot be asked for them. So that one
 * answer does not depend on the way, they are left out, and counted.
 */

#include "base/notes.h"
#include "host/places.h"

enum { UNLISTED_MAX = 256 }; /* as many namespaces are told apart */

struct unlisted {
	const struct places *places; /* borrowed: those that are listed */

	uint64_t n; /* sockets left out */
	uint32_t ino[UNLISTED_MAX];
	size_t n_ino;
	uint32_t last; /* that was looked for and is listed */
	bool has_last;
};

/*
 * Whether @n sockets of the namespace with the number @ino, which were asked for, are to be left out; then
 * they are counted.
 */
bool unlisted_take(struct unlisted *u, uint32_t ino, uint64_t n);

/* Notes what was left out. */
void unlisted_report(const struct unlisted *u, struct notes *notes);
