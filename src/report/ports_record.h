/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is told of a listener: its record in the list of report/ports.h, for whom it is inner.
 */

#include "report/ports.h"

/* What is read of each of its sockets. */
enum port_reads {
#define READS(id, name) PORT_##id,
#define OFFERS READS
#include "report/ports.def"
	PORT_READS
};

/* Sockets that are one listener, in the order of their addresses. */
struct listener_sockets {
	const struct cell *const *v; /* of each the cells, by enum port_reads */
	size_t n;
};

struct port_record;

/*
 * Makes what writes to @to, borrowed, what can be told where @reads, borrowed too, says which fields are
 * read; NULL: that one is not. Returns 0 or -ENOMEM.
 */
int port_record_new(const struct ports_opts *o, const struct column *const reads[PORT_READS],
		    struct tabular *to, struct port_record **ret);
struct port_record *port_record_free(struct port_record *w);

/* Begins the list of a run that is true at @at_us, 0 when that is not told. Returns 0 or a negative errno. */
int port_record_begin(struct port_record *w, uint64_t at_us);

/* Writes one. Returns what the record of a struct tabular does, or -ENOMEM. */
int port_record_put(struct port_record *w, const struct listener_sockets *l);

/* Whether the address in @c is that of all hosts of its family, or of this host alone. */
bool port_is_any(const struct cell *c);
bool port_is_loopback(const struct cell *c);
