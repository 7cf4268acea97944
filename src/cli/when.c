/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/when.h"

#include <errno.h>

#include "base/num.h"
#include "base/text.h"
#include "query/quantity.h"

enum { SECOND_US = 1000000, DAY_S = 86400, YEARS_MAX = 100 };

static int refuse(struct sv s, struct err *e)
{
	return err_say(
		e, -EINVAL,
		"\"%.*s\" is no time, such as 03:12, 'yesterday 03:12', -2h, 2026-11-30T03:12:00Z, first "
		"or last",
		SV_ARG(s));
}

/* Takes a number of @digits digits, at most @max, off the front of @s. */
static bool take_number(struct sv *s, size_t digits, int max, int *ret)
{
	uint64_t v;

	if (s->len < digits || !num_read(sv_first(*s, digits), 10, (uint64_t)max, &v))
		return false;
	*ret = (int)v;
	*s = sv_from(*s, digits);
	return true;
}

static bool take_char(struct sv *s, char c)
{
	bool is = s->len && s->p[0] == c;

	if (is)
		*s = sv_from(*s, 1);
	return is;
}

/* Parts of a second: as many digits as there are count, up to a microsecond. */
static bool take_fraction(struct sv *s, int64_t *ret)
{
	int64_t unit = SECOND_US / 10;
	size_t n = 0;

	for (*ret = 0; s->len && s->p[0] >= '0' && s->p[0] <= '9'; *s = sv_from(*s, 1), n++, unit /= 10)
		*ret += unit * (s->p[0] - '0');
	return n;
}

/* "3:12", "03:12", "03:12:30.5". */
static bool take_clock(struct sv *s, struct when *w)
{
	ptrdiff_t colon = sv_find(*s, ':');

	if (colon < 1 || !take_number(s, (size_t)colon, 23, &w->tm.tm_hour) || colon > 2)
		return false;
	if (!take_char(s, ':') || !take_number(s, 2, 59, &w->tm.tm_min))
		return false;
	if (!take_char(s, ':'))
		return true;
	if (!take_number(s, 2, 60, &w->tm.tm_sec))
		return false;
	return !take_char(s, '.') || take_fraction(s, &w->us);
}

/* "Z", "+02:00", "-0530", or nothing. */
static bool take_zone(struct sv *s, struct when *w)
{
	int hours, minutes, sign;

	*s = sv_trim(*s);
	if (!s->len)
		return true;
	w->has_zone = true;
	if (take_char(s, 'Z') || take_char(s, 'z') || sv_is(*s, "UTC")) {
		*s = sv_is(*s, "UTC") ? (struct sv){} : *s;
		return !s->len;
	}
	sign = s->p[0] == '+' ? 1 : -1;
	if (s->p[0] != '+' && s->p[0] != '-')
		return false;
	*s = sv_from(*s, 1);
	if (!take_number(s, 2, 23, &hours))
		return false;
	(void)take_char(s, ':');
	if (!take_number(s, 2, 59, &minutes))
		return false;
	w->zone_s = sign * (hours * 3600 + minutes * 60);
	return !s->len;
}

static bool read_date(struct sv s, struct when *w)
{
	int year, month;

	w->kind = WHEN_DATE;
	if (!take_number(&s, 4, 9999, &year) || year < 1970 || !take_char(&s, '-') ||
	    !take_number(&s, 2, 12, &month) || !month || !take_char(&s, '-') ||
	    !take_number(&s, 2, 31, &w->tm.tm_mday) || !w->tm.tm_mday)
		return false;
	w->tm.tm_year = year - 1900;
	w->tm.tm_mon = month - 1;
	if (!s.len)
		return true;
	if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
		return false;
	return take_clock(&s, w) && take_zone(&s, w);
}

/* "today", "yesterday 03:12". */
static bool read_day(struct sv s, struct when *w)
{
	struct sv rest = s, word = sv_word(&rest);

	if (!sv_is(word, "today") && !sv_is(word, "yesterday"))
		return false;
	w->kind = WHEN_DAY;
	w->days = sv_is(word, "yesterday");
	rest = sv_trim(rest);
	return !rest.len || (take_clock(&rest, w) && !rest.len);
}

static bool read_ago(struct sv s, struct when *w)
{
	struct quantity q;

	w->kind = WHEN_AGO;
	if (!take_char(&s, '-') || !s.len || quantity_read(T_USEC, s, sv("1s"), &q) < 0 ||
	    q.n > (uint64_t)SECOND_US * DAY_S * 366 * YEARS_MAX)
		return false;
	w->us = (int64_t)q.n;
	return true;
}

