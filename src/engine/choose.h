/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where a step of the plan gets its answer: sock_diag, or a walk by BPF,
 * which has to be loaded first and so pays with many sockets only.
 */

#include "engine/plan.h"
#include "enrich/procs.h"
#include "source/proc_counters.h"

enum source_kind {
	SOURCE_AUTO,
	SOURCE_NETLINK,
	SOURCE_BPF,
	SOURCE_PROC,
	SOURCE_BPF_COUNTS, /* no rows at all; nobody can ask for it by name */
};

/*
 * With fewer sockets loading the program takes longer than the walk saves. Of
 * UDP it depends on how many share a port: 30,000 on as many ports take as
 * long either way, and the time that sock_diag takes for many on one port
 * grows with the square of their number.
 */
enum { BPF_PAYS_FROM = 20000, BPF_UDP_PAYS_FROM = 30000 };

/* What the choice depends on, beyond the step. */
struct choose_facts {
	int64_t n_tcp;  /* TCP sockets of this network namespace; -1: not known */
	int64_t n_udp;  /* and UDP sockets */
	bool is_built;  /* with BPF programs */
	bool is_loaded; /* the program is there already, for another step */
	bool is_udp_loaded;
	bool is_kill;  /* what is listed is destroyed on the way */
	bool is_count; /* the output only counts, by what BPF can count by */
};

struct choice {
	enum source_kind source; /* not SOURCE_AUTO */
	char why[160];
};

/* Counts the sockets as the files at @paths tell. */
void choose_read(const struct proc_counter_paths *paths, struct choose_facts *ret);

/* Chooses for @s; @wanted is what the user wants. */
void choose(const struct step *s, enum source_kind wanted, const struct choose_facts *f, struct choice *ret);

/* How owners are to be found when the user wants @wanted. */
enum procs_way choose_owners(enum source_kind wanted);

/* SOURCE_* by its name on the command line; false when there is none. */
bool choose_parse(const char *name, enum source_kind *ret);

const char *choose_name(enum source_kind source);
