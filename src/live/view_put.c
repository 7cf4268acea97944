/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/view_impl.h"

unsigned int view_put(struct live_grid *g, unsigned int y, unsigned int x, enum role role, const char *s)
{
	return x + live_grid_put(g, &(struct live_at){ .y = y, .x = x, .role = role }, sv(s));
}

void view_spark(const struct known *k, double most, size_t width, bool is_utf8, struct text *t)
{
	static const char *const utf8[] = { " ",
					    "\xe2\x96\x81",
					    "\xe2\x96\x82",
					    "\xe2\x96\x83",
					    "\xe2\x96\x84",
					    "\xe2\x96\x85",
					    "\xe2\x96\x86",
					    "\xe2\x96\x87",
					    "\xe2\x96\x88" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
	size_t each = (KNOWN_HISTORY - 4 + width - 1) / width;

	for (size_t i = width; i-- > 0;) {
		double high = 0;
		size_t level;

		for (size_t s = 0; s < each; s++) {
			double x = known_history(k, i * each + s);

			high = x > high ? x : high;
		}
		level = high >= 1 && most >= 1 ? 1 + (size_t)(7 * high / most) : 0;
		text_str(t, (is_utf8 ? utf8 : ascii)[level > 8 ? 8 : level]);
	}
}
