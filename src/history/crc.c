/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/crc.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>

enum { POLYNOMIAL = 0x82f63b78, WAYS = 8 };

static uint32_t table[WAYS][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? (uint32_t)POLYNOMIAL : 0);
		table[0][i] = v;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int k = 1; k < WAYS; k++)
			table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
}

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint32_t v = ~crc;

	(void)pthread_once(&once, make_table);
	for (; n >= WAYS; n -= WAYS, b += WAYS) {
		uint64_t w;

		memcpy(&w, b, sizeof(w));
		w = le64toh(w) ^ v;
		v = 0;
		for (int k = 0; k < WAYS; k++)
			v ^= table[WAYS - 1 - k][w >> 8 * k & 0xff];
	}
	for (; n; n--)
		v = v >> 8 ^ table[0][(v ^ *b++) & 0xff];
	return ~v;
}
