/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A network namespace whose sockets can be asked for.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	size_t i;          /* 0: home, where the run itself is */
	uint32_t ino;      /* its number: of its file under /proc/PID/ns */
	int fd;            /* leads there */
	const char *name;  /* as for people */
	int64_t n_tcp;     /* its TCP sockets, TIME-WAIT too, bound-inactive ones not; -1: not known */
	bool shares_table; /* of connections, with home, as the settings have it */
};

/* Whether @p, which may be NULL for home, is another network namespace than the one we are in. */
static inline bool place_is_elsewhere(const struct place *p)
{
	return p && p->i;
}
