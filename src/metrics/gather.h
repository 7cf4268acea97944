/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Makes pages of a machine, one after the other: its sockets are listed once for each, for all families and
 * for the doctor. What is loaded for the first stays for the next.
 */

#include "doctor/doctor.h"
#include "doctor/suppress.h"
#include "metrics/page.h"

/* Series that a page may be allowed: with less there is no room for what is always in it. */
enum { GATHER_CAP = 1000, GATHER_CAP_MIN = 400, GATHER_CAP_MAX = 100000 };

struct gather_opts {
	struct doctor_opts doctor;        /* its .also is ours */
	const struct suppressions *known; /* borrowed */
	const char *by;                   /* more labels of sockets: fields; NULL: none. Borrowed */
	size_t cap;                       /* series in a page; 0: GATHER_CAP */
};

struct gather;

/* Returns 0; -EINVAL with detail when .by or a limit makes no sense; or another negative errno with detail.
 */
int gather_new(const struct gather_opts *o, struct gather **ret, struct err *e);
struct gather *gather_free(struct gather *g);

DEFINE_CLEANUP(struct gather, gather_free)

/*
 * The page of now into @ret, which is the caller's to end, also after an error. What is to be known about it
 * is added to @notes. Returns 0, or a negative errno with detail when nothing came of it.
 */
int gather_page(struct gather *g, struct page *ret, struct notes *notes, struct err *e);
