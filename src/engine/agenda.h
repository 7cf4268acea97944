/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which of a plan's questions are worth asking in a network namespace, of whom,
 * and which two are one.
 */

#include "engine/run.h"
#include "engine/walks.h"

struct agenda {
	/* in, all borrowed */
	const struct plan *plan;
	const struct run_opts *o;
	const struct sink *sink;
	const struct walks *walks;
	struct notes *notes;

	uint16_t kernel;   /* its version, 0x60a for 6.10; 0: not known, or another one's words are read */
	bool cannot_count; /* counting in the kernel was tried */

	/* inner */
	struct choose_facts facts;
	bool has_facts;
	enum { BOUND_UNKNOWN, BOUND_IS_CHEAP, BOUND_IS_DEAR } bound;
};

/* Whether @p, which may be NULL, is another network namespace than the one we are in. */
static inline bool place_is_elsewhere(const struct place *p)
{
	return p && p->i;
}

const struct choose_facts *agenda_facts(struct agenda *a);

/* What is to answer @s in @p. */
enum source_kind agenda_source(struct agenda *a, const struct place *p, const struct step *s);

/*
 * Whether bound-inactive sockets are to be looked for over netlink, where the kernel does so under the lock
 * that new connections to the same port need, for about 0.2 us a socket of that port. One answer for all
 * address families; a note tells when they are left out.
 */
bool agenda_wants_bound(struct agenda *a);

/* The question that step @i is in @p, which may be two steps in one; false when there is none. */
bool agenda_question(struct agenda *a, const struct place *p, size_t i, struct step *ret);
