/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the options say about what the doctor looks for, for the modes that have it look.
 */

#include "cli/chosen.h"
#include "doctor/doctor.h"
#include "doctor/suppress.h"

struct examined {
	struct doctor_opts o; /* borrows the limits */
	struct limits limits;
	struct suppressions known;
	enum severity from; /* how grave a finding has to be to count; SEVERITY_NONE: none does */
};

/* How long a sample is to be from the next one where nobody says. */
enum { EXAMINED_BETWEEN_US = 2000000 };

/* Reads which rules, with which limits, and what is known: all rules where nothing is said. Returns 0, or a
 * negative errno with detail: -EINVAL for what makes no sense. To be ended in any case. */
int examined_read(struct examined *x, const struct request *q, struct err *e);

/* Before the words are read: all states but those that are dear to list, where none were said. */
void examined_select(struct cli *c);

/* Sets which sockets, those of @chosen, borrowed, and where: the host of @c. */
void examined_plan(struct examined *x, const struct cli *c, const struct chosen *chosen);

/* Sets them, and makes the doctor of it, which borrows @x and @chosen. Returns as doctor_new(). */
int examined_start(struct examined *x, const struct cli *c, const struct chosen *chosen, struct doctor **ret,
		   struct err *e);

void examined_done(struct examined *x);
