/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A moment of the past, as people write it: 03:12, "yesterday 03:12", -2h, 2026-11-30T03:12:00Z, first, last.
 */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "base/sv.h"

enum when_kind {
	WHEN_FIRST,  /* there is */
	WHEN_LAST,   /* there is */
	WHEN_AGO,    /* so long before now */
	WHEN_OF_DAY, /* the last time that the clock showed this */
	WHEN_DAY,    /* so many days before today */
	WHEN_DATE,
};

struct when {
	enum when_kind kind;
	int64_t us;    /* WHEN_AGO: how long; else of a second */
	int days;      /* WHEN_DAY */
	struct tm tm;  /* the time of the day, of a WHEN_DATE the day too, as in mktime(3) */
	bool has_zone; /* WHEN_DATE: it is in UTC, less .zone_s */
	int zone_s;
};

/* What it is said of. All in microseconds since 1970. */
struct when_base {
	uint64_t now_us;
	uint64_t first_us, last_us; /* what there is */
};

/* Reads all of @s. Returns 0, or -EINVAL with detail. */
int when_read(struct sv s, struct when *ret, struct err *e);

/*
 * The moment that @w, which was written @s, is, in the time zone of this process. Returns 0, or -EINVAL with
 * detail: the clock never showed it, or twice.
 */
int when_find(const struct when *w, struct sv s, const struct when_base *base, uint64_t *ret, struct err *e);
