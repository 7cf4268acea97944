/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/shown.h"

bool shown_unix_name(struct text *t, const struct row *row)
{
	struct sv s = row_bytes(row, SEG_UNIX_NAME);

	if (!s.len || s.p[0])
		return false;
	for (size_t i = 0; i < s.len; i++)
		text_char(t, s.p[i] ? s.p[i] : '@');
	return true;
}
