/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/facts.h"

enum { LENGTH_BYTES = 5 }; /* of LEB128, for 32 bits */

void fact_key_add(struct fact_key *k, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width && k->len < sizeof(k->p); i++, v >>= 8)
		k->p[k->len++] = (uint8_t)v;
}

void fact_key_add_word(struct fact_key *k, struct sv word)
{
	size_t n = word.len < sizeof(k->p) - k->len ? word.len : sizeof(k->p) - k->len;

	if (n)
		memcpy(k->p + k->len, word.p, n);
	k->len += n;
}

uint64_t fact_key_take(struct sv *key, size_t width)
{
	uint64_t v = fact_u64(sv_first(*key, width));

	v = key->len < width ? 0 : v;
	*key = sv_from(*key, width);
	return v;
}

struct fact_key fact_key_u32(uint32_t v)
{
	struct fact_key k = {};

	fact_key_add(&k, v, 4);
	return k;
}

struct fact_key fact_key_u64(uint64_t v)
{
	struct fact_key k = {};

	fact_key_add(&k, v, 8);
	return k;
}

struct fact_key fact_key_named(uint32_t v, const char *word)
{
	struct fact_key k = fact_key_u32(v);

	fact_key_add_word(&k, sv(word));
	return k;
}

void fact_add(struct text *t, uint8_t member, struct sv s)
{
	size_t len = s.len;

	text_char(t, (char)member);
	for (; len >= 0x80; len >>= 7)
		text_char(t, (char)(len | 0x80));
	text_char(t, (char)len);
	text_sv(t, s);
}

void fact_add_u64(struct text *t, uint8_t member, uint64_t v)
{
	uint8_t bytes[8];
	size_t n = 0;

	for (; v; v >>= 8)
		bytes[n++] = (uint8_t)v;
	fact_add(t, member, sv_n(bytes, n));
}

bool fact_take(struct sv *rest, uint8_t *ret_member, struct sv *ret)
{
	struct sv s = sv_from(*rest, 1);
	uint64_t len = 0;
	size_t i = 0;

	if (!rest->len)
		return false;
	for (;; i++) {
		if (i == s.len || i == LENGTH_BYTES)
			return false;
		len |= (uint64_t)((uint8_t)s.p[i] & 0x7f) << 7 * i;
		if (!((uint8_t)s.p[i] & 0x80))
			break;
	}
	s = sv_from(s, i + 1);
	if (len > s.len)
		return false;
	*ret_member = (uint8_t)rest->p[0];
	*ret = sv_first(s, (size_t)len);
	*rest = sv_from(s, (size_t)len);
	return true;
}

struct sv fact_member(struct sv value, uint8_t member)
{
	uint8_t found;
	struct sv s;

	while (fact_take(&value, &found, &s))
		if (found == member)
			return s;
	return (struct sv){};
}

uint64_t fact_u64(struct sv s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.len && i < 8; i++)
		v |= (uint64_t)(uint8_t)s.p[i] << 8 * i;
	return v;
}
