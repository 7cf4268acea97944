/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/text.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

void text_done(struct text *t)
{
	free(t->p);
	*t = (struct text){};
}

void text_fail(struct text *t)
{
	t->failed = true;
	t->cap = t->len; /* so that the fast path refuses too */
}

char *text_room_slow(struct text *t, size_t n)
{
	size_t cap = t->cap ? t->cap : 256;
	char *p;

	if (t->failed)
		return NULL;
	while (cap - t->len < n) {
		if (__builtin_mul_overflow(cap, (size_t)2, &cap)) {
			text_fail(t);
			return NULL;
		}
	}
	p = realloc(t->p, cap);
	if (!p) {
		text_fail(t);
		return NULL;
	}
	t->p = p;
	t->cap = cap;
	return p + t->len;
}

/* Writes @v in front of @end; returns where it begins. */
static char *digits_before(char *end, uint64_t v)
{
	while (v >= 100) {
		end -= 2;
		memcpy(end, pairs + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10) {
		end -= 2;
		memcpy(end, pairs + 2 * v, 2);
	} else {
		*--end = (char)('0' + v);
	}
	return end;
}

static unsigned int count_digits(uint64_t v)
{
	static const uint64_t least[] = {
		/* with one digit more than the index */
		0,
		10,
		100,
		1000,
		10000,
		100000,
		1000000,
		10000000,
		100000000,
		1000000000,
		10000000000,
		100000000000,
		1000000000000,
		10000000000000,
		100000000000000,
		1000000000000000,
		10000000000000000,
		100000000000000000,
		1000000000000000000,
		10000000000000000000u,
	};
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(v | 1);
	unsigned int n = bits * 1233 >> 12; /* times log10(2) */

	return n + (v >= least[n]);
}

char *text_u64_long(char *d, uint64_t v)
{
	char *end;

	if (v < 100) {
		memcpy(d, pairs + 2 * v, 2);
		return d + 2;
	}
	end = d + count_digits(v);
	(void)digits_before(end, v);
	return end;
}

void text_u64(struct text *t, uint64_t v)
{
	char *d = text_room(t, TEXT_U64_MAX);

	if (d)
		t->len = (size_t)(text_u64_at(d, v) - t->p);
}

void text_i64(struct text *t, int64_t v)
{
	if (v < 0)
		text_char(t, '-');
	text_u64(t, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void text_hex(struct text *t, uint64_t v)
{
	char buf[16], *p = buf + sizeof(buf);

	do {
		*--p = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	text_put(t, p, (size_t)(buf + sizeof(buf) - p));
}

void text_printf(struct text *t, const char *fmt, ...)
{
	char *d = text_room(t, 64);
	va_list ap;
	int n;

	if (!d)
		return;
	va_start(ap, fmt);
	n = vsnprintf(d, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= t->cap - t->len) {
		d = text_room(t, (size_t)n + 1);
		if (!d)
			return;
		va_start(ap, fmt);
		n = vsnprintf(d, t->cap - t->len, fmt, ap);
		va_end(ap);
	}
	if (n > 0)
		t->len += (size_t)n;
}

/* Whole and thousandths are exact below six digits; above, printf's own rounding of the binary value decides.
 */
void text_g_milli(struct text *t, uint64_t v)
{
	uint64_t frac = v % 1000;
	char buf[4];
	size_t n = 4;

	if (v >= 1000000) {
		text_printf(t, "%g", (double)v / 1000);
		return;
	}
	text_u64(t, v / 1000);
	if (!frac)
		return;
	buf[0] = '.';
	buf[1] = (char)('0' + frac / 100);
	memcpy(buf + 2, pairs + 2 * (frac % 100), 2);
	while (buf[n - 1] == '0')
		n--;
	text_put(t, buf, n);
}

/*
 * The digits by integer arithmetic when the value is well away from a tie,
 * else printf decides: it rounds the exact binary value.
 */
void text_g(struct text *t, double v, unsigned int digits)
{
	static const double power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	unsigned int before = 1, decimals;
	double scaled, rest;
	uint64_t n;
	char buf[24], *end = buf + sizeof(buf), *p;

	if (!(v >= 1 && v < power[digits])) {
		text_printf(t, "%.*g", (int)digits, v);
		return;
	}
	while (v >= power[before])
		before++;
	decimals = digits - before;
	scaled = v * power[decimals];
	rest = scaled - (double)(uint64_t)scaled;
	n = (uint64_t)scaled + (rest > 0.5);
	if ((rest > 0.49999 && rest < 0.50001) || n >= (uint64_t)power[digits]) {
		text_printf(t, "%.*g", (int)digits, v);
		return;
	}
	while (decimals && n % 10 == 0) {
		n /= 10;
		decimals--;
	}
	p = digits_before(end, n);
	text_put(t, p, (size_t)(end - p) - decimals);
	if (!decimals)
		return;
	text_char(t, '.');
	text_put(t, end - decimals, decimals);
}

void text_f0(struct text *t, double v)
{
	uint64_t n = v < 1e18 ? (uint64_t)v : 0;
	double rest = v - (double)n;

	if (v < 1e18)
		text_u64(t,
			 n + (rest > 0.5 || (rest == 0.5 && n & 1))); /* to even at a tie, as printf does */
	else
		text_printf(t, "%.0f", v);
}

/* @v in two digits. */
static char *put_pair(char *d, unsigned int v, char behind)
{
	memcpy(d, pairs + 2 * (v % 100), 2);
	d[2] = behind;
	return d + 3;
}

enum { TIME_LEN = sizeof("1970-01-01T00:00:00.000000Z") - 1 };

/* Without printf(), as streams of events have one in each record. The year has four digits. */
static void put_time(char *d, const struct tm *tm, unsigned int us)
{
	d = put_pair(d, (unsigned int)tm->tm_year / 100 + 19, '-') - 1;
	d = put_pair(d, (unsigned int)tm->tm_year % 100, '-');
	d = put_pair(d, (unsigned int)tm->tm_mon + 1, '-');
	d = put_pair(d, (unsigned int)tm->tm_mday, 'T');
	d = put_pair(d, (unsigned int)tm->tm_hour, ':');
	d = put_pair(d, (unsigned int)tm->tm_min, ':');
	d = put_pair(d, (unsigned int)tm->tm_sec, '.');
	d = put_pair(d, us / 10000, '0') - 1;
	d = put_pair(d, us / 100, '0') - 1;
	(void)put_pair(d, us, 'Z');
}

void text_time(struct text *t, uint64_t us)
{
	/* The second before is most often the same one. */
	static _Thread_local struct tm tm;
	static _Thread_local time_t known = -1;
	const time_t seconds = (time_t)(us / 1000000);
	char *d;

	if (seconds != known && !gmtime_r(&seconds, &tm)) {
		known = -1;
		text_fail(t);
		return;
	}
	known = seconds;
	if (tm.tm_year + 1900 < 10000 && (d = text_room(t, TIME_LEN))) {
		put_time(d, &tm, (unsigned int)(us % 1000000));
		t->len += TIME_LEN;
		return;
	}
	text_printf(t, "%04lld-%02d-%02dT%02d:%02d:%02d.%06uZ", (long long)tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned int)(us % 1000000));
}

void text_ipv4(struct text *t, const uint8_t *addr)
{
	char *start = text_room(t, 15), *d = start;

	if (!d)
		return;
	for (int i = 0; i < 4; i++) {
		unsigned int b = addr[i];

		if (b >= 100) {
			*d++ = (char)('0' + b / 100);
			memcpy(d, pairs + 2 * (b % 100), 2);
			d += 2;
		} else if (b >= 10) {
			memcpy(d, pairs + 2 * b, 2);
			d += 2;
		} else {
			*d++ = (char)('0' + b);
		}
		if (i < 3)
			*d++ = '.';
	}
	t->len += (size_t)(d - start);
}

void text_ipv6(struct text *t, const uint8_t *addr)
{
	char buf[INET6_ADDRSTRLEN];

	if (inet_ntop(AF_INET6, addr, buf, sizeof(buf)))
		text_str(t, buf);
}
