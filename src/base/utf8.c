/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/utf8.h"

#include "base/cleanup.h"
#include "base/utf8_widths.h"

size_t utf8_next(struct sv s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t b = (uint8_t)s.p[0];
	size_t len = b < 0x80                ? 1
		     : b >= 0xc2 && b < 0xe0 ? 2
		     : b >= 0xe0 && b < 0xf0 ? 3
		     : b >= 0xf0 && b < 0xf5 ? 4
					     : 0;
	uint32_t c = len == 1 ? b : b & (0x7fu >> len);

	*ret = UTF8_BAD;
	if (!len || len > s.len)
		return 1;
	for (size_t i = 1; i < len; i++) {
		if (((uint8_t)s.p[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | ((uint8_t)s.p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 1;
	*ret = c;
	return len;
}

static bool in(const struct range *r, size_t n, uint32_t c)
{
	size_t lo = 0;

	while (lo < n) {
		size_t mid = (lo + n) / 2;

		if (c > r[mid].to)
			lo = mid + 1;
		else if (c < r[mid].from)
			n = mid;
		else
			return true;
	}
	return false;
}

/* Each byte of a word the same. */
static const uint64_t ONES = UINT64_C(0x0101010101010101);

/* How many bytes at the front of @s are printable ASCII, as most are; but for the last few, eight at a time.
 */
static size_t count_ascii(struct sv s)
{
	size_t n = 0;

	for (; s.len - n >= 8; n += 8) {
		uint64_t w, del;

		memcpy(&w, s.p + n, sizeof(w));
		del = w ^ 0x7f * ONES;
		/* A byte above 0x7f, below 0x20, or 0x7f. */
		if ((w | (w - 0x20 * ONES) | (del - ONES)) & 0x80 * ONES)
			break;
	}
	while (n < s.len && (unsigned char)s.p[n] - 0x20u < 0x5f)
		n++;
	return n;
}

size_t utf8_width(struct sv s)
{
	size_t width = 0;

	while (s.len) {
		size_t n = count_ascii(s);
		uint32_t c;

		width += n;
		s = sv_from(s, n);
		if (!s.len)
			break;
		s = sv_from(s, utf8_next(s, &c));
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || in(zero_width, ARRAY_SIZE(zero_width), c))
			continue;
		width += c != UTF8_BAD && in(wide, ARRAY_SIZE(wide), c) ? 2 : 1;
	}
	return width;
}

bool utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* ASCII that is not shown as it is, a bit each. */
struct special {
	uint64_t bits[2];
	bool is_plain; /* nothing that is printable */
};

static struct special special_with(const char *escape)
{
	struct special x = { { 0xffffffff, UINT64_C(1) << 63 },
			     .is_plain = !*escape }; /* control characters */

	for (; *escape; escape++)
		x.bits[*escape >> 6 & 1] |= UINT64_C(1) << (*escape & 63);
	return x;
}

/* How many bytes at the front of @s are shown as they are, as most are. */
static size_t count_plain(struct sv s, const struct special *x)
{
	size_t n = x->is_plain ? count_ascii(s) : 0;

	while (n < s.len && (uint8_t)s.p[n] < 0x80 && !(x->bits[s.p[n] >> 6] >> (s.p[n] & 63) & 1))
		n++;
	return n;
}

void utf8_put_safe(struct text *t, struct sv s, const char *escape)
{
	const struct special special = special_with(escape);

	while (s.len) {
		uint32_t c;
		size_t n = count_plain(s, &special);

		text_put(t, s.p, n);
		s = sv_from(s, n);
		if (!s.len)
			return;
		n = utf8_next(s, &c);
		if (c == UTF8_BAD)
			text_char(t, '?');
		else if (utf8_is_control(c))
			text_char(t, '.');
		else if (c < 0x80)
			text_put(t, (char[]){ '\\', (char)c }, 2);
		else
			text_put(t, s.p, n);
		s = sv_from(s, n);
	}
}

size_t utf8_make_safe(char *p, size_t len)
{
	const struct special special = special_with("");
	struct sv rest = sv_n(p, len);
	char *d = p;

	for (;;) {
		size_t n = count_plain(rest, &special);
		uint32_t c;

		if (d != rest.p)
			memmove(d, rest.p, n);
		d += n;
		rest = sv_from(rest, n);
		if (!rest.len)
			return (size_t)(d - p);
		n = utf8_next(rest, &c);
		if (c == UTF8_BAD || utf8_is_control(c)) {
			*d++ = c == UTF8_BAD ? '?' : '.';
		} else {
			memmove(d, rest.p, n);
			d += n;
		}
		rest = sv_from(rest, n);
	}
}
