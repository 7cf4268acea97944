/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The limits of rules: what their entries say, or what a file says in their place:
 *
 *	# CLOSE-WAIT is normal here for some seconds
 *	CLS01.count = 50
 *	CLS01.age = 5m
 *	BUF09.severity = info
 */

#include "base/cleanup.h"
#include "base/err.h"
#include "base/text.h"
#include "doctor/rule.h"

struct limits {
	struct limit *v;
	size_t n;
	char *file;     /* what they were read from: the texts of .v are in it */
	char ports[16]; /* "32768-60999": what $ports is, when it is not empty */
};

/* Reads the file at @path. Returns 0, -EINVAL with the line in detail, or another negative errno with detail.
 */
int limits_read(struct limits *l, const char *path, struct err *e);

/* Has $ports, wherever a rule uses it, be the range of ports that connections of @range, "32768\t60999", are
 * given; as they were when that is none. */
void limits_set_ports(struct limits *l, struct sv range);
void limits_done(struct limits *l);

/* That of @rule called @name, as it is written: .p is NULL when it has none. */
struct sv limits_find(const struct limits *l, const struct rule *rule, struct sv name);

/* How grave all that @rule finds is; SEVERITY_NONE: nobody says, and its conditions do. */
enum severity limits_severity(const struct limits *l, const struct rule *rule);

/* Appends @s with $NAME replaced. A name that the rule does not have stays as it is. */
void limits_put(const struct limits *l, const struct rule *rule, struct sv s, struct text *ret);

/* The number that "60s", "10%", "1M" or "0.5" is: seconds, a share, bytes. False: it is none. */
bool limit_number(struct sv s, double *ret);
