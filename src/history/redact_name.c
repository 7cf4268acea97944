/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What stands for a name: a label and digits that depend on the name alone, so that a process, its unit and
 * its file that are called the same have the same digits. */

#include "base/cleanup.h"
#include "history/redact_impl.h"

enum { DIGITS = 10, DIGIT_BITS = 5, HASHED_MAX = 64 };

/* What systemd calls the kinds of units. */
static const char *const suffixes[] = {
	".service", ".scope", ".slice", ".socket", ".mount", ".timer", ".path", ".target", ".device", ".swap",
};

uint64_t redact_number(const struct redact *r, enum redact_as as, const void *p, size_t n)
{
	uint8_t bytes[1 + HASHED_MAX] = { (uint8_t)as };

	n = n < HASHED_MAX ? n : HASHED_MAX;
	if (n)
		memcpy(bytes + 1, p, n);
	return siphash(r->key, bytes, 1 + n);
}

void redact_name(const struct redact *r, const char *label, struct sv s, struct text *t)
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789";
	uint64_t n = siphash(r->key, s.p ? s.p : "", s.len);
	uint8_t bytes[8];

	if (!s.len)
		return;
	memcpy(bytes, &n, sizeof(bytes));
	n = redact_number(r, REDACT_AS_NAME, bytes, sizeof(bytes));
	text_str(t, label);
	for (int i = 0; i < DIGITS; i++, n >>= DIGIT_BITS)
		text_char(t, digits[n & ((1 << DIGIT_BITS) - 1)]);
}

static struct sv suffix_of(struct sv s)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		struct sv x = sv(suffixes[i]);

		if (s.len > x.len && sv_eq(sv_from(s, s.len - x.len), x))
			return x;
	}
	return (struct sv){};
}

static void put_part(const struct redact *r, struct sv part, struct text *t)
{
	struct sv suffix = suffix_of(part);

	if (sv_is(part, ".") || sv_is(part, "..")) {
		text_sv(t, part);
		return;
	}
	redact_name(r, "x-", sv_first(part, part.len - suffix.len), t);
	text_sv(t, suffix);
}

void redact_path(const struct redact *r, struct sv s, struct text *t)
{
	while (s.p) {
		put_part(r, sv_take(&s, '/'), t);
		if (s.p)
			text_char(t, '/');
	}
}
