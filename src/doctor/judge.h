/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From groups of sockets and counters to findings, by the conditions of the rules.
 */

#include "doctor/doctor.h"
#include "run/context.h"

/* Whether all processes could be looked into. */
struct sight {
	bool is_partial;
	struct text why;
};

void sight_note(struct sight *s, const struct context *c);
void sight_done(struct sight *s);

struct judge {
	struct diagnosis *to;
	const struct doctor_opts *o;
	const struct readings *now, *before; /* .before may be empty: there was no sample before */
	const struct sight *sight;
	bool has_found[RULE_MAX];
	bool has_judged[RULE_MAX]; /* a condition was true or false */
	struct err *e;
};

/* The @n cells of a group of sockets of @rule. Returns 0 or a negative errno. */
int judge_group(struct judge *j, enum rule_id rule, const struct column *columns, const struct cell *cells,
		size_t n);

/* Behind all groups: the counters, what was not looked at, and why. Returns 0 or a negative errno with
 * detail.
 */
int judge_rest(struct judge *j, struct err *e);
