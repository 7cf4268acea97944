/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/siphash.h"

#include <endian.h>
#include <string.h>

enum { ROUNDS = 2, LAST_ROUNDS = 4, WORD = 8 };

static uint64_t rotate(uint64_t v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

static uint64_t load(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static void mix(uint64_t v[4], int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, ROUNDS);
	v[0] ^= word;
}

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const void *p, size_t n)
{
	uint64_t k0 = load(key), k1 = load(key + WORD);
	uint64_t v[4] = { k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
			  k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) };
	uint8_t last[WORD] = {};
	const uint8_t *at = p;
	size_t left = n;

	for (; left >= WORD; left -= WORD, at += WORD)
		take(v, load(at));
	if (left)
		memcpy(last, at, left);
	last[WORD - 1] = (uint8_t)n;
	take(v, load(last));
	v[2] ^= 0xff;
	mix(v, LAST_ROUNDS);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
