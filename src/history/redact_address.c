/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Each bit of an address is turned over, or not, by a keyed hash of the bits before it. So the first n bits
 * afterwards depend on the first n bits only, and no two prefixes become one (Xu, Fan, Ammar, Moon:
 * "Prefix-preserving IP address anonymization", 2002).
 *
 * That a range stays itself means that no bit on the way to it is turned over. So of a public address that
 * differs from such a range in its bit n only, the first n bits are known.
 */

#include <string.h>

#include "base/cleanup.h"
#include "history/redact_impl.h"

struct range {
	uint8_t addr[16];
	uint8_t bits; /* of it that make the range */
	uint8_t kept; /* of an address in it that stay, if more */
};

static const struct range v4_ranges[] = {
	{ { 0 }, 32, 0 },        { { 10 }, 8, 0 },
	{ { 100, 64 }, 10, 0 },  { { 127 }, 8, 32 },
	{ { 169, 254 }, 16, 0 }, { { 172, 16 }, 12, 0 },
	{ { 192, 168 }, 16, 0 }, { { 224 }, 4, 0 },
	{ { 240 }, 4, 0 },       { { 255, 255, 255, 255 }, 32, 0 },
};

/* In the last two, an IPv4 address follows. */
static const struct range v6_ranges[] = {
	{ { 0 }, 128, 0 },
	{ { [15] = 1 }, 128, 0 },
	{ { 0xfc }, 8, 0 },
	{ { 0xfd }, 8, 0 },
	{ { 0xfe, 0x80 }, 10, 64 },
	{ { 0xff }, 8, 16 },
	{ { [10] = 0xff, 0xff }, 96, 96 },
	{ { 0, 0x64, 0xff, 0x9b }, 96, 96 },
};

enum { V6_RANGES_WITH_V4 = 2 };

void redact_mask(uint8_t *addr, size_t n, unsigned int bits)
{
	for (size_t i = 0; i<n; i++, bits = bits> 8 ? bits - 8 : 0)
		addr[i] &= bits >= 8 ? 0xff : (uint8_t) ~(0xff >> bits);
}

/* How many bits are the same from the first on. */
static unsigned int common(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int n = 0;

	while (n < bits && !((a[n / 8] ^ b[n / 8]) & 0x80 >> n % 8))
		n++;
	return n;
}

/* Where the bits begin that may be turned over, and whether there is a bit in its path that may not. */
static void find_fixed(const uint8_t *addr, const struct range *ranges, size_t n, uint8_t is_fixed[16])
{
	memset(is_fixed, 0, 16);
	for (size_t i = 0; i < n; i++) {
		const struct range *x = &ranges[i];
		unsigned int same = common(addr, x->addr, x->bits), until = same + 1;

		if (same == x->bits)
			until = x->kept > x->bits ? x->kept : x->bits;
		for (unsigned int k = 0; k < until; k++)
			is_fixed[k / 8] |= (uint8_t)(0x80 >> k % 8);
	}
}

/* Turns the bits over of an address of @n bytes. */
static void turn(const struct redact *r, uint8_t *addr, size_t n, const uint8_t is_fixed[16])
{
	uint8_t hashed[18], to[16];

	memcpy(to, addr, n);
	for (unsigned int i = 0; i < 8 * n; i++) {
		if (is_fixed[i / 8] & 0x80 >> i % 8)
			continue;
		memset(hashed, 0, sizeof(hashed));
		memcpy(hashed, addr, n);
		redact_mask(hashed, n, i);
		hashed[16] = (uint8_t)i;
		hashed[17] = (uint8_t)n;
		if (redact_number(r, REDACT_AS_BIT, hashed, sizeof(hashed)) & 1)
			to[i / 8] ^= (uint8_t)(0x80 >> i % 8);
	}
	memcpy(addr, to, n);
}

/* The place where it is remembered what became of @addr. */
static struct redact_known *known(struct redact *r, const uint8_t addr[16])
{
	uint64_t h = siphash(r->key, addr, 16);

	return &r->known[h % REDACT_CACHE];
}

static void turn_v4(struct redact *r, uint8_t addr[4])
{
	uint8_t is_fixed[16];

	find_fixed(addr, v4_ranges, ARRAY_SIZE(v4_ranges), is_fixed);
	turn(r, addr, 4, is_fixed);
}

static void turn_v6(struct redact *r, uint8_t addr[16])
{
	uint8_t is_fixed[16];

	for (size_t i = ARRAY_SIZE(v6_ranges) - V6_RANGES_WITH_V4; i < ARRAY_SIZE(v6_ranges); i++) {
		if (memcmp(addr, v6_ranges[i].addr, 12) != 0)
			continue;
		turn_v4(r, addr + 12);
		return;
	}
	find_fixed(addr, v6_ranges, ARRAY_SIZE(v6_ranges), is_fixed);
	turn(r, addr, 16, is_fixed);
}

void redact_v6(struct redact *r, uint8_t addr[16])
{
	struct redact_known *k = known(r, addr);

	if (!k->is_set || memcmp(k->from, addr, 16) != 0) {
		memcpy(k->from, addr, 16);
		memcpy(k->to, addr, 16);
		turn_v6(r, k->to);
		k->is_set = true;
	}
	memcpy(addr, k->to, 16);
}

void redact_v4(struct redact *r, uint8_t addr[4])
{
	uint8_t mapped[16] = { [10] = 0xff, 0xff };

	memcpy(mapped + 12, addr, 4);
	redact_v6(r, mapped);
	memcpy(addr, mapped + 12, 4);
}