int when_read(struct sv s, struct when *ret, struct err *e)
{
	struct sv clock = s = sv_trim(s);

	*ret = (struct when){ .kind = WHEN_FIRST };
	if (sv_is(s, "first"))
		return 0;
	*ret = (struct when){ .kind = WHEN_LAST };
	if (sv_is(s, "last"))
		return 0;
	*ret = (struct when){};
	if (read_ago(s, ret))
		return 0;
	*ret = (struct when){ .kind = WHEN_AGO };
	if (sv_is(s, "now"))
		return 0;
	*ret = (struct when){};
	if (read_day(s, ret))
		return 0;
	*ret = (struct when){};
	if (read_date(s, ret))
		return 0;
	*ret = (struct when){ .kind = WHEN_OF_DAY };
	if (take_clock(&clock, ret) && !clock.len)
		return 0;
	return refuse(s, e);
}

static bool is_same_clock(const struct tm *a, const struct tm *b)
{
	return a->tm_min == b->tm_min && a->tm_hour == b->tm_hour && a->tm_mday == b->tm_mday &&
	       a->tm_mon == b->tm_mon && a->tm_year == b->tm_year;
}

/* The moment at which the clock here showed @tm, with or without summer time. Returns whether there is one.
 */
static bool find_local(const struct tm *tm, bool is_summer, time_t *ret)
{
	struct tm asked = *tm, shown;

	asked.tm_isdst = is_summer;
	*ret = mktime(&asked);
	return localtime_r(ret, &shown) && is_same_clock(&shown, tm);
}

static int refuse_clock(struct sv s, bool is_twice, const time_t at[2], struct err *e)
{
	struct text a = {}, b = {};
	int r = -EINVAL;

	if (!is_twice)
		return err_say(e, r, "%.*s: the clock was put forward then, and did not show it", SV_ARG(s));
	text_time(&a, (uint64_t)at[0] * SECOND_US);
	text_time(&b, (uint64_t)at[1] * SECOND_US);
	(void)err_say(e, r, "%.*s: the clock was put back then, and showed it twice: say %.*s or %.*s",
		      SV_ARG(s), (int)a.len, a.p, (int)b.len, b.p);
	text_done(&a);
	text_done(&b);
	return r;
}

/* @tm, whose day may be one that its month does not have, as in mktime(3). */
static int find_clock(struct tm tm, struct sv s, time_t *ret, struct err *e)
{
	struct tm day = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday, .tm_hour = 12 };
	time_t noon = timegm(&day), at[2];
	bool is[2];

	(void)gmtime_r(&noon, &day);
	tm.tm_year = day.tm_year;
	tm.tm_mon = day.tm_mon;
	tm.tm_mday = day.tm_mday;
	is[0] = find_local(&tm, true, &at[0]);
	is[1] = find_local(&tm, false, &at[1]);
	if (is[0] && is[1] && at[0] != at[1])
		return refuse_clock(s, true, at, e);
	if (!is[0] && !is[1])
		return refuse_clock(s, false, at, e);
	*ret = is[0] ? at[0] : at[1];
	return 0;
}

static int find_date(const struct when *w, struct sv s, time_t *ret, struct err *e)
{
	struct tm tm = w->tm;
	time_t utc = timegm(&tm);

	if (tm.tm_mon != w->tm.tm_mon)
		return err_say(e, -EINVAL, "%.*s: that month has no such day", SV_ARG(s));
	if (!w->has_zone)
		return find_clock(w->tm, s, ret, e);
	*ret = utc - w->zone_s;
	return 0;
}

/* @days before the day of @of. */
static int find_day(const struct when *w, struct sv s, time_t of, int days, time_t *ret, struct err *e)
{
	struct tm tm = {};

	(void)localtime_r(&of, &tm);
	tm.tm_mday -= days;
	tm.tm_hour = w->tm.tm_hour;
	tm.tm_min = w->tm.tm_min;
	tm.tm_sec = w->tm.tm_sec;
	return find_clock(tm, s, ret, e);
}

int when_find(const struct when *w, struct sv s, const struct when_base *base, uint64_t *ret, struct err *e)
{
	time_t last = (time_t)(base->last_us / SECOND_US), at = 0;
	int r = 0;

	switch (w->kind) {
	case WHEN_FIRST: *ret = base->first_us; return 0;
	case WHEN_LAST: *ret = base->last_us; return 0;
	case WHEN_AGO: *ret = base->now_us > (uint64_t)w->us ? base->now_us - (uint64_t)w->us : 0; return 0;
	case WHEN_OF_DAY:
		r = find_day(w, s, last, 0, &at, e);
		if (r >= 0 && at > last)
			r = find_day(w, s, last, 1, &at, e);
		break;
	case WHEN_DAY: r = find_day(w, s, (time_t)(base->now_us / SECOND_US), w->days, &at, e); break;
	case WHEN_DATE: r = find_date(w, s, &at, e); break;
	}
	if (r < 0)
		return r;
	*ret = at < 0 ? 0 : (uint64_t)at * SECOND_US + (uint64_t)w->us;
	return 0;
}
