/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The fast number formatters against printf(), which they must equal. */

#include <stdint.h>

#include "base/text.h"
#include "check.h"

static const char *done(struct text *t)
{
	text_char(t, '\0');
	t->len = 0;
	return t->p;
}

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 16;
}

static void check_one(struct text *t, uint64_t v)
{
	char want[64];
	double d = (double)v / 7;

	text_u64(t, v);
	snprintf(want, sizeof(want), "%llu", (unsigned long long)v);
	CHECK_STR(done(t), want);

	text_i64(t, -(int64_t)v);
	snprintf(want, sizeof(want), "%lld", -(long long)v);
	CHECK_STR(done(t), want);

	text_hex(t, v);
	snprintf(want, sizeof(want), "%llx", (unsigned long long)v);
	CHECK_STR(done(t), want);

	text_g_milli(t, v);
	snprintf(want, sizeof(want), "%g", (double)v / 1000);
	CHECK_STR(done(t), want);

	text_g(t, d, 3);
	snprintf(want, sizeof(want), "%.3g", d);
	CHECK_STR(done(t), want);

	text_g(t, (double)v / 1000, 3);
	snprintf(want, sizeof(want), "%.3g", (double)v / 1000);
	CHECK_STR(done(t), want);

	text_g(t, (double)v / 256, 6);
	snprintf(want, sizeof(want), "%g", (double)v / 256);
	CHECK_STR(done(t), want);

	text_g(t, d, 6);
	snprintf(want, sizeof(want), "%g", d);
	CHECK_STR(done(t), want);
}

int main(void)
{
	struct text t = {};
	uint64_t seed = 1;

	for (uint64_t v = 0; v < 20000; v++)
		check_one(&t, v);
	for (int i = 0; i < 200000; i++)
		check_one(&t, next(&seed) >> (next(&seed) % 47));
	for (int i = 0; i < 100000; i++) {
		uint64_t ties = next(&seed) % 2000000;

		check_one(&t, ties * 5);
	}
	text_ipv4(&t, (const uint8_t[]){ 192, 0, 2, 255 });
	CHECK_STR(done(&t), "192.0.2.255");
	text_ipv4(&t, (const uint8_t[]){ 0, 10, 100, 9 });
	CHECK_STR(done(&t), "0.10.100.9");
	text_ipv6(&t, (const uint8_t[16]){ [15] = 1 });
	CHECK_STR(done(&t), "::1");
	text_done(&t);
	return 0;
}
