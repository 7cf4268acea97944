/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Examines a machine: lists its sockets once, or twice where a rule compares, counts them for each rule, and
 * judges.
 */

#include "doctor/diagnosis.h"
#include "plan/choose.h"
#include "plan/plan.h"
#include "report/branch.h"

/* What else is listed in the run of the sample that is judged. */
struct doctor_also {
	/* Adds its lists to @b, for @plan, borrowed. Returns how many, or a negative errno with detail. */
	int (*add)(void *ctx, struct branch *b, const struct plan_opts *plan, struct err *e);
	void *ctx;
};

struct doctor_opts {
	struct host *host;     /* borrowed */
	struct plan_opts plan; /* which sockets, and where from; its filter is borrowed */
	enum source_kind source;
	bool is_everywhere;             /* all network namespaces */
	bool wants_fine;                /* what is normal is told, too */
	bool wanted[RULE_MAX];          /* which rules */
	bool skipped[RULE_MAX];         /* of those, which somebody does not want */
	const struct limits *limits;    /* borrowed */
	const struct doctor_also *also; /* borrowed; NULL: nothing */
};

struct doctor;

/* Returns 0, -ENOMEM, or -EINVAL with detail, which is of the entry of a rule with the limits that were set.
 */
int doctor_new(const struct doctor_opts *o, struct doctor **ret, struct err *e);
struct doctor *doctor_free(struct doctor *d);

DEFINE_CLEANUP(struct doctor, doctor_free)

/* Whether any of the rules compares two samples. */
bool doctor_wants_two(const struct doctor *d);

/* Takes the sample that the next one is compared with. Returns as session_run(). */
int doctor_look(struct doctor *d, struct notes *notes, struct err *e);

/* Takes a sample, which will also be compared with the next one, and says what is wrong. Returns as
 * session_run(). */
int doctor_examine(struct doctor *d, struct diagnosis *ret, struct notes *notes, struct err *e);

/* What the kernel said of the network namespaces in the last sample; borrowed until the next. */
const struct readings *doctor_readings(const struct doctor *d);
