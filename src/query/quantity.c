/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/quantity.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/num.h"

enum { FRACTION_MAX = 9 };

struct unit {
	const char *name;
	uint64_t mul;
	uint64_t div;
};

/* In microseconds. */
static const struct unit times[] = {
	{ "us", 1, 1 },       { "\xc2\xb5s", 1, 1 },  { "ms", 1000, 1 },      { "s", 1000000, 1 },
	{ "m", 60000000, 1 }, { "min", 60000000, 1 }, { "h", 3600000000, 1 }, { "d", 86400000000, 1 },
};

/* In bytes. */
static const struct unit sizes[] = {
	{ "B", 1, 1 },
	{ "K", 1 << 10, 1 },
	{ "k", 1 << 10, 1 },
	{ "KiB", 1 << 10, 1 },
	{ "kB", 1000, 1 },
	{ "KB", 1000, 1 },
	{ "M", 1 << 20, 1 },
	{ "MiB", 1 << 20, 1 },
	{ "MB", 1000000, 1 },
	{ "G", 1 << 30, 1 },
	{ "GiB", 1 << 30, 1 },
	{ "GB", 1000000000, 1 },
	{ "T", UINT64_C(1) << 40, 1 },
	{ "TiB", UINT64_C(1) << 40, 1 },
	{ "TB", 1000000000000, 1 },
};

/* Of bits, in bytes; "/s" or "ps" may follow. */
static const struct unit bits[] = {
	{ "bit", 1, 8 },        { "kbit", 1000, 8 },       { "Kbit", 1000, 8 },
	{ "Mbit", 1000000, 8 }, { "Gbit", 1000000000, 8 }, { "Tbit", 1000000000000, 8 },
	{ "b", 1, 8 },          { "kb", 1000, 8 },         { "Kb", 1000, 8 },
	{ "Mb", 1000000, 8 },   { "Gb", 1000000000, 8 },
};

/* In parts of SHARE_ONE. */
static const struct unit shares[] = { { "%", SHARE_ONE / 100, 1 } };

uint64_t quantity_one(enum type type)
{
	return type == T_SHARE ? SHARE_ONE : type == T_RATE ? RATE_ONE : 1;
}

double quantity_scale(enum type from, enum type to)
{
	const uint32_t numbers = 1u << T_UINT | 1u << T_INT | 1u << T_BYTES | 1u << T_BYTES_S | 1u << T_USEC |
				 1u << T_PORT | 1u << T_RATE | 1u << T_SHARE;
	double scale = 1;

	if (from == T_MSEC) {
		from = T_USEC;
		scale *= 1000;
	}
	if (to == T_MSEC) {
		to = T_USEC;
		scale /= 1000;
	}
	return from == to && numbers >> from & 1 ? scale : -1;
}

static bool find_unit(const struct unit *v, size_t n, struct sv name, struct unit *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (sv_is(name, v[i].name)) {
			*ret = v[i];
			return true;
		}
	}
	return false;
}

static bool find_rate(struct sv name, struct unit *ret)
{
	struct sv head = sv_first(name, name.len > 2 ? name.len - 2 : 0), tail = sv_from(name, head.len);
	bool is_by = sv_is(tail, "/s"), is_per = sv_is(tail, "ps");
	bool has_unit;

	if (!is_by && !is_per)
		head = name;
	has_unit = find_unit(bits, ARRAY_SIZE(bits), head, ret);
	/* "Mb" is too easily a megabyte, "Mbps" is not. */
	if (has_unit && !is_per && head.p[head.len - 1] == 'b')
		return false;
	return has_unit || (!is_per && find_unit(sizes, ARRAY_SIZE(sizes), head, ret));
}

static bool unit_of(enum type type, struct sv name, struct unit *ret)
{
	bool is_found;

	*ret = (struct unit){ "", quantity_one(type), 1 };
	if (!name.len)
		return true;
	switch (type) {
	case T_USEC: return find_unit(times, ARRAY_SIZE(times), name, ret);
	case T_MSEC:
		is_found = find_unit(times, ARRAY_SIZE(times), name, ret);
		ret->div = 1000;
		return is_found;
	case T_BYTES: return find_unit(sizes, ARRAY_SIZE(sizes), name, ret);
	case T_BYTES_S: return find_rate(name, ret);
	case T_SHARE: return find_unit(shares, ARRAY_SIZE(shares), name, ret);
	default: return false;
	}
}

/* Takes "123.45" off @s: the digits as a number, and how many of them are behind the point. */
static bool take_digits(struct sv *s, uint64_t *ret, unsigned int *ret_places)
{
	bool has_point = false, has_digit = false;
	unsigned int places = 0;
	uint64_t v = 0;
	size_t i = 0;

	for (; i < s->len; i++) {
		char c = s->p[i];

		if (c == '.' && !has_point && has_digit) {
			has_point = true;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		has_digit = true;
		places += has_point;
		if (places > FRACTION_MAX || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
			return false;
	}
	*s = sv_from(*s, i);
	*ret = v;
	*ret_places = places;
	return has_digit && (!has_point || places);
}

/* A number below zero: as tests compare it (filter_number()). */
static int read_signed(struct sv s, struct quantity *ret)
{
	bool is_negative = s.len && s.p[0] == '-';
	uint64_t v;

	if (!num_read(is_negative ? sv_from(s, 1) : s, 10, (uint64_t)INT64_MAX, &v))
		return -EINVAL;
	*ret = (struct quantity){ (is_negative ? 0 - v : v) ^ UINT64_C(1) << 63, true };
	return 0;
}

int quantity_read(enum type type, struct sv s, struct sv like, struct quantity *ret)
{
	unsigned int places, unused;
	uint64_t v, total, den;
	struct unit unit;

	if (type == T_INT)
		return read_signed(s, ret);
	if (quantity_one(type) == 1 && s.len > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X')) {
		*ret = (struct quantity){ .is_exact = true };
		return num_read(s, 16, UINT64_MAX, &ret->n) ? 0 : -EINVAL;
	}
	if (!s.len || s.p[0] < '0' || s.p[0] > '9')
		return -EINVAL;
	if (!take_digits(&s, &v, &places))
		return -ERANGE;
	if (!s.len && take_digits(&like, &total, &unused))
		s = like;
	if (!unit_of(type, s, &unit) || (places && !s.len && quantity_one(type) == 1))
		return -EINVAL;
	den = unit.div;
	for (; places; places--)
		if (__builtin_mul_overflow(den, 10, &den))
			return -ERANGE;
	if (__builtin_mul_overflow(v, unit.mul, &total))
		return -ERANGE;
	*ret = (struct quantity){ total / den, total % den == 0 };
	return 0;
}

const char *quantity_error(enum type type)
{
	switch (type) {
	case T_USEC:
	case T_MSEC: return "not a time: use us, ms, s, m, h or d";
	case T_BYTES: return "not a size: use a number of bytes, or K, M, G (of 1024), kB, MB, GB (of 1000)";
	case T_BYTES_S: return "not a rate: use bytes a second, or kB/s, MB/s, KiB/s, kbit, Mbit, Gbit";
	case T_SHARE: return "not a share: use a number like 0.8, or 80%";
	default: return "not a number";
	}
}

const char *quantity_unit(enum type type)
{
	return type == T_USEC ? "us" : type == T_MSEC ? "ms" : "";
}
