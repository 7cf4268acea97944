/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the doctor looks for: a rule is one entry of doctor.def, data and nothing else.
 * docs/howto/add-a-rule.md goes through one.
 *
 * Two kinds: of sockets (.filter), whose groups (.by) are judged, and of counters, judged once in each
 * network namespace. In conditions and texts stand the names that doctor/scope.h knows; limits are $NAME
 * everywhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

enum severity { SEVERITY_NONE, SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };

enum rule_id {
#define RULE(id, ...) RULE_##id,
#include "doctor/doctor.def"
	RULE_MAX
};

/* Which rules belong together: a file of rules/, and a chapter of docs/doctor.md. */
enum rule_set {
	SET_LISTEN,
	SET_CLOSING,
	SET_PORTS,
	SET_MEMORY,
	SET_BUFFERS,
	SET_PATH,
	SET_OTHER,
	SET_HYGIENE,
	SET_MAX
};

struct rule {
	const char *id;
	enum rule_set set;
	const char *name;  /* some words, for lists */
	const char *title; /* a sentence about what was found, with {names} */

	const char *filter; /* of the sockets it is about; NULL: it is about counters */
	const char *by;     /* keys and aggregates of their groups */
	const char *tables; /* of which sockets it is, by their tables; NULL: tcp, and mptcp unless the filter
			      begins with "netid = tcp and " */

	/* Conditions, the gravest true one counts; NULL: it is never that. */
	const char *info, *warning, *critical;
	const char *limits; /* "count=10 age=60s": the numbers that may be set, and what they are */

	/* One thing a line; NULL: nothing. */
	const char *evidence; /* numbers */
	const char *cause;
	const char *dos;   /* "[net.core.somaxconn>={max(recvq)}] text": only where there is such a setting */
	const char *donts; /* what is often said, and wrong */
	const char *next;  /* the command that shows it */
	const char *normal;      /* when this is nothing to worry about */
	const char *normal_when; /* the condition in which that is told of what was not found */

	const char *meaning; /* for --rules */
	const char *kernel;  /* which counters and fields, and since when */
	const char *sources;
	const char *explains; /* ids of rules whose findings in the same network namespace follow from this */
	bool is_of_host;      /* its counters are those of the whole machine: asked at home only */
	bool needs_owners;    /* of sockets whose processes are not seen it finds nothing */
	bool wants_two;       /* it compares two samples: with one it finds nothing .. */
	bool compares;        /* .. or less */
	bool is_certain;      /* what it finds is so; else it is likely */
};

extern const struct rule rules[RULE_MAX];

/* The one called @id, or RULE_MAX. */
enum rule_id rule_find(struct sv id);

/* The tables, bits 1 << TABLE_*, that rules are about. */
uint32_t rule_tables(void);
uint32_t rule_tables_of(const struct rule *rule);

/* "listen", "closing", ... and the title of the chapter. */
const char *rule_set_name(enum rule_set set);
const char *rule_set_title(enum rule_set set);

/* "info", "warning", "critical". */
const char *severity_name(enum severity s);
/* Of one of these words; SEVERITY_NONE: it is none. */
enum severity severity_find(struct sv word);

/* Takes the next line off @rest, which may be NULL at first: .p is NULL when there is none. */
struct sv rule_line(const char **rest);

/* Whether the id @id is one of those in @list, separated by blanks; NULL: it is not. */
bool rule_is_in(const char *list, const char *id);
