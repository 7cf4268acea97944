/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * How a diagnosis is written: for people, for programs, for monitoring.
 */

#include "base/notes.h"
#include "doctor/diagnosis.h"

struct form_opts {
	const char *prog;          /* that is told where more is to be had */
	const char *version;       /* of this program */
	const struct notes *notes; /* what is to be known about the answer; NULL: nothing */
	unsigned int screen;       /* text: cells in a line */
	unsigned int rows;         /* text: lines that a screen has; 0: any number */
	bool wants_all;            /* text: what was found fine, and all that was found in full */
	bool has_time;             /* when it was examined */
};

struct form {
	const char *name, *help;
	/* Appends @d to @ret, which remembers when memory runs out. */
	void (*put)(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
	/* Appends the rules @wanted, all about them with @is_long; NULL: there is no such form of them. */
	void (*put_rules)(const bool *wanted, bool is_long, unsigned int screen, struct text *ret);
	/* What stands before, between and behind diagnoses when there are many; NULL: nothing. */
	const char *before, *between, *behind;
	bool is_ours;        /* no other answer has that form */
	bool has_own_status; /* something critical is 2 */
};

/* Those there are; the one without a name is the last, and the first is for people. */
extern const struct form forms[];

/* The form called @name, or NULL. */
const struct form *form_find(struct sv name);

void form_put_text(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
void form_put_json(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
void form_put_ndjson(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
void form_put_sarif(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
void form_put_monitoring(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
