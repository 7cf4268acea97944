/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Findings that somebody knows of, and does not want to be told of every time: a line each of a file.
 *
 *	CLS01 process=java until=2027-01-31 known leak, ticket 812
 *	LSN09 fingerprint=0123456789abcdef until=2027-06-30 being rebuilt
 *
 * Behind the id conditions, all of which have to be true: process, unit, container, user, namespace,
 * fingerprint. The last day and a reason are required. What is suppressed stays visible.
 */

#include "base/err.h"
#include "doctor/diagnosis.h"

struct suppressions {
	struct suppression *v;
	size_t n;
	char *file;
};

/* Reads the file at @path. Returns 0, -EINVAL with the line in detail, or another negative errno with detail.
 */
int suppressions_read(struct suppressions *s, const char *path, struct err *e);
void suppressions_done(struct suppressions *s);

/*
 * Marks the findings of @d that are suppressed, and those that follow from nothing but them, on the day of
 * @d->at_us; a line that has expired and would fit one is told in @notes. Returns 0 or -ENOMEM.
 */
int suppressions_apply(const struct suppressions *s, struct diagnosis *d, struct notes *notes);
