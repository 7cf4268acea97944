/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Who listens where: sockets that wait for others become listeners, which are sockets with one port and
 * protocol that belong together (report/ports.c says when), and these one list of records, "ports".
 */

#include "base/err.h"
#include "model/tabular.h"
#include "sink/sink.h"

struct ports;

struct ports_opts {
	bool is_everywhere; /* all network namespaces: each listener tells its own */
	bool has_subflows;  /* MPTCP sockets come before the TCP sockets that serve them */
	bool is_for_people; /* a line each, in few and narrow columns */
	uint64_t now_us;    /* since 1970 */
};

/* The list goes to @to, borrowed. Returns 0 or -ENOMEM. */
int ports_new(const struct ports_opts *o, struct tabular *to, struct ports **ret);
struct ports *ports_free(struct ports *p);

DEFINE_CLEANUP(struct ports, ports_free)

/* Where the rows go, as long as it lives: with each run one list. */
struct sink *ports_sink(struct ports *p);

/* Adds the fields that decide which listeners there are to @keys, and those that people look for to @named.
 */
void ports_needs(const struct ports *p, struct fieldset *keys, struct fieldset *named);

/* Listeners in the last list. */
size_t ports_found(const struct ports *p);

/* Ends the answer, once, and with it what the list goes to. Returns 0 or a negative errno. */
int ports_end(struct ports *p, const struct notes *notes);
