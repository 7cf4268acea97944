/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the doctor found: texts that are ready to be read, whatever the format.
 */

#include "base/cleanup.h"
#include "doctor/scope.h"

/* Those of one line, and those of one thing a line; NULL: there is none. */
enum finding_text {
	FINDING_TITLE,
	FINDING_EVIDENCE,
	FINDING_CAUSE,
	FINDING_DO,
	FINDING_DONT,
	FINDING_NEXT,
	FINDING_COMMAND, /* which shows the numbers of the evidence again */
	FINDING_NORMAL,
	FINDING_NETNS,
	FINDING_PROCESS, /* who: and the number of the process, .. */
	FINDING_PID,
	FINDING_UNIT,
	FINDING_CONTAINER,
	FINDING_USER,
	FINDING_SUPPRESSED, /* why it is, and until when */
	FINDING_SINCE,      /* of a baseline: it was not there then */
	FINDING_TEXTS
};

struct finding {
	enum rule_id rule;
	enum severity severity;
	char *text[FINDING_TEXTS];
	uint64_t fingerprint; /* the same for the same thing at other times */
	uint32_t netns;
	double size;               /* how much there is of it: sockets */
	enum rule_id explained_by; /* RULE_MAX: nothing is known to cause it */
	bool is_carried;           /* not seen this time, but shortly before */
	unsigned int n_quiet;      /* samples since it was seen */
};

/* A rule of which nothing was found, and why that is. */
struct verdict {
	enum rule_id rule;
	char *why;
	bool is_wanted; /* somebody asked to skip it */
};

enum { FINDINGS_MAX = 50 }; /* of one rule */

struct diagnosis {
	struct finding
		*v; /* gravest first, what follows from others last, once diagnosis_settle() was called */
	size_t n;
	struct verdict *skipped, *fine;
	size_t n_skipped, n_fine;
	uint32_t n_more[RULE_MAX]; /* of a rule, beyond FINDINGS_MAX */
	double seconds;            /* between the samples; 0: there was one */
	uint64_t at_us;            /* since 1970 */
	char *host, *kernel;
};

void diagnosis_done(struct diagnosis *d);

/* Adds what @s says of its rule, with @severity. Returns 0 or -ENOMEM. */
int diagnosis_add(struct diagnosis *d, const struct scope *s, enum severity severity);

/* Adds why nothing was found, and whether somebody wants that. Returns 0 or -ENOMEM. */
int diagnosis_skip(struct diagnosis *d, enum rule_id rule, struct sv why, bool is_wanted);
int diagnosis_fine(struct diagnosis *d, enum rule_id rule, struct sv why);

/* Finds what explains what, and puts it in order. */
void diagnosis_settle(struct diagnosis *d);

/*
 * What was in @last, the diagnosis of the sample before, and is not in @d stays for some samples more, so
 * that what is at the edge of a limit does not come and go. Takes it out of @last. Returns 0 or -ENOMEM.
 */
int diagnosis_carry(struct diagnosis *d, struct diagnosis *last);

/* What @f is about in @d, another diagnosis; NULL: it is not there. */
const struct finding *diagnosis_find(const struct diagnosis *d, const struct finding *f);

/* Marks those that @base does not have: "new since" @when. Returns 0 or -ENOMEM. */
int diagnosis_compare(struct diagnosis *d, const struct diagnosis *base, struct sv when);

/* The gravest that counts: explained ones do, suppressed ones do not. */
enum severity diagnosis_worst(const struct diagnosis *d);
