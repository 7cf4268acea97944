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
	const char *separator;     /* json: written in front, when there was one before; NULL: nothing */
};

struct form {
	const char *name, *help;
	/* Appends @d to @ret, which remembers when memory runs out. */
	void (*put)(const struct diagnosis *d, const struct form_opts *o, struct text *ret);
	bool is_ours; /* no other answer has that form */
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

/* The rules @wanted: a line each, or all about them; as JSON. */
void form_put_rules(const bool *wanted, bool is_long, unsigned int screen, struct text *ret);
void form_put_rules_json(const bool *wanted, struct text *ret);

/*
 * Appends @s in lines of at most @screen cells, the first behind @first, the others behind @indent blanks.
 */
void form_put_wrapped(struct text *t, const char *first, size_t indent, struct sv s, unsigned int screen);
