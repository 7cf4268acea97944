/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which of a plan's questions are worth asking, in which network namespace, of whom, and which two are one:
 * what a run follows from question to question, and what --explain prints. It asks nobody anything.
 */

#include "base/notes.h"
#include "model/place.h"
#include "plan/choose.h"

/* One question to put. */
struct question {
	struct step step;          /* which may be two steps of the plan in one */
	const struct place *place; /* NULL: home is all there is */
	size_t turn;               /* tells questions apart, and grows */
	struct choice by;          /* who is to answer */
};

/* What was answered for a place with another's answer. */
struct answered {
	uint64_t steps; /* bits 1 << number of the step */
	bool is_shared; /* the answer at hand has what this place would answer */
};

struct agenda {
	/* in, all borrowed */
	const struct plan *plan;
	struct facts facts;
	struct choose_opts choose;
	const struct place *places; /* home is the first; NULL: home is all there is */
	size_t n_places;
	struct answered *answered; /* one for each place */
	struct notes *notes;       /* told what is left out */
	bool is_remembered;        /* answers are those of a recording: nobody else can be asked */

	/* inner */
	size_t next; /* turn */
	enum { BOUND_UNKNOWN, BOUND_IS_CHEAP, BOUND_IS_DEAR } bound;
};

/* Whether what a machine says of itself decides how @p is asked. */
bool agenda_needs_facts(const struct plan *p);

/* Who is to answer @s in @p, as far as is known now. */
void agenda_choose(const struct agenda *a, const struct place *p, const struct step *s, struct choice *ret);

/* The next question, false when there is none. */
bool agenda_next(struct agenda *a, struct question *ret);

/* The question that would come at @turn, as far as is known now; false when there is none. */
bool agenda_at(struct agenda *a, size_t turn, struct question *ret);

/* Whether the question of @turn is one of those that are asked everywhere before the others are. */
bool agenda_is_first(const struct agenda *a, size_t turn);

/* The last turn and one. */
size_t agenda_end(const struct agenda *a);

/* @q was answered, for the places that .is_shared says, too. */
void agenda_answered(struct agenda *a, const struct question *q);

/* The same for a count in home's tables, which answers all steps that are counted. */
void agenda_counted(struct agenda *a, const struct question *q);

/* Takes for granted that @q is answered as chosen: for a look ahead, without asking. */
void agenda_assume(struct agenda *a, const struct question *q);

/*
 * Whether bound-inactive sockets are to be looked for over netlink, where the kernel does so under the lock
 * that new connections to the same port need, for about 0.2 us a socket of that port. One answer for all
 * address families; a note tells when they are left out.
 */
bool agenda_wants_bound(struct agenda *a);

/* Whether bound-inactive sockets may be in no answer: by choice, or as this kernel has no list of them. */
bool agenda_lacks_bound(const struct agenda *a);
