/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/num.h"

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

bool num_read(struct sv s, unsigned int base, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (base == 0 || base == 16) {
		bool has_prefix = s.len > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');

		if (has_prefix)
			s = sv_from(s, 2);
		if (base == 0)
			base = has_prefix ? 16 : s.len > 1 && s.p[0] == '0' ? 8 : 10;
	}
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned int d = digit(s.p[i]);

		if (d >= base || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			return false;
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

bool num_read_bits(struct sv s, uint64_t *ret)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'F')
			return false;
	return s.len == 16 && s.p[1] != 'x' && num_read(s, 16, UINT64_MAX, ret);
}
