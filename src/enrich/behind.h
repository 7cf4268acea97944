/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who is behind a published port: docker-proxy has on its command line where it hands on what comes to its
 * own socket, and there is a listener of a container.
 */

#include "base/sv.h"
#include "enrich/locals.h"
#include "enrich/tuple.h"

/* Where one listens, or is to be found. */
struct bound {
	uint8_t kind;     /* TUPLE_* */
	uint8_t addr[16]; /* as tuple_addr() makes it; all zero, or mapped zero: all */
	uint16_t port;    /* big endian */
	uint32_t netns, inode;
	uint64_t cgroup; /* 0: not known */
};

/* Reads where a docker-proxy with the command line @cmdline, blanks between the words, hands on to. */
bool behind_read(struct sv cmdline, struct bound *ret);

/* All that listen, on this host. */
struct bounds {
	struct bound *v;
	size_t n, cap;
};

void bounds_done(struct bounds *x);

/* Adds a copy of @b. Returns 0 or -ENOMEM. */
int bounds_add(struct bounds *x, const struct bound *b);

/*
 * The one that receives what is sent to @to, in the namespace that @l says has its address; the first of
 * several that share the port there. NULL where there is none, or are some in several namespaces.
 */
const struct bound *bounds_find(const struct bounds *x, const struct locals *l, const struct bound *to);
