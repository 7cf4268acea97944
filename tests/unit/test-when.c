/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Moments as people write them, in a zone with summer time, on the days when the clock is changed too. */

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "check.h"
#include "cli/when.h"

#define US UINT64_C(1000000)

/* Microseconds at the time of UTC. */
static uint64_t utc(int year, int month, int day, int hour, int minute)
{
	struct tm tm = {
		.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute
	};

	return (uint64_t)timegm(&tm) * US;
}

static struct when_base base;

/* 0, or that what is written makes no sense. */
static int find(const char *s, uint64_t *ret, struct err *e)
{
	struct when w;
	int r = when_read(sv(s), &w, e);

	return r < 0 ? r : when_find(&w, sv(s), &base, ret, e);
}

static void check(const char *s, uint64_t want)
{
	uint64_t got = 0;
	struct err e = {};
	int r = find(s, &got, &e);

	if (r || got != want)
		(void)fprintf(stderr, "%s: %s: %llu, and not %llu\n", s, e.text,
			      (unsigned long long)(got / US), (unsigned long long)(want / US));
	CHECK(r == 0 && got == want);
}

static void check_refused(const char *s, const char *why)
{
	uint64_t got;
	struct err e = {};

	CHECK(find(s, &got, &e) == -EINVAL);
	if (!strstr(e.text, why))
		(void)fprintf(stderr, "%s: %s\n", s, e.text);
	CHECK(strstr(e.text, why));
}

static void set_zone(const char *zone)
{
	CHECK(setenv("TZ", zone, 1) == 0);
	tzset();
}

/* In Berlin it is an hour later than in UTC, in summer two. The rule is written out: no file is needed. */
static void set_berlin(void)
{
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
}

static void test_words(void)
{
	set_berlin();
	base = (struct when_base){ .now_us = utc(2026, 12, 1, 9, 0),
				   .first_us = utc(2026, 11, 20, 0, 0),
				   .last_us = utc(2026, 12, 1, 8, 59) };
	check("first", base.first_us);
	check(" last ", base.last_us);
	check("now", base.now_us);
	check("-2h", base.now_us - 7200 * US);
	check("-90", base.now_us - 90 * US);
	check("-1.5m", base.now_us - 90 * US);
	check("-3d", base.now_us - 3 * 86400 * US);
}

static void test_clock(void)
{
	check("03:12", utc(2026, 12, 1, 2, 12));
	check("3:12", utc(2026, 12, 1, 2, 12));
	check("03:12:30.25", utc(2026, 12, 1, 2, 12) + 30 * US + US / 4);
	check("23:50", utc(2026, 11, 30, 22, 50)); /* not this evening: that is to come */
	check("today 03:12", utc(2026, 12, 1, 2, 12));
	check("yesterday 03:12", utc(2026, 11, 30, 2, 12));
	check("yesterday", utc(2026, 11, 29, 23, 0));
	/* Of a recording that is over: its last day. */
	base.last_us = utc(2026, 11, 25, 12, 0);
	check("03:12", utc(2026, 11, 25, 2, 12));
	check("23:50", utc(2026, 11, 24, 22, 50));
	base.last_us = utc(2026, 12, 1, 8, 59);
}

static void test_dates(void)
{
	check("2026-11-30", utc(2026, 11, 29, 23, 0));
	check("2026-11-30 03:12", utc(2026, 11, 30, 2, 12));
	check("2026-11-30T03:12", utc(2026, 11, 30, 2, 12));
	check("2026-11-30T03:12:00Z", utc(2026, 11, 30, 3, 12));
	check("2026-11-30t03:12:00.5z", utc(2026, 11, 30, 3, 12) + US / 2);
	check("2026-11-30 03:12 UTC", utc(2026, 11, 30, 3, 12));
	check("2026-11-30T03:12:00+05:30", utc(2026, 11, 29, 21, 42));
	check("2026-11-30T03:12:00-0800", utc(2026, 11, 30, 11, 12));
	check("2026-07-01 12:00", utc(2026, 7, 1, 10, 0)); /* in summer time, though it is winter now */
	check("2024-02-29 12:00", utc(2024, 2, 29, 11, 0));
}

/* On 2026-03-29 it is 3 after 2, on 2026-10-25 it is 2 after 3. */
static void test_changes(void)
{
	base.now_us = utc(2026, 3, 29, 12, 0);
	base.last_us = base.now_us;
	check("01:59", utc(2026, 3, 29, 0, 59));
	check("03:00", utc(2026, 3, 29, 1, 0));
	check_refused("02:30", "put forward");
	check_refused("2026-03-29 02:30", "put forward");
	check("yesterday 02:30", utc(2026, 3, 28, 1, 30));
	base.now_us = utc(2026, 3, 30, 12, 0);
	base.last_us = base.now_us;
	check("yesterday 12:00", utc(2026, 3, 29, 10, 0));
	check_refused("yesterday 02:30", "put forward");
	base.now_us = utc(2026, 10, 25, 12, 0);
	base.last_us = base.now_us;
	check("01:59", utc(2026, 10, 24, 23, 59));
	check("03:00", utc(2026, 10, 25, 2, 0));
	check_refused("02:30", "say 2026-10-25T00:30:00");
	check_refused("02:30", "or 2026-10-25T01:30:00");
	check("2026-10-25T02:30:00+01:00", utc(2026, 10, 25, 1, 30));
	base.now_us = utc(2026, 1, 1, 0, 30); /* the day before is of another month and year */
	base.last_us = base.now_us;
	check("yesterday 03:12", utc(2025, 12, 31, 2, 12));
}

static void test_zones(void)
{
	base = (struct when_base){ .now_us = utc(2026, 12, 1, 9, 0), .last_us = utc(2026, 12, 1, 9, 0) };
	set_zone("UTC0");
	check("03:12", utc(2026, 12, 1, 3, 12));
	set_zone("<+0545>-5:45");
	check("03:12", utc(2026, 11, 30, 21, 27));
	set_zone("PST8PDT,M3.2.0,M11.1.0");
	check("03:12", utc(2026, 11, 30, 11, 12)); /* there it is still 01:00 */
	check("yesterday 03:12", utc(2026, 11, 30, 11, 12));
}

static void test_refused(void)
{
	static const char *const wrong[] = { "",
					     "x",
					     "25:00",
					     "3:60",
					     "03",
					     "-",
					     "-x",
					     "+2h",
					     "03:1",
					     "03:12x",
					     "2026-13-01",
					     "2026-11-30T",
					     "2026-11-30x",
					     "yesterdayx",
					     "yesterday x",
					     "2026-11-30T03:12+5",
					     "1969-01-01",
					     "firstlast",
					     "2026-00-10",
					     "-2parsecs",
					     "03:12 Z",
					     "2026-11-00" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		check_refused(wrong[i], "such as 03:12");
	check_refused("2026-02-30", "no such day");
	check_refused("2025-02-29 12:00Z", "no such day");
}

int main(void)
{
	test_words();
	test_clock();
	test_dates();
	test_changes();
	test_zones();
	test_refused();
	return 0;
}
