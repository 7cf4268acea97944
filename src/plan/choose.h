/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where a step of the plan gets its answer: sock_diag, or a walk by BPF,
 * which has to be loaded first and so pays with many sockets only.
 */

#include "model/facts.h"
#include "plan/plan.h"

enum source_kind {
	SOURCE_AUTO,
	SOURCE_NETLINK,
	SOURCE_BPF,
	SOURCE_PROC,
	SOURCE_BPF_COUNTS, /* no rows at all; nobody can ask for it by name */
};

enum {
	/* With fewer sockets loading the program takes longer than the walk saves. */
	BPF_PAYS_FROM = 20000,
	/*
	 * Of UDP it depends on how many share a port: of 20,000 on as many ports sock_diag tells 2 ms sooner,
	 * of 20,000 on one port 20 ms later, and the latter grows with the square of their number.
	 */
	BPF_UDP_PAYS_FROM = 20000,
	/* Network namespaces: the kernel passes all its buckets of bound ports for each. */
	BOUND_PAYS_FROM = 16,
};

/* What the choice depends on, beyond the step and the machine. */
struct choose_opts {
	enum source_kind wanted; /* by the user */
	bool is_loaded;          /* the program for TCP is there already, for another step */
	bool is_udp_loaded;
	bool is_kill;  /* what is listed is destroyed on the way */
	bool is_count; /* the output only counts, by what BPF can count by */
};

struct choice {
	enum source_kind source; /* not SOURCE_AUTO */
	char why[160];
};

/*
 * Whether the kernel may be asked for the bound-inactive sockets that @p selects: it looks for them under
 * locks, among the sockets of the whole host. Where no number is known there are taken to be few.
 */
bool choose_bound_is_cheap(const struct plan *p, const struct facts *f);

/* Chooses for @s on the machine @f. */
void choose(const struct step *s, const struct choose_opts *o, const struct facts *f, struct choice *ret);

/*
 * Whether step @i of @p asks for bound-inactive sockets, and the next for connections, in such a way that one
 * question can be for both: the kernel goes through all connections for either, and lists the former first.
 */
bool choose_can_join(const struct plan *p, size_t i, const struct choose_opts *o, const struct facts *f);

/* SOURCE_* by its name on the command line; false when there is none. */
bool choose_parse(const char *name, enum source_kind *ret);

const char *choose_name(enum source_kind source);
