/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is to be listed, and from it the list of questions to the kernel, in
 * the order in which their answers are shown.
 */

#include "base/cleanup.h"
#include "base/notes.h"
#include "base/text.h"
#include "family/family.h"
#include "model/state.h"
#include "query/filter.h"

/* Which sockets: tables, address families and states. */
struct selection {
	uint32_t tables;   /* bits 1 << TABLE_* */
	uint64_t families; /* bits 1 << AF_* */
	uint32_t states;   /* bits 1 << K_TCP_* */
	bool has_states;   /* they were said: a recording is shown in all states otherwise */
	bool wants_bound;  /* bound-inactive sockets were asked for by name: also where finding them is not
			      cheap */
};

struct plan_opts {
	struct selection select;
	const struct filter *filter; /* borrowed, may be NULL */
	struct fieldset fields;      /* what the output reads */
	struct fieldset keys;        /* of those, what decides about records or their order */
	struct fieldset named;       /* and what somebody asked for by name: is told when it cannot be seen */
	uint32_t text_tables;        /* bits 1 << TABLE_* that are read from /proc/net at once */
	uint32_t absent_tables;      /* and those that cannot be read at all then */
	bool is_tcp_recorded;        /* a recording is read instead of the tcp table */
	const uint32_t *map_fds;     /* BPF storage maps to show, borrowed */
	size_t n_map_fds;
	bool is_unbound_only; /* of what is selected only what is in no table is shown */
	uint64_t also_ask;    /* ASK_* of inet_diag beyond what the fields need */
	bool want_storage;
	bool wants_all;      /* the kernel is asked for all it can tell, whatever the fields need */
	bool is_mptcp_first; /* MPTCP sockets are listed, with what they are known by, before all others */
};

enum step_kind {
	STEP_KERNEL, /* ask; when the kernel has no such table, read /proc/net */
	STEP_PROC,   /* read /proc/net */
	STEP_FILE,   /* read the recording */
};

/* One question. */
struct step {
	struct dump dump;
	enum step_kind kind;
	uint32_t types;         /* bits 1 << SOCK_* to show, 0: all */
	uint32_t row_states;    /* states to show, where nobody selects them before; 0: all */
	bool is_bound_inactive; /* holds locks: only where it is cheap */
};

/* What errors about @s call its sockets. */
const char *step_table(const struct step *s);

struct plan {
	struct step *steps;
	size_t n_steps;
	size_t n_first;            /* of these, to be asked everywhere before the others are */
	const struct plan_opts *o; /* borrowed */
	struct fieldset fields;    /* what the output and the filter read, and what that is made from */
	struct fieldset needed;    /* of these, what the answer is not one without: the filter's, the named */
	struct text bytecode[2];   /* the filter as the kernel runs it, for IPv4 and IPv6 */
};

/* Whether a socket that @s selects can have the field @f. */
bool plan_can_have(const struct selection *s, enum field_id f);

/* The same of a value to show: @f is not absent of all of them (field_get()). */
bool plan_can_show(const struct selection *s, enum field_id f);

/* Whether the kernel, asked for @set of the sockets that @s selects, tells the field @f too. */
bool plan_comes_along(const struct selection *s, const struct fieldset *set, enum field_id f);

/* Returns 0 or -ENOMEM. @o must outlive the plan. */
int plan_new(const struct plan_opts *o, struct plan **ret);
struct plan *plan_free(struct plan *p);

DEFINE_CLEANUP(struct plan, plan_free)
